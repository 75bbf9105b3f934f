// What a JSON Schema says against a file of settings, in words for who wrote it, each where it stands.
import type { ErrorObject } from 'ajv';
import { fromPointer } from '../json/json.ts';
import { closestName } from '../suggest-name.ts';
import { shorten } from '../text.ts';
import type { Mistake, Place } from './yaml-places.ts';

/** An error of ajv, compiled with `verbose`. `name` is the field's, or that of an entry in a list or mapping. */
export function explainForm(error: ErrorObject, root: Place): Mistake {
  const segments = fromPointer(error.instancePath);
  const { place, offset } = placeAt(root, segments);
  const name = segments.findLast((segment) => !/^\d+$/.test(segment)) ?? 'the file';
  const said = (message: string) => ({ offset, message: `${name}: ${message}` });
  const { params } = error;
  switch (error.keyword) {
    case 'required':
      return { offset, message: `${params['missingProperty']} is missing: ${describe(error)}` };
    case 'additionalProperties': {
      const unknown = String(params['additionalProperty']);
      const entry = place.entries?.find((one) => one.name === unknown);
      const known = Object.keys(error.parentSchema?.['properties'] ?? {});
      const nearest = closestName(unknown, known);
      const hint = nearest === null ? `expected ${known.join(', ')}` : `did you mean ${nearest}?`;
      const message = `unknown field ${shown(unknown)}; ${hint}`;
      return { offset: entry?.offset ?? offset, message };
    }
    case 'enum': {
      const allowed = error.schema as readonly string[];
      const nearest = typeof error.data === 'string' ? closestName(error.data, allowed) : null;
      const hint =
        nearest === null ? `expected one of ${allowed.join(', ')}` : `did you mean ${nearest}?`;
      return said(`unknown ${shown(error.data)}; ${hint}`);
    }
    case 'type':
      return said(`expected ${typeWords(error.schema)}, found ${found(error)}`);
    default:
      return said(`${error.message}, found ${shown(error.data)}`);
  }
}

const wordOfType: Readonly<Record<string, string>> = {
  object: 'fields',
  array: 'a list',
  string: 'a text',
  integer: 'a whole number',
  boolean: 'true or false',
};

function typeWords(types: unknown): string {
  // `null` stands for nothing written, which nobody is told to write.
  const words = [types].flat().flatMap((type) => wordOfType[String(type)] ?? []);
  return words.join(' or ');
}

function describe({ params, parentSchema }: ErrorObject): string {
  const properties: Readonly<Record<string, { readonly description?: string }>> =
    parentSchema?.['properties'] ?? {};
  return properties[params['missingProperty']]?.description ?? '';
}

/** Where an entry of a mapping begins, that is at its name. */
export function placeAt(
  root: Place,
  segments: readonly string[],
): { readonly place: Place; readonly offset: number } {
  let place = root;
  let { offset } = root;
  for (const segment of segments) {
    const entry = place.entries?.find(({ name }) => name === segment);
    const next = entry?.place ?? place.items?.[Number(segment)];
    if (next === undefined) break;
    place = next;
    offset = entry?.offset ?? next.offset;
  }
  return { place, offset };
}

/** A whole file that is one text is hardly the one that is meant: a link may lead to a password. */
function found({ instancePath, data }: ErrorObject): string {
  return instancePath === '' && typeof data === 'string' ? 'a text' : shown(data);
}

/** A value as a message repeats it. */
export function shown(value: unknown): string {
  return shorten(JSON.stringify(value) ?? 'nothing', 60);
}
