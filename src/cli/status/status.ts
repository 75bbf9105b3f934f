// `status`: each widget's state and what stands in the way, from the state directory alone. Needs no key,
// no network and no lock: it can be asked beside a running daemon.
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../../base/errors.ts';
import { count, listed, printable } from '../../base/text.ts';
import { version } from '../../base/version.ts';
import type { Settings } from '../../config/settings.ts';
import { accountJson } from '../../status/account-json.ts';
import { openLog } from '../logging.ts';
import { printJson, printJsonLine } from '../print-json.ts';
import { type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';
import { isInFiles, sayDamaged, sayUnfollowed, sayWhose } from '../wiring/account-state.ts';
import { daemonLine, holderLine } from './daemon-lines.ts';
import {
  type Asked,
  contentOf,
  type Found,
  isWell,
  leftBehind,
  openLook,
  readRecorded,
} from './recorded.ts';
import { beforeAnother, showAgain } from './show-again.ts';
import { type Recorded, statusText } from './status-text.ts';

export interface StatusShown extends Asked {
  readonly json: boolean;
  /** Shown again whenever it changes. */
  readonly watch: boolean;
}

export interface StatusRequest extends StatusShown {
  readonly settings: Settings;
}

/**
 * Fails when something that is shown failed or is held for a reason to mend, nothing can be sent at all, the
 * daemon that should run does not, or none of it is known. A suspension does not count: it must not
 * alarm a monitor that watches this exit code.
 */
export async function status(request: StatusRequest, context: ProcessContext): Promise<ExitCode> {
  const { settings, json, watch } = request;
  const log = openLog(settings, context, json ? 'json' : 'text');
  const warn = (message: string, fields: object) => log.warn(fields, message);
  const look = await openLook(settings, request, { clock: context.clock, warn });
  let isFirst = true;
  const shown = await showAgain<Found, Recorded & Found>(
    {
      ...{ look, leftBehind, contentOf },
      make: async (found) => (await readRecorded(found, request)) ?? refuseUnknown(request),
      show(recorded) {
        if (isFirst) sayWhose(recorded.apiUrl, settings, context);
        isFirst = false;
        show(request, recorded, context);
      },
    },
    watch,
    context,
  );
  return isWell(shown) ? exitCode.ok : exitCode.failed;
}

export function refuseUnknown({ widget }: Pick<Asked, 'widget'>): never {
  throw new UsageError(
    `--widget: no widget is known by the file, id or name ${printable(widget ?? '')}; widget-sync status lists all`,
  );
}

function show(request: StatusRequest, recorded: Recorded & Found, context: ProcessContext): void {
  const { stdout } = context;
  const { damaged, unfollowed } = recorded;
  sayDamaged(damaged, context);
  sayUnfollowed(unfollowed, context);
  if (request.json) {
    // One line each time, as a log has it.
    const print = request.watch ? printJsonLine : printJson;
    print(jsonOf(recorded, context), context);
  } else {
    const text = textOf(request.settings, recorded, context);
    stdout.write(`${beforeAnother(request.watch, context)}${text}\n`);
  }
}

/** The object of one account. */
export function jsonOf(recorded: Recorded, { clock }: Pick<ProcessContext, 'clock'>) {
  const { records, account, holder, daemon } = recorded;
  return accountJson({ records, account, holder, daemon, version, now: clock.now() });
}

/** The page of one account. */
export function textOf(settings: Settings, recorded: Recorded, context: ProcessContext): string {
  const { records, account, damaged } = recorded;
  const isEmpty = records.length === 0 && account.record === null && damaged === null;
  if (isEmpty) return nothingRecorded(settings, recorded, context.clock.now());
  return statusText(recorded, context);
}

const mostNamed = 10;

/** The names of folders that hold the state of an account each. */
function foldersOfStates(state: string): string[] {
  return readdirSync(state, { withFileTypes: true })
    .filter((one) => one.isDirectory() && existsSync(join(state, one.name, 'status.json')))
    .map(({ name }) => name)
    .sort();
}

function nothingRecorded({ state }: Settings, recorded: Recorded, now: Date): string {
  const { apiUrl, holder } = recorded;
  const others = isInFiles(state) ? foldersOfStates(state) : [];
  const nothing = !isInFiles(state)
    ? `Nothing is recorded for the account ${basename(state)} in ${dirname(state)} for ${apiUrl} yet.`
    : others.length === 0
      ? `Nothing is recorded in the state directory ${state} for ${apiUrl} yet.`
      : `The state directory ${state} is no account's: it holds those of ${count(others.length, 'account')} (${listed(others, mostNamed)}); name their file by --accounts, or one of them by --state ${join(state, others[0] ?? '')}.`;
  const working = { ...recorded, record: null };
  const held = holder === null ? [] : [holderLine(working, now)];
  return [printable(nothing), ...held, ...daemonLine(working, now)].join('\n');
}
