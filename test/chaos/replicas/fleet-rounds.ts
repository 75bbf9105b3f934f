// Rounds of chaos among replicas: each a schedule, the calm after it, and the checks.
import { copyFileSync, readFileSync } from 'node:fs';
import { systemClock } from '../../../src/base/clock.ts';
import { isJsonObject, parseJson } from '../../../src/base/json/json.ts';
import { runHere } from '../../support/program.ts';
import { widgetId } from '../../support/sandbox.ts';
import { checkKeys } from '../key-checks.ts';
import { checkFleetAccount, newestOf } from './fleet-checks.ts';
import {
  type AccountName,
  accountNames,
  drawFleetSteps,
  everyPlace,
  type FleetStep,
} from './fleet-schedule.ts';
import { budgets, type FleetReplica, type FleetWorld, openFleetWorld } from './fleet-world.ts';

export interface FleetRound {
  readonly round: number;
  readonly steps: readonly FleetStep[];
  readonly calmMs: number;
  readonly violations: readonly string[];
}

export interface FleetReport {
  readonly seed: number;
  readonly rounds: readonly FleetRound[];
  /** How often a replica was started. */
  readonly runs: number;
  /** Writes stored, of all accounts. */
  readonly writes: number;
}

export interface FleetOptions {
  readonly seed: number;
  readonly rounds: number;
  readonly onRound?: (report: FleetRound) => void;
  /** Where the logs of a world that failed are kept: the name of the replica is added. */
  readonly keepLogAs?: string;
}

export async function runFleetRounds(options: FleetOptions): Promise<FleetReport> {
  const world = await openFleetWorld(options.seed);
  try {
    const rounds: FleetRound[] = [];
    for (let round = 1; round <= options.rounds; round += 1) {
      const report = await runRound(world, round);
      rounds.push(report);
      options.onRound?.(report);
      if (report.violations.length > 0) break;
    }
    const { keepLogAs } = options;
    if (rounds.at(-1)?.violations.length !== 0 && keepLogAs !== undefined) {
      for (const [name, { logFile }] of Object.entries(world.replicas)) {
        copyFileSync(logFile, `${keepLogAs}-${name}.log`);
      }
    }
    const replicas = Object.values(world.replicas);
    return {
      ...{ seed: options.seed, rounds },
      runs: replicas.reduce((sum, { daemon }) => sum + daemon.runs, 0),
      writes: exchanges(world).filter(({ stored }) => stored !== null).length,
    };
  } finally {
    await world.close();
  }
}

function exchanges({ accounts }: FleetWorld) {
  return Object.values(accounts).flatMap(({ journal }) => journal.entries);
}

async function runRound(world: FleetWorld, round: number): Promise<FleetRound> {
  const steps = drawFleetSteps(world.dice);
  for (const { daemon } of Object.values(world.replicas)) daemon.start();
  for (const step of steps) await carryOut(step, world);
  heal(world);
  const startedMs = systemClock.monotonicMs();
  const violations = await settle(world);
  const calmMs = systemClock.monotonicMs() - startedMs;
  return { round, steps, calmMs, violations: [...violations, ...checkAll(world)] };
}

async function carryOut(step: FleetStep, world: FleetWorld): Promise<void> {
  switch (step.do) {
    case 'commit':
      return world.commit(step.places);
    case 'pull all':
      return pullAll(world);
    case 'crash':
      await world.postgres.crash();
      await systemClock.sleep(step.ms);
      return world.postgres.startAgain();
    case 'wait':
      return systemClock.sleep(step.ms);
    case 'faults':
      return world.accounts[step.account].faults.set({ seed: 1, rules: [step.rule] });
    case 'mend':
      return mend(world);
    case 'kill holder':
      return killHolder(step.account, world);
    default:
      return carryOutAt(step.do, world.replicas[step.replica]);
  }
}

type AtReplica = Extract<FleetStep, { replica: unknown }>['do'];

async function carryOutAt(what: AtReplica, { daemon, link, pull }: FleetReplica): Promise<void> {
  switch (what) {
    case 'pull':
      return pull();
    case 'kill':
      return daemon.kill();
    case 'terminate':
      daemon.wake();
      return daemon.terminate();
    case 'start':
      return daemon.start();
    case 'stop':
      return daemon.stop();
    case 'wake':
      return daemon.wake();
    case 'sever':
      return link.sever();
    case 'join':
      return link.join();
  }
}

/** Nothing may be about to be written at all. */
const longestWaitMs = 4000;

async function killHolder(account: AccountName, world: FleetWorld): Promise<void> {
  const found = new AbortController();
  const forget = world.accounts[account].sandbox.observe(({ method }) => {
    if (method === 'PUT') found.abort();
  });
  await systemClock.sleep(longestWaitMs, found.signal);
  forget();
  const holder = await holderOf(account, world);
  for (const { daemon } of Object.values(world.replicas)) {
    if (daemon.pid === holder) await daemon.kill();
  }
}

