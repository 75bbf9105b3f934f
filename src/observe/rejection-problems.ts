// Refusals by the API, shown as problems of the file that declares the body.

import { ApiError } from '../base/errors.ts';
import type { WidgetDirectory } from '../documents/widget-directory.ts';
import type { Problem } from '../model/document.ts';
import { fieldName } from '../model/field-name.ts';
import type { Change } from '../model/plan.ts';
import type { SendFailure } from '../model/send-failure.ts';

const wholeFile = { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };

/** One problem for each field that the API named; none for any other failure. */
export function refusalProblems(
  change: Change,
  error: SendFailure,
  directory: Pick<WidgetDirectory, 'locate'>,
): Problem[] {
  if (!(error instanceof ApiError)) return [];
  return error.refusedFields.map(({ path, message }) => ({
    severity: 'error',
    code: 'refused-by-api',
    file: change.file,
    range: directory.locate(change.file, change.digest, path) ?? wholeFile,
    summary: path === '' ? 'the API refused this widget' : `the API refused ${fieldName(path)}`,
    detail: message,
  }));
}
