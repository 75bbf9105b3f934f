// Before anything is done with a key: a made-up one, registered as a real one is, is sent through
// every way out, into memory. Where it can be read there, nothing is started.

import { classify } from '../api/classify.ts';
import { StateError, UsageError } from '../errors.ts';
import { createLog } from '../log.ts';
import { planJson } from '../plan/plan-json.ts';
import { renderPlan } from '../plan/render-plan.ts';
import { registerSecret } from '../secrets.ts';
import type { Settings } from '../settings.ts';
import { formatHistoryEntry, formatRecord } from '../state/record-format.ts';
import { formatStatus } from '../state/status-format.ts';
import { sendChange } from '../sync/send-change.ts';
import { Unrecorded } from '../sync/unrecorded.ts';
import {
  changeTelling,
  hatch,
  nestedError,
  planOf,
  planted,
  refusal,
  tell,
  urlWith,
} from './canary.ts';
import { describeBug, messagesTo, resultsTo } from './outputs.ts';

/** The ways out, as the program uses them. */
export interface Exits {
  readonly resultsTo: typeof resultsTo;
  readonly messagesTo: typeof messagesTo;
  readonly describeBug: typeof describeBug;
  readonly createLog: typeof createLog;
  readonly classify: typeof classify;
  readonly sendChange: typeof sendChange;
  readonly registerSecret: typeof registerSecret;
}

const exits: Exits = {
  resultsTo,
  messagesTo,
  describeBug,
  createLog,
  classify,
  sendChange,
  registerSecret,
};

/** What decides in which format is logged: people are not shown JSON. */
export interface LogSetting {
  readonly logFormat: Settings['logFormat'];
  readonly isTerminal: boolean;
}

/** Throws `UsageError`, which names each way out on which the canary was seen. */
export async function testSecretsAreHidden(
  setting: LogSetting,
  through: Exits = exits,
): Promise<void> {
  const canary = hatch();
  const forget = through.registerSecret(canary.key);
  try {
    const seen: string[] = [];
    for (const [name, show] of waysOutIn(setting)) {
      if ((await show(canary.key, through)).includes(canary.core)) seen.push(name);
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

type WayOut = readonly [
  name: string,
  show: (key: string, through: Exits) => string | Promise<string>,
];

/** What is pretty takes milliseconds to set up: only where people may see it. */
function waysOutIn({ logFormat, isTerminal }: LogSetting): readonly WayOut[] {
  const isForPeople = logFormat === 'pretty' || (logFormat === 'auto' && isTerminal);
  return isForPeople ? [...waysOut, ['the log for people', showPrettyLog]] : waysOut;
}

const waysOut: readonly WayOut[] = [
  ['the log', (key, { createLog }) => showLog(key, 'json', createLog)],
  ['messages', showMessages],
  ['the report of a bug', (key, through) => through.describeBug(key, nestedError(key))],
  ['a plan', showPlan],
  ['a state record', showRecord],
  ['the status', showStatus],
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

function showMessages(key: string, { messagesTo, classify }: Exits): string {
  const printed = buffer();
  const { write } = messagesTo(printed);
  const refused = refusal(key, classify);
  for (const { message } of [new UsageError(tell(key)), new StateError(tell(key)), refused]) {
    write(`widget-sync: ${message}\n`);
  }
  return printed.text();
}

function showPlan(key: string, { resultsTo }: Exits): string {
  const printed = buffer();
  const { write } = resultsTo(printed);
  const rate = { limit: 1, windowMs: 1000 };
  const plan = planOf(changeTelling(key));
  write(renderPlan(plan, { colour: false, directory: 'widgets', rate }));
  write(JSON.stringify(planJson(plan, rate), null, 2));
  return printed.text();
}

/**
 * What an API that repeats the request in a field leaves on disk. A file that declares the key is
 * recorded as it is: the record has to match its hash, and git holds the same text.
 */
async function showRecord(key: string, { sendChange }: Exits): Promise<string> {
  const origin = { apiUrl: 'https://api.test', reader: '' };
  const told = { display_name: tell(key), bubble_text: urlWith(key) };
  let text = '';
  await sendChange(
    {
      change: { ...changeTelling(key), base: { body: told, readAtMs: 0 } },
      permit: { seen: () => {}, giveBack: () => {} },
      priority: 0,
      attempt: 1,
      waiting: never,
      inFlight: never,
      unreadStatus: null,
    },
    {
      api: { ...noApi, putWidget: async () => ({ httpStatus: 200, widget: told }) },
      gate: { take: async () => null },
      live: { readable: false, readForWrite: async () => null },
      state: {
        records: new Map(),
        save: async () => {},
        confirm: async (record, entry) => {
          text += formatRecord(record, origin) + formatHistoryEntry(entry);
        },
      },
      clock: { now: () => new Date(0), monotonicMs: () => 0, sleep: async () => {} },
      unrecorded: new Unrecorded(),
    },
  );
  return text;
}

/** Errors stand in it as they were made, not as they are printed. */
function showStatus(key: string, { classify }: Exits): string {
  const { message: error } = refusal(key, classify);
  const { widgetId, file } = planted;
  const time = new Date(0);
  const failed = [{ widgetId, file, error, httpStatus: 401, attempts: 1, time }];
  const empty = {
    isBlind: false,
    revision: null,
    source: null,
    waiting: null,
    apiRate: null,
    refusedChecksum: null,
    pending: 0,
    held: [],
    drifted: [],
    kept: [],
  };
  const about = { time, command: 'run', directory: 'widgets', orphaned: [], blocked: error };
  return formatStatus({ ...empty, ...about, failed }, 'https://api.test');
}

const never = new AbortController().signal;

const noApi = {
  getWidget: async () => null,
  listWidgets: () => Promise.reject(new Error('nothing is read')),
  close: async () => {},
};

function buffer(): { write(text: string): void; text(): string } {
  let all = '';
  return {
    write: (text) => {
      all += text;
    },
    text: () => all,
  };
}
