import { afterEach, expect, test, vi } from 'vitest';
import { classify } from '../../src/api/classify.ts';
import { describeBug, messagesTo, resultsTo } from '../../src/cli/outputs.ts';
import { type Exits, testSecretsAreHidden } from '../../src/cli/secrets-self-test.ts';
import { ApiError, UsageError } from '../../src/errors.ts';
import { createLog } from '../../src/log.ts';
import { hideSecrets, registerSecret } from '../../src/secrets.ts';
import { sendChange } from '../../src/sync/send-change.ts';

const exits: Exits = {
  resultsTo,
  messagesTo,
  describeBug,
  createLog,
  classify,
  sendChange,
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
  async (setting) => {
    await expect(testSecretsAreHidden(setting)).resolves.toBeUndefined();
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

const judgeAloud: Exits['classify'] = (result, asked, read) => {
  const judged = classify(result, asked, read);
  if (!(judged instanceof ApiError) || result.kind !== 'answer') return judged;
  return new ApiError(`${result.body}`, judged);
};

const recordEverything: Exits['sendChange'] = (request, deps) =>
  sendChange(request, {
    ...deps,
    state: {
      ...deps.state,
      confirm: (record, entry) =>
        deps.state.confirm({ ...record, echo: request.change.base?.body ?? null }, entry),
    },
  });

test.each<[string, Partial<Exits>, string]>([
  ['results are not filtered', { resultsTo: plain }, 'a plan'],
  ['messages are not filtered', { messagesTo: plain }, 'messages'],
  [
    'a bug is told with its stack as it is',
    { describeBug: (what, error) => `${what} ${error}` },
    'the report of a bug',
  ],
  ['the log is not filtered', { createLog: openLog }, 'the log, the log for people'],
  ['a refusal repeats what the API said', { classify: judgeAloud }, 'the status'],
  ['a record keeps what the API said', { sendChange: recordEverything }, 'a state record'],
  [
    'nobody knows the key',
    { registerSecret: () => () => {} },
    'the log, messages, the report of a bug, a plan, a state record, the status, the log for people',
  ],
])('where %s, it refuses to start and says where', async (_, broken, where) => {
  const attempt = testSecretsAreHidden(onTerminal, { ...exits, ...broken });
  await expect(attempt).rejects.toThrow(UsageError);
  await expect(attempt).rejects.toThrow(`could be read in ${where}, and so could yours`);
});

test('the refusal does not show the canary', async () => {
  const attempt = testSecretsAreHidden(onTerminal, { ...noting, messagesTo: plain });
  const [key = ''] = canaries;
  await expect(attempt).rejects.toThrow(
    expect.objectContaining({ message: expect.not.stringContaining(coreOf(key)) }),
  );
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
])('the canary is forgotten afterwards, where %s', async (_, broken) => {
  await testSecretsAreHidden(onTerminal, { ...noting, ...broken }).catch(() => {});
  const [key = ''] = canaries;
  expect(hideSecrets(`<${key}>`)).toBe(`<${key}>`);
});

test('no canary is like the one before, and none is hidden for its looks alone', async () => {
  await testSecretsAreHidden(inContainer, noting);
  await testSecretsAreHidden(inContainer, noting);
  expect(new Set(canaries).size).toBe(2);
  for (const key of canaries) {
    expect(key).toMatch(/^in-/);
    expect(hideSecrets(key)).toBe(key);
  }
});

test('nothing of it reaches the real outputs', async () => {
  const writes = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write'));
  await testSecretsAreHidden(onTerminal);
  for (const write of writes) {
    expect(write).not.toHaveBeenCalled();
    write.mockRestore();
  }
});

function coreOf(key: string): string {
  return /[0-9a-f]{24}/.exec(key)?.[0] ?? 'no canary was made';
}
