import { afterEach, expect, test, vi } from 'vitest';
import { UsageError } from '../../../src/base/errors.ts';
import { createLog } from '../../../src/base/log.ts';
import { hideOnDisk, hideSecrets, registerSecret } from '../../../src/base/secrets.ts';
import { describeBug, messagesTo, resultsTo } from '../../../src/cli/output-streams.ts';
import { type Exits, testSecretsAreHidden } from '../../../src/cli/wiring/secrets-check.ts';

const exits: Exits = {
  resultsTo,
  messagesTo,
  describeBug,
  createLog,
  hideOnDisk,
  registerSecret,
};

const onTerminal = { logFormat: 'auto', isTerminal: true } as const;
const inContainer = { logFormat: 'auto', isTerminal: false } as const;

/** Every key that the self-test made up. */
const canaries: string[] = [];
const noting: Exits = {
  ...exits,
  registerSecret(key) {
    canaries.push(key);
    return registerSecret(key);
  },
};

afterEach(() => {
  canaries.length = 0;
});

test.each([onTerminal, inContainer, { logFormat: 'pretty', isTerminal: false } as const])(
  'as the program is, nothing shows the canary: %j',
  (setting) => {
    expect(() => testSecretsAreHidden(setting)).not.toThrow();
  },
);

const plain = (stream: { write(text: string): unknown }) => ({
  write: (text: string) => void stream.write(text),
  isTerminal: false,
  columns: 80,
});

/** Writes what reached the filter of the log without it. */
const openLog: Exits['createLog'] = (destination, options) => {
  const log = createLog({ write: () => {} }, options);
  const write = (...parts: unknown[]) => destination.write(JSON.stringify(parts));
  return Object.assign(log, { error: write, trace: write, child: () => ({ trace: write }) });
};

test.each<[string, Partial<Exits>, string]>([
  ['results are not filtered', { resultsTo: plain }, 'results'],
  ['messages are not filtered', { messagesTo: plain }, 'messages'],
  [
    'a bug is told with its stack as it is',
    { describeBug: (what, error) => `${what} ${error}` },
    'the report of a bug',
  ],
  ['the log is not filtered', { createLog: openLog }, 'the log, the log for people'],
  ['the disk is not filtered', { hideOnDisk: (text) => text }, 'what is kept on disk'],
  [
    'nobody knows the key',
    { registerSecret: () => () => {} },
    'the log, messages, the report of a bug, results, what is kept on disk, the log for people',
  ],
])('where %s, it refuses to start and says where', (_, broken, where) => {
  const attempt = () => testSecretsAreHidden(onTerminal, { ...exits, ...broken });
  expect(attempt).toThrow(UsageError);
  expect(attempt).toThrow(`could be read in ${where}, and so could yours`);
});

test('the refusal does not show the canary', () => {
  const said = refusalOf({ ...noting, messagesTo: plain });
  const [key = ''] = canaries;
  expect(said).toContain('could be read');
  expect(said).not.toContain(coreOf(key));
});

test.each<[string, Partial<Exits>]>([
  ['nothing is wrong', {}],
  ['it refuses', { messagesTo: plain }],
  [
    'a way out throws',
    {
      describeBug: () => {
        throw new Error('broken');
      },
    },
  ],
])('the canary is forgotten afterwards, where %s', (_, broken) => {
  refusalOf({ ...noting, ...broken });
  const [key = ''] = canaries;
  expect(hideSecrets(`<${key}>`)).toBe(`<${key}>`);
});

test('no canary is like the one before, and none is hidden for its looks alone', () => {
  testSecretsAreHidden(inContainer, noting);
  testSecretsAreHidden(inContainer, noting);
  expect(new Set(canaries).size).toBe(2);
  for (const key of canaries) {
    expect(key).toMatch(/^in-/);
    expect(hideSecrets(key)).toBe(key);
  }
});

test('nothing of it reaches the real outputs', () => {
  const writes = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write'));
  testSecretsAreHidden(onTerminal);
  for (const write of writes) {
    expect(write).not.toHaveBeenCalled();
    write.mockRestore();
  }
});

function refusalOf(through: Exits): string {
  try {
    testSecretsAreHidden(onTerminal, through);
    return '';
  } catch (error) {
    return String(error);
  }
}

function coreOf(key: string): string {
  return /[0-9a-f]{24}/.exec(key)?.[0] ?? 'no canary was made';
}
