// A mapping read from a file → what the schema finds wrong with it, each finding saying what was
// expected, what was found and what to do. Pure; the schema is compiled once.
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { fromPointer, type Json } from '../../base/json/json.ts';
import { holdsRegistered } from '../../base/secrets.ts';
import { closestName } from '../../base/suggest-name.ts';
import type { Finding, Range } from '../../model/document.ts';
import type { ProblemCode } from '../../model/problem-codes.ts';
import { isUuid, readOnlyFields } from '../../model/widget.ts';
import { widgetSchema } from '../../model/widget-schema.ts';
import { errorAt, quoted, type Said, shownField } from '../parse/finding.ts';
import type { FileKind, ParsedFile } from '../parse/parse.ts';
import { explainFormat, explainNotAllowed, explainType } from './explain-value.ts';
import { awayFromKeys } from './find-secrets.ts';
import { lostTextFindings } from './lost-text-findings.ts';
import { parseInstant } from './parse-timestamp.ts';
import { isJsonPointer } from './sync-policy.ts';

// That the schema is one is shown by the tests: compiling what says so takes three times as long as the rest.
const ajv = new Ajv({
  allErrors: true,
  verbose: true,
  allowUnionTypes: true,
  meta: false,
  validateSchema: false,
  // A pass over the code that takes longer than it spares in thousands of files.
  code: { optimize: false },
});
ajv.addFormat('uuid', isUuid);
ajv.addFormat('date-or-time', (text: string) => parseInstant(text) !== null);
ajv.addFormat('json-pointer', isJsonPointer);
const acceptsWidget = ajv.compile(widgetSchema);

/** Made when the first fragment is read: most trees have none. */
let acceptsFragment: ValidateFunction | null = null;

function acceptorOf(kind: FileKind): ValidateFunction {
  if (kind === 'widget') return acceptsWidget;
  acceptsFragment ??= ajv.compile(fragmentSchema());
  return acceptsFragment;
}

/** A fragment declares what a widget file does, but for what is one widget's own; nothing is required of it. */
function fragmentSchema(): object {
  const { widget_id: _, omit: __, ...properties } = widgetSchema.properties;
  return { type: 'object', additionalProperties: false, properties };
}

/**
 * More would not be mended at a time, and finding the place of each in a file of 100,000 fields takes
 * minutes.
 */
const mostErrors = 100;

/** Finds what is wrong with a parsed file's fields, and nothing about values whose form was refused already. */
export function validate(file: ParsedFile, kind: FileKind): Finding[] {
  const { value } = file;
  if (value === null) return [];
  const accepts = acceptorOf(kind);
  accepts(value);
  const errors = onePerValue(accepts.errors ?? []).filter((error) => !isUnreadable(error, file));
  const lost = lostTextFindings(file, new Set(errors.map(({ instancePath }) => instancePath)));
  return [
    ...errors
      .filter(({ instancePath }) => !lost.settled.has(instancePath))
      .slice(0, mostErrors)
      .map((error) => explain(error, file, kind)),
    ...awayFromKeys(lost.findings, file),
  ];
}

/**
 * A value of the wrong type is often also "not among those allowed": one finding says both. What an `if` leads
 * to has its own error beside that of the `if`.
 */
function onePerValue(errors: readonly ErrorObject[]): ErrorObject[] {
  const notAllowed = new Set(
    errors.filter(({ keyword }) => keyword === 'enum').map(({ instancePath }) => instancePath),
  );
  return errors.filter(
    ({ keyword, instancePath }) =>
      keyword !== 'if' && (keyword !== 'type' || !notAllowed.has(instancePath)),
  );
}

function isUnreadable(error: ErrorObject, { unreadable }: ParsedFile): boolean {
  const pointer =
    error.keyword === 'required'
      ? `${error.instancePath}/${error.params['missingProperty']}`
      : error.instancePath;
  const segments = pointer.split('/');
  return segments.some((_, index) => unreadable.has(segments.slice(0, index + 1).join('/')));
}

