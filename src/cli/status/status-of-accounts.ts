// `status --accounts`: how all accounts are, the worst first, from what processes have left of each.
import type { AccountsLook, AccountsProblem } from '../../accounts/account-entry.ts';
import { stringifyJson } from '../../base/json/json-text.ts';
import { printable } from '../../base/text.ts';
import { version } from '../../base/version.ts';
import { accountStateWords } from '../../render/status/account-state-words.ts';
import { accountsText } from '../../render/status/accounts-text.ts';
import { widthOf } from '../../render/table.ts';
import { accountJson, nothingLeft } from '../../status/account-json.ts';
import { problemsJson, summaryJson, totalsJson } from '../../status/over-accounts/accounts-json.ts';
import { type AccountsStatus, accountsStatus } from '../../status/over-accounts/accounts-status.ts';
import {
  holderJson,
  type ReplicasStatus,
  replicasJson,
} from '../../status/over-accounts/replicas-status.ts';
import { coloursFor, type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';
import { sayDamaged } from '../wiring/account-state.ts';
import type { SeveralAccounts } from '../wiring/asked-accounts.ts';
import {
  AccountsReader,
  contentOfShown,
  type Looked,
  leftOf,
  type ShownAccount,
} from './look-at-accounts.ts';
import { lookAtReplicas } from './look-at-replicas.ts';
import { isWell } from './recorded.ts';
import { beforeAnother, showAgain } from './show-again.ts';
import { sayProblems } from './states-within.ts';
import { jsonOf, refuseUnknown, type StatusShown, textOf } from './status.ts';

export interface AccountsStatusRequest extends StatusShown {
  readonly of: SeveralAccounts;
}

/** Fails where `status` would for one of the accounts, and where one is held. */
export async function statusOfAccounts(
  request: AccountsStatusRequest,
  context: ProcessContext,
): Promise<ExitCode> {
  const { of, watch } = request;
  const reader = new AccountsReader({ settings: of.settings, asked: request }, context);
  const shown = await showAgain<Seen, All>(
    {
      async look() {
        const look = of.again();
        const names = new Set([...look.accounts, ...look.held].map(({ name }) => name));
        const replicas = lookAtReplicas(of.settings, names, context);
        return { look, looked: await reader.look(look), replicas: await replicas };
      },
      leftBehind: ({ look, looked, replicas }) =>
        stringifyJson({
          problems: look.problems.map(saysOf),
          left: looked.map(leftOf),
          held: heldBy(replicas),
        }),
      async make({ look, looked, replicas }) {
        const read = await Promise.all(looked.map((one) => reader.read(one)));
        const found = read.filter((one) => one !== null);
        if (request.widget !== null && found.length === 0) refuseUnknown(request);
        return { ...allOf(found, look.problems), replicas };
      },
      contentOf: ({ shown, problems, replicas }) =>
        [...problems.map(saysOf), ...shown.map(contentOfShown), ...heldBy(replicas)].join('\n'),
      show: (all) => show(all, request, context),
    },
    watch,
    context,
  );
  const isAllWell = shown.shown.every(isWellShown) && shown.problems.length === 0;
  return isAllWell ? exitCode.ok : exitCode.failed;
}

/** What was seen at one moment. */
interface Seen {
  readonly look: AccountsLook;
  readonly looked: readonly Looked[];
  readonly replicas: ReplicasStatus | null;
}

/** Who is there and who holds what, but for what changes by the mere passing of time. */
function heldBy(replicas: ReplicasStatus | null): string[] {
  if (replicas === null) return [];
  const living = replicas.replicas.map(({ session, isGone }) => `${session} ${isGone}`);
  return [...living, ...[...replicas.holders].map(([name, { session }]) => `${name} ${session}`)];
}

function saysOf({ place, message }: AccountsProblem): string {
  return `${place}: ${message}`;
}

function isWellShown({ summary, known }: ShownAccount): boolean {
  return known !== null && summary.state !== 'held' && isWell(known.recorded);
}

interface All {
  readonly status: AccountsStatus;
  /** In the order of `status`. */
  readonly shown: readonly ShownAccount[];
  /** Of the file of accounts, but for what holds one: that stands with the account. */
  readonly problems: readonly AccountsProblem[];
  readonly replicas: ReplicasStatus | null;
}

function allOf(
  shown: readonly ShownAccount[],
  problems: readonly AccountsProblem[],
): Omit<All, 'replicas'> {
  const byName = new Map(shown.map((one) => [one.summary.name, one]));
  const status = accountsStatus(shown.map(({ summary }) => summary));
  return {
    status,
    shown: status.accounts.flatMap(({ name }) => byName.get(name) ?? []),
    problems: problems.filter(({ holds }) => holds.length === 0),
  };
}

function show(all: All, request: AccountsStatusRequest, context: ProcessContext): void {
  const { json, watch } = request;
  sayProblems(all.problems, context);
  for (const { known } of all.shown) sayDamaged(known?.recorded.damaged ?? null, context);
  const text = json
    ? stringifyJson(jsonOfAll(all, context), watch ? 0 : 2)
    : `${beforeAnother(watch, context)}${textOfAll(all, request, context)}`;
  context.stdout.write(`${text}\n`);
}

function jsonOfAll(
  { status, shown, problems, replicas }: All,
  { clock }: Pick<ProcessContext, 'clock'>,
) {
  const now = clock.now();
  const accounts = shown.map(({ summary, known }) => ({
    ...summaryJson(summary),
    ...(replicas !== null && holderJson(replicas, summary.name)),
    ...(known === null
      ? accountJson({ ...nothingLeft, version, now })
      : jsonOf(known.recorded, { clock })),
  }));
  const about = { format_version: '1.0', version, asked_at: now.toISOString() };
  const shared = replicas !== null && replicasJson(replicas);
  return { ...about, accounts, ...shared, ...problemsJson(problems), ...totalsJson(status) };
}

/** Beneath the widgets that were asked for, where some were. */
function textOfAll(
  { status, shown, replicas }: All,
  { widget, only }: AccountsStatusRequest,
  context: ProcessContext,
): string {
  const { stdout, env, clock } = context;
  const look = {
    colours: coloursFor(stdout, env),
    width: widthOf(stdout),
    nowMs: clock.now().getTime(),
    replicas,
  };
  const overview = accountsText(status, look).join('\n');
  if (widget === null && only === null) return overview;
  const sections = shown.flatMap(({ summary, known }) => {
    if (known === null || known.recorded.account.widgets.length === 0) return [];
    const head = look.colours.bold(
      printable(`${summary.name}: ${accountStateWords[summary.state]}`),
    );
    return [`${head}\n\n${textOf(known.entry.settings, known.recorded, context)}`];
  });
  return [...sections, overview].join('\n\n');
}