/** The number of its process; null: nobody who is alive. */
async function holderOf(account: AccountName, { query }: FleetWorld): Promise<number | null> {
  const rows = await query(
    `select a.name, (s.content::json ->> 'pid')::int as pid from widget_sync.account a
     join pg_locks l on l.locktype = 'advisory' and l.objid::int = a.holder and l.granted
     join widget_sync.session s on s.number = a.holder`,
  );
  const pid = rows.find(({ name }) => name === account)?.['pid'];
  return typeof pid === 'number' ? pid : null;
}

function pullAll({ replicas }: FleetWorld): void {
  for (const { pull } of Object.values(replicas)) pull();
}

function mend({ accounts }: FleetWorld): void {
  for (const { faults } of Object.values(accounts)) faults.set(null);
}

/** Nothing more goes wrong, and all are there. */
function heal(world: FleetWorld): void {
  mend(world);
  pullAll(world);
  for (const { daemon, link } of Object.values(world.replicas)) {
    daemon.wake();
    link.join();
    daemon.start();
  }
}

/** The longest pauses that a few seconds of faults can lead to, with time to act after them. */
const patienceMs = 120_000;
const stillMs = 200;

/** What is still not as the repository says when patience ends; nothing as soon as all is, and stays so. */
async function settle(world: FleetWorld): Promise<string[]> {
  const untilMs = systemClock.monotonicMs() + patienceMs;
  for (let stillSinceMs: number | null = null; ; await systemClock.sleep(100)) {
    const found = [...differencesIn(world), ...(await unrecordedIn(world))];
    const nowMs = systemClock.monotonicMs();
    stillSinceMs = found.length === 0 ? (stillSinceMs ?? nowMs) : null;
    const isStill = stillSinceMs !== null && nowMs - stillSinceMs >= stillMs;
    const wrong = isStill ? await readStatus(world) : found;
    if (isStill && wrong.length === 0) return [];
    if (nowMs >= untilMs) return wrong;
  }
}

function differencesIn({ accounts, commits }: FleetWorld): string[] {
  return everyPlace.flatMap((place) => {
    const live = accounts[place.account].sandbox.widget(widgetId(place.widget))?.['display_name'];
    const wanted = newestOf(commits, place);
    return live === wanted
      ? []
      : [`${JSON.stringify(live)} is live, not ${JSON.stringify(wanted)}`];
  });
}

async function unrecordedIn(world: FleetWorld): Promise<string[]> {
  const rows = await world.query('select account, widget_id, record from widget_sync.widget');
  return everyPlace.flatMap((place) => {
    const row = rows.find(
      ({ account, widget_id }) => account === place.account && widget_id === widgetId(place.widget),
    );
    const wanted = newestOf(world.commits, place);
    const record = parseJson(String(row?.['record']));
    const spec = isJsonObject(record) ? record['spec'] : null;
    const name = isJsonObject(spec) ? spec['display_name'] : null;
    return name === wanted
      ? []
      : [`${JSON.stringify(wanted)} is not recorded, but ${JSON.stringify(name)}`];
  });
}

/** What `status` says of accounts that are as they should be. */
async function readStatus({ accountsFile, env }: FleetWorld): Promise<string[]> {
  const words = ['status', '--accounts', accountsFile, '--store', 'postgres'];
  const { code, stdout, stderr } = await runHere(words, env);
  const missing = accountNames.filter((name) => !new RegExp(`^calm +${name}`, 'm').test(stdout));
  return code === 0 && missing.length === 0
    ? []
    : [`status ended with ${code}: ${stdout}${stderr}`];
}

function checkAll(world: FleetWorld): string[] {
  const { accounts, commits, replicas } = world;
  const keys = Object.values(accounts).map(({ key }) => key);
  const logs = Object.entries(replicas).map(([name, { logFile }]) => ({
    name: `the log of ${name}`,
    text: readFileSync(logFile, 'utf8'),
  }));
  const bugs = Object.values(replicas).flatMap(({ daemon }) => daemon.bugs);
  return [
    ...accountNames.flatMap((account) =>
      checkFleetAccount({
        ...{ account, commits, budget: budgets[account] },
        exchanges: accounts[account].journal.entries,
      }),
    ),
    ...checkKeys(keys, logs),
    ...bugs.map((line) => `a bug: ${line}`),
  ];
}

export function describeFleetRound(seed: number, report: FleetRound): string {
  const { round, steps, calmMs, violations } = report;
  const end = violations.length === 0 ? 'ok' : `${violations.length} VIOLATIONS`;
  return `seed ${seed} round ${round} replicas: ${steps.length} steps, calm in ${Math.round(calmMs)} ms: ${end}`;
}

export function describeFleet({ seed, rounds }: FleetReport): string {
  const last = rounds.at(-1);
  return [
    `seed ${seed}, round ${last?.round}`,
    ...(last?.steps ?? []).map((step) => `  ${JSON.stringify(step)}`),
    ...(last?.violations ?? []).map((violation) => `  ${violation}`),
  ].join('\n');
}