function explain(error: ErrorObject, file: ParsedFile, kind: FileKind): Finding {
  const segments = fromPointer(error.instancePath);
  const at = file.place(error.instancePath, 'value');
  const found = error.data as Json;
  switch (error.keyword) {
    case 'required':
      return errorAt(at, 'missing-field', explainMissing(error.params['missingProperty']));
    case 'additionalProperties':
      return kind === 'fragment' && isOfWidgets(error)
        ? explainOfWidgets(error, file)
        : explainUnknown(
            [...segments, error.params['additionalProperty']],
            { ...error, kind },
            file,
          );
    case 'enum':
      return errorAt(
        at,
        'invalid-value',
        explainNotAllowed(segments, found, error.schema as Json[]),
      );
    case 'format':
      return errorAt(at, 'invalid-format', explainFormat(segments, found, error.schema));
    case 'type': {
      const expected = { type: error.schema, format: error.parentSchema?.['format'] };
      const written = writtenAt(at, found, file);
      return errorAt(at, 'wrong-type', explainType({ segments, found, written }, expected));
    }
    default:
      // The schema has grown a keyword that has no words here yet; the library's own must do.
      return errorAt(at, 'invalid-value', {
        summary: `${shownField(segments)} ${quoted(error.message ?? 'is not accepted')}`,
        detail: `See "${error.schemaPath}" in schemas/widget.schema.json.`,
      });
  }
}

/** The value as the file has it; but a key could be broken over two lines there, and not be recognised. */
function writtenAt({ start, end }: Range, found: Json, { source }: ParsedFile): string {
  if (holdsRegistered(JSON.stringify(found))) return JSON.stringify(found);
  return source.text.slice(source.offset(start), source.offset(end));
}

function explainMissing(name: string): Said {
  const properties: Readonly<Record<string, { readonly description: string }>> =
    widgetSchema.properties;
  return {
    summary: `${name} is missing`,
    detail: `Every widget file declares ${name}. ${properties[name]?.description ?? ''}`.trimEnd(),
  };
}

/** What a fragment may not say, and a widget file may. */
function isOfWidgets({ instancePath, params }: ErrorObject): boolean {
  return instancePath === '' && ['widget_id', 'omit'].includes(params['additionalProperty']);
}

function explainOfWidgets({ params }: ErrorObject, file: ParsedFile): Finding {
  const name = String(params['additionalProperty']);
  return errorAt(file.place(`/${name}`, 'key'), 'fragment-field', {
    summary: `a fragment cannot say ${name}`,
    detail:
      name === 'widget_id'
        ? 'Each widget has a file of its own that extends the fragment and says widget_id. Move it there.'
        : 'What is not wanted is omitted by the widget files themselves. Move it there, or leave the field out of the fragment that declares it.',
  });
}

function explainUnknown(
  segments: readonly string[],
  error: ErrorObject & { readonly kind: FileKind },
  file: ParsedFile,
): Finding {
  const name = segments.at(-1) ?? '';
  const escaped = name.replaceAll('~', '~0').replaceAll('/', '~1');
  const at = file.place(`${error.instancePath}/${escaped}`, 'key');
  const said = (summary: string, detail: string, code: ProblemCode) =>
    errorAt(at, code, { summary, detail });

  if (segments.length === 1 && readOnlyFields.includes(name)) {
    const [isId, isShared] = [name === 'id', error.kind === 'fragment'];
    const named = isShared
      ? 'each widget file says its widget_id'
      : 'the widget is named by widget_id';
    const detail = isId ? `Remove it; ${named}.` : 'It cannot be declared. Remove it.';
    return said(`${name} is set by the API`, detail, 'read-only-field');
  }
  if (segments.length === 1 && name.startsWith('x-')) {
    return said(`unknown field ${shownField(segments)}`, noPlaceToShare, 'unknown-field');
  }
  const known = Object.keys(error.parentSchema?.['properties'] ?? {});
  const nearest = closestName(name, known);
  const where =
    segments.length === 1
      ? 'The fields are'
      : `The fields of ${shownField(segments.slice(0, -1))} are`;
  return said(
    `unknown field ${shownField(segments)}`,
    nearest === null
      ? `${where} ${known.join(', ')}. Remove this one or correct its name.`
      : `Did you mean ${nearest}? Otherwise remove it.${lookAlikes(name)}`,
    'unknown-field',
  );
}

const noPlaceToShare =
  'No field begins with x-. Put what several files share into a fragment, a file such as _brand.yaml, and name it under extends. Within one file, let an anchor (&name) stand at the first field that has the value.';

/** A letter of another alphabet or a space of another kind looks like the one that is meant. */
function lookAlikes(name: string): string {
  const odd = [...new Set(name.match(/[^\x20-\x7e]/gu) ?? [])].slice(0, 5);
  if (odd.length === 0) return '';
  const codes = odd.map(
    (one) => `U+${(one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
  return ` It holds ${codes.join(', ')}, which no field's name has: a letter of another alphabet, or a sign that is not seen.`;
}
