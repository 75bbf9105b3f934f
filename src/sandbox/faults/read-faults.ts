// A fault file (YAML, and so JSON) → the plan that it states. Strict: whatever could be a slip is
// refused, all of it at once, with its line and what was expected there.
import { readFileSync, statSync } from 'node:fs';
import { UsageError } from '../../base/errors.ts';
import { closestName } from '../../base/suggest-name.ts';
import { printable, shorten } from '../../base/text.ts';
import { whyUnread } from '../../base/yaml/read-text-file.ts';
import type { Entry, Mistake, Place } from '../../base/yaml/yaml-places.ts';
import { readYaml } from '../../base/yaml/yaml-places.ts';
import { conditionFields, type Field, isFaultKind, kindFields, seedField } from './fault-fields.ts';
import type { FaultKind, FaultPlan, FaultRule } from './fault-rules.ts';
import { methodOfKind } from './fault-rules.ts';

/** Nothing of this kind that a person writes is longer. */
const largestFileBytes = 256 * 1024;

/** Throws `UsageError` with every mistake of the file, a line each. */
export function readFaults(path: string): FaultPlan {
  return parseFaults(readText(path), path);
}

function readText(path: string): string {
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) throw new Error('it is a directory');
    if (stats.size > largestFileBytes) throw new Error('it is larger than 256 KiB');
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    throw new UsageError(
      `--faults ${printable(path)}: expected a file of faults, but ${whyUnread(error)}`,
    );
  }
}

/** `file` names the text in messages only. Throws `UsageError`. */
export function parseFaults(text: string, file: string): FaultPlan {
  const { root, mistakes: misread, lineOf } = readYaml(text);
  const mistakes = [...misread];
  const plan = root === null ? null : planOf(root, mistakes);
  if (plan !== null && mistakes.length === 0) return plan;
  const told = mistakes
    .sort((a, b) => a.offset - b.offset)
    .map(({ offset, message }) => `${printable(`${file}:${lineOf(offset)}: ${message}`)}`);
  throw new UsageError(told.join('\n'));
}

/** Means nothing where there is a mistake. */
function planOf(root: Place, mistakes: Mistake[]): FaultPlan | null {
  const entries = known(root, { noun: 'the file', names: ['seed', 'faults'] }, mistakes);
  const faults = entries.get('faults');
  const list = faults?.place.items ?? null;
  if (root.entries === null) return null;
  if (list === null) {
    const { offset } = faults ?? root;
    const found = faults === undefined ? 'none' : shown(faults.place.value);
    mistakes.push({ offset, message: `faults: expected a list of faults, found ${found}` });
    return null;
  }
  const rules = list.flatMap((place) => ruleOf(place, mistakes) ?? []);
  const seed = entries.get('seed');
  const value = seed === undefined ? undefined : readField(seedField, seed, mistakes);
  return value === undefined ? { rules } : { seed: value, rules };
}

function ruleOf(place: Place, mistakes: Mistake[]): FaultRule | null {
  const kind = kindOf(place, mistakes);
  if (kind === null) return null;
  const noun = `a fault of the kind ${kind}`;
  const fields: Readonly<Record<string, Field>> = { ...kindFields[kind], ...conditionFields };
  const names = Object.keys(fields).map(snakeCase);
  const before = mistakes.length;
  const entries = known(place, { noun, names: ['kind', ...names] }, mistakes);
  const values: Record<string, unknown> = { kind };
  for (const [name, field] of Object.entries(fields)) {
    const entry = entries.get(snakeCase(name));
    if (entry !== undefined) values[name] = readField(field, entry, mistakes);
    else if (field.isRequired) {
      const message = `${snakeCase(name)} is missing: ${noun} needs ${field.expected}`;
      mistakes.push({ offset: place.offset, message });
    }
  }
  const conflict = conflictIn(values);
  if (conflict !== null) mistakes.push({ offset: place.offset, message: conflict });
  // Every field went through the table that the compiler checks against this very type.
  return mistakes.length > before ? null : (values as unknown as FaultRule);
}

/** Checks what no field can say by itself. */
function conflictIn({ kind, method, retryAfter, retryAfterDate }: Record<string, unknown>) {
  const only = isFaultKind(kind) ? methodOfKind[kind] : undefined;
  if (only !== undefined && method !== undefined && method !== only) {
    return `method: expected ${only} or nothing, as ${kind} concerns no other, found ${method}`;
  }
  const hasBoth = retryAfter !== undefined && retryAfterDate !== undefined;
  return hasBoth ? 'expected retry_after or retry_after_date, found both' : null;
}

function kindOf(place: Place, mistakes: Mistake[]): FaultKind | null {
  if (place.entries === null) {
    const message = `expected a fault such as {kind: reset}, found ${shown(place.value)}`;
    mistakes.push({ offset: place.offset, message });
    return null;
  }
  const kinds = Object.keys(kindFields);
  const kind = place.entries.find(({ name }) => name === 'kind');
  const found = kind?.place.value;
  if (isFaultKind(found)) return found;
  const nearest = typeof found === 'string' ? closestName(found, kinds) : null;
  const hint =
    nearest === null ? `expected one of ${kinds.join(', ')}` : `did you mean ${nearest}?`;
  const message =
    kind === undefined ? `kind is missing: ${hint}` : `kind: unknown kind ${shown(found)}; ${hint}`;
  mistakes.push({ offset: (kind ?? place).offset, message });
  return null;
}

interface Mapping {
  readonly noun: string;
  readonly names: readonly string[];
}

/** The entries with one of these names; every other one is a mistake. */
function known({ value, offset, entries }: Place, { noun, names }: Mapping, mistakes: Mistake[]) {
  const found = new Map<string, Entry>();
  if (entries === null) {
    const message = `${noun}: expected ${names.join(' and ')}, found ${shown(value)}`;
    mistakes.push({ offset, message });
  }
  for (const entry of entries ?? []) {
    if (names.includes(entry.name)) {
      found.set(entry.name, entry);
      continue;
    }
    const nearest = closestName(entry.name, names);
    const hint = nearest === null ? `expected ${names.join(', ')}` : `did you mean ${nearest}?`;
    const message = `unknown field ${shown(entry.name)} of ${noun}; ${hint}`;
    mistakes.push({ offset: entry.offset, message });
  }
  return found;
}

function readField<Value>(
  field: Field<Value>,
  { name, offset, place }: Entry,
  mistakes: Mistake[],
) {
  const value = field.read(place);
  if (value === undefined) {
    const isNumber = typeof place.value === 'number' && place.spelling !== null;
    const found = isNumber ? place.spelling : shown(place.value);
    const message = `${name}: expected ${field.expected}, found ${found}`;
    mistakes.push({ offset, message });
  }
  return value;
}

function shown(value: unknown): string {
  return shorten(JSON.stringify(value) ?? 'nothing', 60);
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
