// Rounds of chaos over several accounts of one tree: each a schedule, the calm after it, and the checks.
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/base/clock.ts';
import { runCommand } from '../../support/command.ts';
import { checkKeys, type Trace, tracesBelow } from '../key-checks.ts';
import { checkAccount, checkLog, differencesIn } from './agency-checks.ts';
import { type AgencyStep, drawAgencySteps, keyOwner, soundAccounts } from './agency-schedule.ts';
import { type AccountName, accountNames, type Flaw } from './agency-tree.ts';
import { type AgencyWorld, newKey, openAgencyWorld } from './agency-world.ts';

export interface AgencyRound {
  readonly round: number;
  readonly steps: readonly AgencyStep[];
  readonly calmMs: number;
  readonly violations: readonly string[];
}

export interface AgencyReport {
  readonly seed: number;
  readonly rounds: readonly AgencyRound[];
  readonly isPublished: boolean;
  /** What the failing account answered. */
  readonly failure: string;
  readonly runs: number;
  /** Writes stored, by account. */
  readonly writes: Readonly<Record<AccountName, number>>;
}

export interface AgencyOptions {
  readonly seed: number;
  readonly rounds: number;
  readonly onRound?: (report: AgencyRound) => void;
  /** Where the log of a world that failed is kept, without `.log`. */
  readonly keepLogAs?: string;
}

/** The sound accounts get there beside one that fails; after the last round that one is healed, and does as well. */
export async function runAgencyRounds(options: AgencyOptions): Promise<AgencyReport> {
  const world = await openAgencyWorld(options.seed);
  try {
    const rounds: AgencyRound[] = [];
    for (let round = 1; round <= options.rounds; round += 1) {
      const report = await runRound(world, round, round === options.rounds);
      rounds.push(report);
      options.onRound?.(report);
      if (report.violations.length > 0) break;
    }
    const isWrong = rounds.at(-1)?.violations.length !== 0;
    if (isWrong && options.keepLogAs !== undefined)
      copyFileSync(world.logFile, `${options.keepLogAs}.log`);
    return {
      seed: options.seed,
      rounds,
      isPublished: world.isPublished,
      failure: JSON.stringify(world.failure),
      runs: world.daemon.runs,
      writes: {
        fernwood: stored(world, 'fernwood'),
        harbor: stored(world, 'harbor'),
        juniper: stored(world, 'juniper'),
      },
    };
  } finally {
    await world.close();
  }
}

function stored({ accounts }: AgencyWorld, name: AccountName): number {
  return accounts[name].journal.entries.filter((entry) => entry.stored !== null).length;
}

async function runRound(world: AgencyWorld, round: number, isLast: boolean): Promise<AgencyRound> {
  const steps = drawAgencySteps(world.dice);
  world.daemon.start();
  for (const step of steps) await carryOut(step, world);
  for (const name of soundAccounts) world.accounts[name].faults.set(null);
  world.tree.mend();
  world.daemon.start();
  const startedMs = systemClock.monotonicMs();
  const violations = await settle(world, soundAccounts);
  const calmMs = systemClock.monotonicMs() - startedMs;
  if (isLast && violations.length === 0) {
    heal(world, round);
    violations.push(...(await settle(world, accountNames)), ...(await checkStatus(world)));
  }
  return { round, steps, calmMs, violations: [...violations, ...checkAll(world)] };
}

/** With a new key, since a refused one is not tried again. */
function heal(world: AgencyWorld, round: number): void {
  world.accounts.juniper.faults.set(null);
  world.acceptKey('juniper', newKey('juniper', round));
  world.writeKey('juniper', newKey('juniper', round));
}

/** The longest pauses that a few seconds of faults can lead to, with time to act after them. */
const patienceMs = 75_000;
const stillMs = 200;

/** What is still not as the tree says when patience ends; nothing as soon as all is, and stays so. */
async function settle(world: AgencyWorld, names: readonly AccountName[]): Promise<string[]> {
  const untilMs = systemClock.monotonicMs() + patienceMs;
  let differences: string[] = [];
  for (let stillSinceMs: number | null = null; systemClock.monotonicMs() < untilMs; ) {
    differences = names.flatMap((name) => differencesOf(world, name));
    const nowMs = systemClock.monotonicMs();
    stillSinceMs = differences.length === 0 ? (stillSinceMs ?? nowMs) : null;
    if (stillSinceMs !== null && nowMs - stillSinceMs >= stillMs) return [];
    await systemClock.sleep(100);
  }
  return [...differences, ...(world.daemon.isRunning ? [] : ['the daemon is gone'])];
}

/** The last pass is confirmed and recorded a moment after the API holds what it wrote. */
const recordedWithinMs = 20_000;

/** What is wrong with what `status` says once all is recorded, or when patience ends. */
async function checkStatus(world: AgencyWorld): Promise<string[]> {
  const untilMs = systemClock.monotonicMs() + recordedWithinMs;
  for (;;) {
    const violations = await readStatus(world);
    if (violations.length === 0 || systemClock.monotonicMs() >= untilMs) return violations;
  }
}

