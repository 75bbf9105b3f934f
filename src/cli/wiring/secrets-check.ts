// Before anything is done with a key, or with the address of somebody who is notified, a made-up key is
// registered as a real one is and sent through the filters of every way out, into memory. Where it can be
// read there, nothing is started.
import { randomBytes } from 'node:crypto';
import { UsageError } from '../../base/errors.ts';
import { createLog } from '../../base/log.ts';
import { registerSecret } from '../../base/secrets.ts';
import { messagesTo, resultsTo } from '../output-streams.ts';
import type { ProcessContext } from '../process-context.ts';

const exits = { resultsTo, messagesTo, createLog, registerSecret };

/** The ways out, as the program uses them. */
export type Exits = typeof exits;

/** Throws `UsageError`, which names each way out on which the key was seen. */
export function checkSecretsHidden(through: Exits = exits): void {
  // A text that only looks like a key is hidden unregistered: not this one, which holds signs that are escaped.
  const core = randomBytes(12).toString('hex');
  const key = `in-c/"${core}\\+`;
  const text = `${key} ${JSON.stringify(key)} https://api.test/?api_key=${encodeURIComponent(key)}`;
  const shown = { 'the log': '', messages: '', results: '' };
  const into = (name: keyof typeof shown) => ({
    write(part: string) {
      shown[name] += part;
    },
  });
  const forget = through.registerSecret(key);
  try {
    const options = { level: 'error', format: 'json', colour: false } as const;
    through.createLog(into('the log'), options).error({ err: new Error(text), [key]: text }, text);
    through.messagesTo(into('messages')).write(text);
    through.resultsTo(into('results')).write(text);
  } finally {
    forget();
  }
  const seen = Object.entries(shown).filter(([, printed]) => printed.includes(core));
  if (seen.length === 0) return;
  throw new UsageError(
    `a made-up API key could be read in ${seen.map(([name]) => name).join(', ')}, and so could ` +
      'yours: nothing was started, and your key was not used; this is a bug, please report it',
  );
}

/**
 * Throws `UsageError` where a secret could get out. A one-shot command logs for people, a daemon on a terminal.
 */
export function checkProcess({ env }: Pick<ProcessContext, 'env'>): void {
  checkSecretsHidden();
  // These make undici print every request's path, which carries the key, around every filter; and the host
  // and path of who is notified.
  const traced = (env['NODE_DEBUG'] ?? '').toLowerCase().split(',');
  if (!traced.some((name) => /\*|^\s*(undici|fetch)\s*$/.test(name))) return;
  throw new UsageError(
    'NODE_DEBUG would print the API key and the addresses of notifications: take undici, fetch and any * out of it',
  );
}
