// Refusals by the API, shown as problems of the file that declares the value: the widget's own, or a fragment.

import { ApiError } from '../base/errors.ts';
import { fromPointer, toPointer } from '../base/json/json.ts';
import type { ComposedFile } from '../documents/compose/composed-file.ts';
import type { WidgetDirectory } from '../documents/widget-directory.ts';
import type { Origin, Problem } from '../model/document.ts';
import { fieldName } from '../model/field-name.ts';
import type { Change } from '../model/plan.ts';
import type { SendFailure } from '../model/send-failure.ts';

const wholeFile = { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };

/** One problem for each field that the API named; none for any other failure. */
export function refusalProblems(
  change: Change,
  error: SendFailure,
  directory: Pick<WidgetDirectory, 'locate' | 'compose'>,
): Problem[] {
  if (!(error instanceof ApiError)) return [];
  return error.refusedFields.map(({ path, message }) => ({
    severity: 'error',
    code: 'refused-by-api',
    ...placeOf(change, path, directory),
    summary: path === '' ? 'the API refused this widget' : `the API refused ${fieldName(path)}`,
    detail: message,
  }));
}

function placeOf(
  { file, digest, ...change }: Change,
  path: string,
  directory: Pick<WidgetDirectory, 'locate' | 'compose'>,
): Pick<Problem, 'file' | 'range' | 'affects'> {
  const composed = change.extends === undefined ? null : directory.compose(file, digest);
  const origin = composed && originNear(composed, fromPointer(path));
  if (origin !== null && origin.file !== file) {
    return { file: origin.file, range: origin.range, affects: { count: 1, files: [file] } };
  }
  return { file, range: directory.locate(file, digest, path) ?? wholeFile };
}

/** Of the field, or of the nearest one around it that is declared: the API may name what is missing in it. */
function originNear(composed: ComposedFile, path: readonly string[]): Origin | null {
  if (path.length === 0) return null;
  return composed.origin(toPointer(path)) ?? originNear(composed, path.slice(0, -1));
}
