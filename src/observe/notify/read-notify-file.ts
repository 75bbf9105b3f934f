// The file of targets (YAML, and so JSON) → targets that can be told. Strict: whatever could be a slip is
// refused, all of it at once, with its line and what was expected there.
import { dirname, resolve } from 'node:path';
import { Ajv } from 'ajv';
import type { FromSchema } from 'json-schema-to-ts';
import { UsageError } from '../../base/errors.ts';
import { isJsonObject } from '../../base/json/json.ts';
import { printable } from '../../base/text.ts';
import { explainForm, placeAt, shown } from '../../base/yaml/explain-form.ts';
import { readTextFile, whyUnread } from '../../base/yaml/read-text-file.ts';
import { type Mistake, type Place, readYaml } from '../../base/yaml/yaml-places.ts';
import { notifySchema } from './notify-schema.ts';
import { parseAddress, parseSigningSecret } from './parse-secrets.ts';
import { type OnSecretTrouble, openSecretFile, type SecretFile } from './secret-file.ts';
import { type NotifyTarget, typesOf } from './target.ts';

type NotifyFile = FromSchema<typeof notifySchema>;
type TargetEntry = NotifyFile['targets'][number];

/** Nothing of this kind that a person writes is longer. */
const mostKiB = 256;

/** Throws `UsageError` with every mistake of the file, a line each. */
export function readNotifyFile(path: string, onTrouble: OnSecretTrouble): NotifyTarget[] {
  return parseNotifyFile(readText(path), path, onTrouble);
}

function readText(path: string): string {
  try {
    return readTextFile(path, mostKiB);
  } catch (error) {
    throw new UsageError(
      `--notify (WIDGET_SYNC_NOTIFY): expected a file of targets in ${printable(path)}, but ${whyUnread(error)}`,
    );
  }
}

const ajv = new Ajv({ allErrors: true, verbose: true });
const accepts = ajv.compile(notifySchema);
const acceptsTarget = ajv.compile<TargetEntry>(notifySchema.properties.targets.items);

/** Files that it names are looked for beside `file`. Throws `UsageError`. */
export function parseNotifyFile(
  text: string,
  file: string,
  onTrouble: OnSecretTrouble,
): NotifyTarget[] {
  const { root, mistakes: misread, lineOf } = readYaml(text);
  const mistakes = [...misread];
  if (root !== null) mistakes.push(...mistakesOfForm(root));
  const targets = root === null ? [] : openTargets(root, { file, onTrouble }, mistakes);
  if (mistakes.length === 0) return targets;
  const told = mistakes
    .sort((a, b) => a.offset - b.offset)
    .map(({ offset, message }) => printable(`${file}:${lineOf(offset)}: ${message}`));
  throw new UsageError(told.join('\n'));
}

function mistakesOfForm(root: Place): Mistake[] {
  if (accepts(root.value)) return [];
  return (accepts.errors ?? []).map((error) => explainForm(error, root));
}

interface Opening {
  readonly file: string;
  readonly onTrouble: OnSecretTrouble;
}

/** Those that have their form: what is wrong with another keeps no mistake of them from being told. */
function openTargets(root: Place, opening: Opening, mistakes: Mistake[]): NotifyTarget[] {
  const { value } = root;
  const entries: readonly unknown[] =
    isJsonObject(value) && Array.isArray(value['targets']) ? value['targets'] : [];
  const names = new Set<string>();
  return entries.flatMap((entry, index) => {
    if (!acceptsTarget(entry)) return [];
    const at = (field: string) => placeAt(root, ['targets', String(index), field]).offset;
    const wrong = (field: string, message: string) => {
      mistakes.push({ offset: at(field), message: `${field}: ${message}` });
    };
    const name = entry.name ?? `${entry.to} ${index + 1}`;
    if (names.has(name)) wrong('name', `another target is called ${shown(name)}, too`);
    names.add(name);
    checkTogether(entry, wrong);
    const open = <Value>(field: 'url_file' | 'secret_file', parse: ParserOf<Value>) => {
      const path = entry[field];
      if (path === undefined) return null;
      const opened = openSecretFile(resolve(dirname(opening.file), path), parse, (says) =>
        opening.onTrouble(`${field} of ${name}: ${says}`),
      );
      if (!('problem' in opened)) return opened;
      wrong(field, `${shown(path)}: ${opened.problem}`);
      return null;
    };
    const address = open('url_file', parseAddress);
    const secret: SecretFile<Buffer> | null = open('secret_file', parseSigningSecret);
    if (address === null) return [];
    const types = typesOf(entry.events, entry.min_severity ?? 'info');
    return [{ name, to: entry.to, types, address, secret }];
  });
}

type ParserOf<Value> = Parameters<typeof openSecretFile<Value>>[1];

/** Checks what no field can say by itself. */
function checkTogether(entry: TargetEntry, wrong: (field: string, message: string) => void): void {
  const { to, secret_file, events, min_severity = 'info' } = entry;
  if (to === 'webhook' && secret_file === undefined) {
    wrong('to', 'a webhook needs secret_file, by which its receiver knows that it is genuine');
  }
  if (to !== 'webhook' && secret_file !== undefined) {
    wrong('secret_file', `messages to ${to} are not signed: remove it`);
  }
  if (typesOf(events, min_severity).size === 0) {
    wrong('min_severity', `none of its events is as severe as ${min_severity}: nothing is sent`);
  }
}