/** What `status` prints of all of them, as a process of its own. */
async function readStatus({ root, accounts }: AgencyWorld): Promise<string[]> {
  const keys = accountNames.flatMap((name) => accounts[name].keys);
  const words = ['status', '--accounts', 'tree/accounts.yaml', '--state', 'state'];
  const shown = [
    await runCommand(words, { cwd: root }),
    await runCommand([...words, '--json'], { cwd: root }),
  ];
  return shown.flatMap(({ code, stdout, stderr }) => {
    const missing = accountNames.filter((name) => !stdout.includes(name));
    return [
      ...checkKeys(keys, [{ name: 'status', text: stdout + stderr }]),
      ...missing.map((name) => `status does not tell of ${name}: ${stdout}${stderr}`),
      // All of them are as the tree says, and a daemon runs.
      ...(code === 0 ? [] : [`status ended with ${code}: ${stdout}${stderr}`]),
    ];
  });
}

function differencesOf({ tree, kept }: AgencyWorld, name: AccountName): string[] {
  const [revision] = tree.revisions.slice(-1);
  return revision === undefined ? [] : differencesIn(kept(name), revision);
}

function checkAll(world: AgencyWorld): string[] {
  const { accounts, tree, daemon, leaks, root, logFile } = world;
  const { revisions } = tree;
  const log = readFileSync(logFile, 'utf8');
  const keys = accountNames.flatMap((name) => accounts[name].keys);
  const bodies = accountNames.flatMap((name) =>
    accounts[name].journal.entries.map(({ request }) => JSON.stringify(request.body)),
  );
  const traces: Trace[] = [
    ...tracesBelow(join(root, 'state')),
    { name: 'the log', text: log },
    { name: 'stderr', text: daemon.endings.map(({ stderr }) => stderr).join('\n') },
    { name: 'the body of a request', text: bodies.join('\n') },
  ];
  return [
    ...accountNames.flatMap((account) =>
      checkAccount({ account, exchanges: accounts[account].journal.entries, revisions }),
    ),
    ...leaks,
    ...checkKeys(keys, traces),
    ...checkLog(log.split('\n')),
    ...daemon.bugs.map((line) => `a bug: ${line}`),
  ];
}

async function carryOut(step: AgencyStep, world: AgencyWorld): Promise<void> {
  const { tree, daemon, accounts } = world;
  switch (step.do) {
    case 'write':
      return tree.writeWidgets(step.places);
    case 'fragment':
      return tree.writeFragment(step.name, null, step.beside);
    case 'switch':
      return tree.switchFragment(step.place);
    case 'break':
      return tree.writeWidgets([step.place], { kind: 'nonsense' });
    case 'plant key':
      return tree.writeWidgets([step.place], plantedIn(world));
    case 'break fragment':
      return tree.writeFragment(step.name, { kind: 'nonsense' });
    case 'plant key in fragment':
      return tree.writeFragment(step.name, plantedIn(world));
    case 'entry':
      return tree.setEntry(step.account, step.entry);
    case 'accounts file':
      return tree.setAccountsFile(step.is);
    case 'rotate key':
      return rotateKey(step, world);
    case 'faults':
      return accounts[step.account].faults.set({ seed: 1, rules: [step.rule] });
    case 'mend':
      return tree.mend();
    case 'wait':
      return systemClock.sleep(step.ms);
    case 'kill':
      await writesSeen(step, world);
      await daemon.kill();
      return daemon.start();
    case 'terminate':
      await writesSeen(step, world);
      await daemon.terminate();
      return daemon.start();
  }
}

function plantedIn({ accounts }: AgencyWorld): Flaw {
  return { kind: 'key', text: accounts[keyOwner].keys.at(-1) ?? '' };
}

async function rotateKey(
  { account, first }: Extract<AgencyStep, { do: 'rotate key' }>,
  world: AgencyWorld,
): Promise<void> {
  const key = newKey(account, world.accounts[account].keys.length);
  if (first === 'api') world.acceptKey(account, key);
  else world.writeKey(account, key);
  await systemClock.sleep(world.dice.between(0, 800));
  if (first === 'api') world.writeKey(account, key);
  else world.acceptKey(account, key);
}

/** Nothing may be about to be sent at all. */
const longestWaitMs = 1500;

async function writesSeen(
  { writes, plusMs }: Extract<AgencyStep, { do: 'kill' | 'terminate' }>,
  { accounts }: AgencyWorld,
): Promise<void> {
  const found = new AbortController();
  const seen = new Set<object>();
  const forget = soundAccounts.map((name) =>
    accounts[name].sandbox.observe((request) => {
      if (request.method === 'PUT') seen.add(request);
      if (seen.size >= writes) found.abort();
    }),
  );
  await systemClock.sleep(longestWaitMs, found.signal);
  for (const one of forget) one();
  await systemClock.sleep(plusMs);
}

export function describeAgencyRound(seed: number, report: AgencyRound): string {
  const { round, steps, calmMs, violations } = report;
  const end = violations.length === 0 ? 'ok' : `${violations.length} VIOLATIONS`;
  return `seed ${seed} round ${round} accounts: ${steps.length} steps, calm in ${Math.round(calmMs)} ms: ${end}`;
}

export function describeAgency({ seed, rounds, isPublished, failure }: AgencyReport): string {
  const last = rounds.at(-1);
  return [
    `seed ${seed}, round ${last?.round}, ${isPublished ? 'published' : 'in place'}, juniper: ${failure}`,
    ...(last?.steps ?? []).map((step) => `  ${JSON.stringify(step)}`),
    ...(last?.violations ?? []).map((violation) => `  ${violation}`),
  ].join('\n');
}
