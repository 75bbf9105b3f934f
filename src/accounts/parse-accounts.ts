// The text of the file of accounts → what it says of each, and all its mistakes with their places. Strict:
// whatever could be a slip is refused. A mistake in one account's entry is that account's; any other leaves
// open what holds for all of them, so that nothing of the file can be taken.
import { Ajv, type ErrorObject } from 'ajv';
import { messageOf } from '../base/errors.ts';
import { fromPointer, isJsonObject } from '../base/json/json.ts';
import { explainForm, placeAt, shown } from '../base/yaml/explain-form.ts';
import { type Entry, type Mistake, type Place, readYaml } from '../base/yaml/yaml-places.ts';
import { type AccountField, accountFields, parseAccountField } from '../config/account-settings.ts';
import type { OptionValues } from '../config/options.ts';
import { whyNotAllowed } from '../model/problem-codes.ts';
import type { AccountEntry } from './account-entry.ts';
import { accountsSchema } from './accounts-schema.ts';
import { parseSpread, type Spread } from './spread-resync.ts';

/** What an entry or `defaults` says; a field that is not written is absent. */
export interface SaidFields {
  readonly values: Partial<OptionValues>;
  readonly spread?: Spread | null;
  readonly suspend?: AccountEntry['suspend'];
  readonly files?: 'own' | 'shared';
  readonly directory?: string;
  readonly keyFile?: string;
  readonly keyEnv?: string;
}

export interface WrittenAccount {
  readonly name: string;
  readonly said: SaidFields;
  readonly mistakes: readonly Mistake[];
  /** Where the field begins, or the entry where it is not written. */
  offsetOf(field: string): number;
}

/** One account for each folder that fits; both hold `{name}`. */
export interface WrittenEach {
  readonly directory: string;
  readonly keyFile: string;
  readonly offset: number;
}

export interface WrittenAccounts {
  readonly defaults: SaidFields;
  readonly each: WrittenEach | null;
  readonly accounts: readonly WrittenAccount[];
}

export interface ParsedAccounts {
  /** Null where a mistake concerns the file as a whole. */
  readonly written: WrittenAccounts | null;
  /** Those that belong to no account. */
  readonly mistakes: readonly Mistake[];
  /** `line:column` of an offset, both from 1. */
  lineOf(offset: number): string;
}

/** A mistake, and the account whose entry it stands in; null: none's. */
interface Located {
  readonly account: string | null;
  readonly mistake: Mistake;
}

const ajv = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true });
const accepts = ajv.compile(accountsSchema);

export function parseAccounts(text: string): ParsedAccounts {
  const { readable: root, mistakes: misread, lineOf } = readYaml(text);
  if (root === null) return { written: null, mistakes: misread, lineOf };
  const located = [
    ...misread.map((mistake) => explainMisread(mistake, root)),
    ...mistakesOfForm(root),
  ];
  const mistakesOf = (name: string | null) =>
    located.flatMap(({ account, mistake }) => (account === name ? [mistake] : []));
  const ofFile: Mistake[] = [];
  const defaults = saidBy(entryOf(root, 'defaults'), ofFile);
  const each = eachOf(root, ofFile);
  const entries = new Map(entryOf(root, 'accounts')?.place.entries?.map((one) => [one.name, one]));
  const accounts = [...entries].map(([name, entry]): WrittenAccount => {
    const own: Mistake[] = [];
    const said = saidBy(entry, own);
    const offsetOf = (field: string) =>
      entry.place.entries?.find((one) => one.name === field)?.offset ?? entry.offset;
    return { name, said, mistakes: withForm(own, mistakesOf(name)), offsetOf };
  });
  const mistakes = withForm(ofFile, mistakesOf(null));
  if (each === null && !('accounts' in asFields(root.value)) && mistakes.length === 0) {
    const message = 'no account is named: expected each or accounts';
    mistakes.push({ offset: root.offset, message });
  }
  const written = mistakes.length === 0 ? { defaults, each, accounts } : null;
  return { written, mistakes, lineOf };
}

/** Of one value an option says more than the schema does. */
function withForm(own: readonly Mistake[], ofForm: readonly Mistake[]): Mistake[] {
  const told = new Set(own.map(({ offset }) => offset));
  return [...own, ...ofForm.filter(({ offset }) => !told.has(offset))];
}

/** YAML lets a name stand twice, and an account that does is no other's fault. */
function explainMisread(mistake: Mistake, root: Place): Located {
  const { offset } = mistake;
  const above = root.entries?.findLast((entry) => entry.offset <= offset);
  const isAmongAccounts = above !== undefined && above === entryOf(root, 'accounts');
  const entries = isAmongAccounts ? above.place.entries : null;
  const around = entries?.findLast((entry) => entry.offset <= offset);
  if (around === undefined) return { account: null, mistake };
  const isTwice = (entries ?? []).filter(({ name }) => name === around.name).length > 1;
  const ofName = isTwice
    ? `another account is called ${around.name}, too`
    : `${around.name}: ${mistake.message}; put the name in quotes, as YAML takes it for something else`;
  const message = around.offset === offset ? ofName : `${around.name}: ${mistake.message}`;
  return { account: around.name, mistake: { offset, message } };
}

