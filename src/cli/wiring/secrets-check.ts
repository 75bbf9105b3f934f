// Before anything is done with a key: a made-up one, registered as a real one is, is sent through
// every filter, into memory. Where it can be read there, nothing is started. That nothing goes around
// the filters, nor is spoilt before it comes to them, is for tests to say.
import { StateError, UsageError } from '../../base/errors.ts';
import { createLog } from '../../base/log.ts';
import { hideOnDisk, registerSecret } from '../../base/secrets.ts';
import type { Settings } from '../../config/settings.ts';
import { describeBug, messagesTo, resultsTo } from '../output-streams.ts';
import { hatch, nestedError, tell, urlWith } from './planted-key.ts';

/** The ways out, as the program uses them. */
export interface Exits {
  readonly resultsTo: typeof resultsTo;
  readonly messagesTo: typeof messagesTo;
  readonly describeBug: typeof describeBug;
  readonly createLog: typeof createLog;
  readonly hideOnDisk: typeof hideOnDisk;
  readonly registerSecret: typeof registerSecret;
}

const exits: Exits = {
  resultsTo,
  messagesTo,
  describeBug,
  createLog,
  hideOnDisk,
  registerSecret,
};

/** What decides in which format is logged: people are not shown JSON. */
export interface LogSetting {
  readonly logFormat: Settings['logFormat'];
  readonly isTerminal: boolean;
}

/** Throws `UsageError`, which names each way out on which the canary was seen. */
export function testSecretsAreHidden(setting: LogSetting, through: Exits = exits): void {
  const canary = hatch();
  const forget = through.registerSecret(canary.key);
  try {
    const seen: string[] = [];
    for (const [name, show] of waysOutIn(setting)) {
      if (show(canary.key, through).includes(canary.core)) seen.push(name);
    }
    if (seen.length === 0) return;
    throw new UsageError(
      `a made-up API key could be read in ${seen.join(', ')}, and so could yours: nothing was ` +
        'started, and your key was not used; this is a bug, please report it',
    );
  } finally {
    forget();
  }
}

type WayOut = readonly [name: string, show: (key: string, through: Exits) => string];

/** What is pretty takes milliseconds to set up: only where people may see it. */
function waysOutIn({ logFormat, isTerminal }: LogSetting): readonly WayOut[] {
  const isForPeople = logFormat === 'pretty' || (logFormat === 'auto' && isTerminal);
  return isForPeople ? [...waysOut, ['the log for people', showPrettyLog]] : waysOut;
}

const waysOut: readonly WayOut[] = [
  ['the log', (key, { createLog }) => showLog(key, 'json', createLog)],
  ['messages', showMessages],
  ['the report of a bug', (key, through) => through.describeBug(key, nestedError(key))],
  ['results', showResults],
  ['what is kept on disk', (key, through) => through.hideOnDisk(tell(key))],
];

function showPrettyLog(key: string, { createLog }: Exits): string {
  return showLog(key, 'pretty', createLog);
}

function showLog(key: string, format: 'json' | 'pretty', create: Exits['createLog']): string {
  const printed = buffer();
  const log = create(printed, { level: 'trace', format, colour: false });
  const err = nestedError(key);
  log.error({ err, url: urlWith(key), [key]: 1, deep: { list: [tell(key), { key }] } }, tell(key));
  log.child({ key }).trace('told before');
  return printed.text();
}

function showMessages(key: string, { messagesTo }: Exits): string {
  const printed = buffer();
  const { write } = messagesTo(printed);
  for (const { message } of [new UsageError(tell(key)), new StateError(tell(key))]) {
    write(`widget-sync: ${message}\n`);
  }
  return printed.text();
}

function showResults(key: string, { resultsTo }: Exits): string {
  const printed = buffer();
  const { write } = resultsTo(printed);
  write(tell(key));
  write(JSON.stringify({ [key]: tell(key) }, null, 2));
  return printed.text();
}

function buffer(): { write(text: string): void; text(): string } {
  let all = '';
  return {
    write: (text) => {
      all += text;
    },
    text: () => all,
  };
}
