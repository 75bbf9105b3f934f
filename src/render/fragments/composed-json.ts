// A file with all that it inherits, for programs: `render --json`. The shape is a promise to scripts; keys are only
// ever added while `format_version` stays "1.0".
import type { Json } from '../../base/json/json.ts';
import type { Origin, Problem } from '../../model/document.ts';
import { type OriginJson, originJson } from '../plan-json.ts';
import { type Diagnostic, toDiagnostics } from '../problem-text.ts';
import { fileIn } from './fragment-words.ts';

/** A value that is no object with members, and where it stands. */
export interface PlacedValue {
  /** JSON Pointer into the body; `/sync` leads into what the body does not have. */
  readonly path: string;
  readonly value: Json;
  /** Null where the file has changed since. */
  readonly origin: (Origin & { readonly over: readonly Origin[] }) | null;
}

/** All files relative to the folder of the one that was asked for. */
export interface RenderedFile {
  readonly file: string;
  readonly kind: 'widget' | 'fragment';
  readonly widgetId: string | null;
  /** Of the body; null for a fragment, and beside an error. */
  readonly hash: string | null;
  /** None beside an error. */
  readonly values: readonly PlacedValue[];
  readonly problems: readonly Problem[];
}

/** All files as they are to be named from where the command runs. */
export interface RenderedFileJson {
  readonly file: string;
  readonly kind: RenderedFile['kind'];
  readonly valid: boolean;
  readonly widget_id: string | null;
  readonly hash: string | null;
  readonly fields: readonly PlacedValueJson[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface PlacedValueJson {
  readonly path: string;
  readonly value: Json;
  readonly origin: OriginJson | null;
  /** What it won over, the strongest first. */
  readonly over: readonly OriginJson[];
}

/** `folder`: of the file, as the user named it. */
export function renderedJson(rendered: RenderedFile, folder: string): RenderedFileJson {
  const { kind, widgetId, hash, values, problems } = rendered;
  const named = (origin: Origin) => originJson({ ...origin, file: fileIn(folder, origin.file) });
  const isValid = problems.every(({ severity }) => severity !== 'error');
  return {
    file: fileIn(folder, rendered.file),
    kind,
    valid: isValid,
    widget_id: widgetId,
    hash,
    fields: values.map(({ path, value, origin }) => ({
      path,
      value,
      origin: origin && named(origin),
      over: origin === null ? [] : origin.over.map(named),
    })),
    diagnostics: toDiagnostics(
      problems.map((problem) => ({ ...problem, file: fileIn(folder, problem.file) })),
    ),
  };
}

/** `_brand.yaml:4, over _base.yaml:9`; null where nothing is known. */
export function originNote({ origin }: Pick<PlacedValue, 'origin'>, folder: string): string | null {
  if (origin === null) return null;
  const named = ({ file, range }: Origin) => `${fileIn(folder, file)}:${range.start.line}`;
  const over = origin.over.map(named);
  return [named(origin), ...(over.length === 0 ? [] : [`over ${over.join(' and ')}`])].join(', ');
}