function mistakesOfForm(root: Place): Located[] {
  if (accepts(root.value)) return [];
  const errors = accepts.errors ?? [];
  return errors.flatMap((error) => locate(error, root) ?? []);
}

function locate(error: ErrorObject, root: Place): Located | null {
  // The pattern that a name does not fit is said by the error about that name.
  if (error.propertyName !== undefined) return null;
  // For editors: of two keys it is said once, in words.
  if (error.keyword === 'not') return null;
  if (error.keyword === 'propertyNames') {
    const name = String(error.params['propertyName']);
    const { offset } = placeAt(root, ['accounts', name]);
    const message = `${shown(name)} is no name of an account: ${nameWords}`;
    return { account: name, mistake: { offset, message } };
  }
  const [top, name] = fromPointer(error.instancePath);
  const account = top === 'accounts' && name !== undefined ? name : null;
  return { account, mistake: explainForm(error, root) };
}

export const nameWords =
  'lower-case letters, digits and hyphens are expected, at most 63, the first no hyphen, and neither widgets nor orders';

function asFields(value: unknown): object {
  return isJsonObject(value) ? value : {};
}

function entryOf(root: Place, name: string): Entry | undefined {
  return root.entries?.find((entry) => entry.name === name);
}

/** What has not the form that it should have is passed over: the schema says so. */
function saidBy(entry: Entry | undefined, mistakes: Mistake[]): SaidFields {
  const values: Record<string, unknown> = {};
  const said: { -readonly [Name in keyof Omit<SaidFields, 'values'>]?: SaidFields[Name] } = {};
  for (const { name, offset, place } of entry?.place.entries ?? []) {
    const text = textOf(place);
    if (name === 'suspend') {
      const { value } = place;
      if (typeof value === 'boolean') said.suspend = value ? { reason: null } : null;
      if (typeof value === 'string') said.suspend = { reason: value };
    }
    if (text === null) continue;
    if (name === 'files' && (text === 'own' || text === 'shared')) said.files = text;
    if (name === 'directory') said.directory = text;
    if (name === 'key_file') said.keyFile = text;
    if (name === 'key_env') said.keyEnv = text;
    if (!isAccountField(name)) continue;
    const spread = name === 'resync' ? parseSpread(text) : null;
    if (name === 'resync') said.spread = spread;
    if (spread !== null) continue;
    try {
      values[accountFields[name]] = parseAccountField(name, text);
      if (name === 'allow') refuseUnknownCodes(values['allow'] as OptionValues['allow']);
    } catch (error) {
      mistakes.push({ offset, message: messageOf(error) });
    }
  }
  if (said.keyFile !== undefined && said.keyEnv !== undefined) {
    const message = 'both key_file and key_env are said: remove one of them';
    mistakes.push({ offset: entry?.offset ?? 0, message });
  }
  return { ...said, values };
}

function isAccountField(name: string): name is AccountField {
  return Object.hasOwn(accountFields, name);
}

/** As the flag would have it; null for what no flag takes. */
function textOf({ value, spelling, items }: Place): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return spelling;
  const texts = items?.map((item) => item.value);
  if (!texts?.every((text) => typeof text === 'string')) return null;
  return texts.length === 0 ? 'none' : texts.join(',');
}

function refuseUnknownCodes(codes: OptionValues['allow']): void {
  const refusal = codes.map(whyNotAllowed).find((why) => why !== null);
  if (refusal !== undefined) throw new Error(`allow: ${refusal}`);
}

function eachOf(root: Place, mistakes: Mistake[]): WrittenEach | null {
  const entry = entryOf(root, 'each');
  if (entry === undefined) return null;
  const { directory, keyFile } = saidBy(entry, mistakes);
  const at = (field: string) => placeAt(root, ['each', field]).offset;
  if (directory !== undefined && !isPattern(directory)) {
    const message = `directory: expected one folder of the path to be {name}, as in clients/{name}/widgets, found ${shown(directory)}`;
    mistakes.push({ offset: at('directory'), message });
  }
  if (keyFile !== undefined && !keyFile.includes('{name}')) {
    const message = `key_file: expected {name} in it, as each account has a key of its own, found ${shown(keyFile)}`;
    mistakes.push({ offset: at('key_file'), message });
  }
  // The schema says what is missing.
  return { directory: directory ?? '', keyFile: keyFile ?? '', offset: at('directory') };
}

function isPattern(directory: string): boolean {
  const folders = directory.split('/');
  return (
    folders.filter((folder) => folder === '{name}').length === 1 &&
    folders.filter((folder) => folder.includes('{name}')).length === 1
  );
}
