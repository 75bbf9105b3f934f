import { randomBytes } from 'node:crypto';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { StateError, UsageError } from '../../../src/base/errors.ts';
import { createLog } from '../../../src/base/log.ts';
import { hideOnDisk, hideSecrets, registerSecret } from '../../../src/base/secrets.ts';
import { describeBug, messagesTo, resultsTo } from '../../../src/cli/output-streams.ts';
import { checkSecretsHidden, type Exits } from '../../../src/cli/wiring/secrets-check.ts';

const exits: Exits = { resultsTo, messagesTo, createLog, registerSecret };

/** Every key that the self-test made up. */
const madeUp: string[] = [];
const noting: Exits = {
  ...exits,
  registerSecret(key) {
    madeUp.push(key);
    return registerSecret(key);
  },
};

afterEach(() => {
  madeUp.length = 0;
});

test('as the program is, nothing shows the made-up key', () => {
  expect(() => checkSecretsHidden()).not.toThrow();
});

const plain = (stream: { write(text: string): unknown }) => ({
  write: (text: string) => void stream.write(text),
  isTerminal: false,
  columns: 80,
});

/** Writes what reached the filter of the log without it. */
const openLog: Exits['createLog'] = (destination, options) => {
  const log = createLog({ write: () => {} }, options);
  const write = (...parts: unknown[]) => destination.write(JSON.stringify(parts));
  return Object.assign(log, { error: write });
};

test.each<[string, Partial<Exits>, string]>([
  ['results are not filtered', { resultsTo: plain }, 'results'],
  ['messages are not filtered', { messagesTo: plain }, 'messages'],
  ['the log is not filtered', { createLog: openLog }, 'the log'],
  ['nobody knows the key', { registerSecret: () => () => {} }, 'the log, messages, results'],
])('where %s, it refuses to start and says where', (_, broken, where) => {
  const attempt = () => checkSecretsHidden({ ...exits, ...broken });
  expect(attempt).toThrow(UsageError);
  expect(attempt).toThrow(`could be read in ${where}, and so could yours`);
});

test('the refusal does not show the made-up key', () => {
  const said = refusalOf({ ...noting, messagesTo: plain });
  const [key = ''] = madeUp;
  expect(said).toContain('could be read');
  expect(said).not.toContain(coreOf(key));
});

test.each<[string, Partial<Exits>]>([
  ['nothing is wrong', {}],
  ['it refuses', { messagesTo: plain }],
  [
    'a way out throws',
    {
      messagesTo: () => {
        throw new Error('broken');
      },
    },
  ],
])('the made-up key is forgotten afterwards, where %s', (_, broken) => {
  refusalOf({ ...noting, ...broken });
  const [key = ''] = madeUp;
  expect(hideSecrets(`<${key}>`)).toBe(`<${key}>`);
});

test('no made-up key is like the one before, and none is hidden for its looks alone', () => {
  checkSecretsHidden(noting);
  checkSecretsHidden(noting);
  expect(new Set(madeUp).size).toBe(2);
  for (const key of madeUp) {
    expect(key).toMatch(/^in-/);
    expect(hideSecrets(key)).toBe(key);
  }
});

test('nothing of it reaches the real outputs', () => {
  const writes = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write'));
  checkSecretsHidden();
  for (const write of writes) {
    expect(write).not.toHaveBeenCalled();
    write.mockRestore();
  }
});

// What the self-test at each start leaves to this test: each way out, given everything in which a key
// turns up by itself.
test.each<[string, (key: string) => string]>([
  ['the log', (key) => logged(key, 'json')],
  ['the log for people', (key) => logged(key, 'pretty')],
  ['messages', (key) => printedBy(messagesTo, messagesOf(key))],
  [
    'results',
    (key) => printedBy(resultsTo, [tell(key), JSON.stringify({ [key]: tell(key) }, null, 2)]),
  ],
  ['the report of a bug', (key) => describeBug(key, nestedError(key))],
  ['what is kept on disk', (key) => hideOnDisk(tell(key))],
])('a registered key cannot be read in %s, however it is spelled', (_, show) => {
  const core = randomBytes(12).toString('hex');
  const key = `in-c/"${core}\\+`;
  expect(show(key), 'not hidden for its looks').toContain(core);
  onTestFinished(registerSecret(key));
  const shown = show(key);
  expect(shown).toContain('[api key]');
  expect(shown).not.toContain(core);
});

function logged(key: string, format: 'json' | 'pretty'): string {
  const { stream, all } = inMemory();
  const log = createLog(stream, { level: 'trace', format, colour: false });
  const err = nestedError(key);
  log.error({ err, url: urlWith(key), [key]: 1, deep: { list: [tell(key), { key }] } }, tell(key));
  log.child({ key }).trace('told before');
  return all();
}

function printedBy(open: typeof resultsTo, texts: readonly string[]): string {
  const { stream, all } = inMemory();
  for (const text of texts) open(stream).write(text);
  return all();
}

function inMemory() {
  const parts: string[] = [];
  const stream = { write: (text: string) => void parts.push(text) };
  return { stream, all: () => parts.join('') };
}

function messagesOf(key: string): string[] {
  const errors = [new UsageError(tell(key)), new StateError(tell(key))];
  return errors.map(({ message }) => `widget-sync: ${message}\n`);
}

/** The key in every form in which it turns up by itself. */
function tell(key: string): string {
  const url = urlWith(key);
  const form = new URLSearchParams({ key }).toString();
  const inJson = JSON.stringify({ key, url });
  return [key, url, encodeURIComponent(url), encodeURIComponent(key), form, inJson].join(' ');
}

function urlWith(key: string): string {
  return `https://api.test/api/v1/widget?api_key=${encodeURIComponent(key)}&page=1`;
}

function nestedError(key: string): Error {
  const cause = new TypeError(tell(key), { cause: new Error(key) });
  return new Error(`GET ${urlWith(key)} failed`, { cause });
}

function refusalOf(through: Exits): string {
  try {
    checkSecretsHidden(through);
    return '';
  } catch (error) {
    return String(error);
  }
}

function coreOf(key: string): string {
  return /[0-9a-f]{24}/.exec(key)?.[0] ?? 'no key was made up';
}
