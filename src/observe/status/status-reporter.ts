// The status of an account as it changes: written for `status`, at most twice a second and at least each 15
// seconds; each change of it is an event. Decides nothing.
import type { Clock } from '../../base/clock.ts';
import { messageOf, StateError, TenureLostError } from '../../base/errors.ts';
import { briefWaitMs, formatPerSecond } from '../../config/rate.ts';
import type { Change } from '../../model/plan.ts';
import type { WidgetId } from '../../model/widget.ts';
import type { StateStore } from '../../state/state-store.ts';
import { accountStatus } from '../../status/account-status.ts';
import { carrySince } from '../../status/carry-since.ts';
import type { Lifetime, Obstacle, QueuedStatus, StatusRecord } from '../../status/status-record.ts';
import type { AccountStatus } from '../../status/widget-status.ts';
import type { Emit, Listener } from '../../sync/events.ts';
import type { QueuedChange } from '../../sync/queue/queued-changes.ts';
import type { ApiPace } from '../../sync/rate/api-pace.ts';
import type { RateLimiter } from '../../sync/rate/rate-limiter.ts';
import { waitWords } from '../../sync/rate/wait.ts';
import { Heartbeat } from './heartbeat.ts';
import type { Liveness } from './liveness.ts';
import { Obstacles } from './obstacles.ts';
import {
  type Findings,
  type FindingsDeps,
  heldStatus,
  notInQueue,
  queuedStatus,
  StatusFindings,
} from './status-findings.ts';
import { UnplannedFiles } from './unplanned-files.ts';

export interface StatusReporterDeps {
  /** Its name, where a process follows several; absent or null: the only one. */
  readonly account?: string | null;
  readonly state: Pick<StateStore, 'records' | 'reportStatus' | 'status'>;
  readonly clock: Clock;
  readonly directory: FindingsDeps['directory'];
  /** Changes that wait or are in flight, in the order in which they go. */
  readonly queued: () => readonly QueuedChange[];
  /** Whether decisions rest on what is live. */
  readonly live: { readonly readable: boolean };
  /** The reason that keeps requests from starting. */
  readonly limiter: Pick<RateLimiter, 'wait' | 'refusedForMs' | 'outage'>;
  readonly pace: Pick<ApiPace, 'about'>;
  /** This process. */
  readonly self: Pick<Lifetime, 'pid' | 'host'>;
  readonly liveness: Pick<Liveness, 'isAlive'>;
  readonly emit: Emit;
  /** The status could not be written: nothing depends on it, so it is said and no more. */
  readonly onFailure: (message: string) => void;
}

export interface StatusOrigin {
  readonly command: string;
  readonly directory: string;
}

/** Outcomes come in bursts; the file is written at most this often. */
const quietMs = 500;
/** A tenth of the time at most goes into writing it, however many changes wait. */
const restPerWrite = 10;

export class StatusReporter {
  readonly #origin: StatusOrigin;
  readonly #deps: StatusReporterDeps;
  readonly #findings: StatusFindings;
  readonly #obstacles: Obstacles;
  readonly #unplanned = new UnplannedFiles();
  readonly #stopped = new AbortController();
  readonly #startedAt: Date;
  readonly #heartbeat: Heartbeat;
  /** The last record, of an earlier process at first: since when something has been so stands in there. */
  #before: StatusRecord | null = null;
  /** Null: none was made yet. */
  #newest: StatusRecord | null = null;
  /** Null: it was not asked for since. */
  #current: AccountStatus | null = null;
  #nextResync: Date | null = null;
  #writing: Promise<void> | null = null;
  /** How long the last write took. */
  #writeMs = 0;
  #beating: Promise<void> = Promise.resolve();
  #isBeating = false;

  constructor(origin: StatusOrigin, deps: StatusReporterDeps) {
    this.#origin = origin;
    this.#deps = deps;
    this.#findings = new StatusFindings(deps);
    this.#obstacles = new Obstacles({ ...deps, queued: () => deps.queued().length });
    this.#startedAt = deps.clock.now();
    this.#heartbeat = new Heartbeat(deps);
  }

  readonly hear: Listener = (event) => {
    if (event.kind === 'status-changed') return;
    this.#findings.hear(event);
    this.#unplanned.hear(event);
    this.#obstacles.hear(event);
    this.#changed();
  };

  /** Takes over since when things have been so. To be called before anything is heard. */
  async recall(): Promise<void> {
    try {
      this.#before = (await this.#deps.state.status()).status;
      this.#findings.carry(this.#unseenBefore());
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      this.#deps.onFailure(error.message);
    }
  }

  /** `recall`, and beats from then on, which tells that this process lives. */
  async start(): Promise<void> {
    await this.recall();
    this.#isBeating = true;
    this.#beating = this.#heartbeat.keep(this.#stopped.signal, () => this.#changed());
  }

  /** When the next full resync is due. */
  planned(nextResync: Date | null): void {
    this.#nextResync = nextResync;
    this.#changed();
  }

  /** The newest status. */
  current(): AccountStatus {
    this.#newest ??= this.#record();
    this.#current ??= accountStatus(this.#deps.state.records.values(), this.#newest);
    return this.#current;
  }

  /** Writes what is not written yet, and nothing after that. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#beating;
    await this.#writing;
    const record = this.#record();
    const endedAt = this.#deps.clock.now();
    await this.#write({ ...record, lifetime: { ...record.lifetime, endedAt } });
  }

  #changed(): void {
    if (this.#stopped.signal.aborted) return;
    const { clock, emit } = this.#deps;
    const restMs = Math.max(quietMs, restPerWrite * this.#writeMs);
    this.#writing ??= clock.sleep(restMs, this.#stopped.signal).then(async () => {
      this.#writing = null;
      if (this.#stopped.signal.aborted) return;
      const startedMs = clock.monotonicMs();
      if (this.#isBeating) this.#heartbeat.written();
      this.#newest = this.#record();
      this.#current = null;
      emit({ kind: 'status-changed' });
      await this.#write(this.#newest);
      this.#writeMs = clock.monotonicMs() - startedMs;
    });
  }

  async #write(record: StatusRecord): Promise<void> {
    const hasNothing = record.obstacles.length === 0 && record.waiting === null;
    if (!this.#findings.hasPlan && hasNothing && !this.#isBeating) return;
    this.#before = record;
    try {
      await this.#deps.state.reportStatus(record);
    } catch (error) {
      // Somebody else writes it now, and whoever follows the account says that it is lost.
      if (!(error instanceof TenureLostError)) this.#deps.onFailure(messageOf(error));
    }
  }

  #record(): StatusRecord {
    const { about } = this.#deps.pace;
    const obstacles = this.#obstacles.list();
    const found = {
      ...this.#origin,
      ...this.#withUnplanned(this.#found(), obstacles),
      obstacles,
      waiting: this.#waiting(),
      apiRate: about === null ? null : formatPerSecond(about),
      isBlind: !this.#deps.live.readable,
      lifetime: this.#lifetime(),
    };
    return this.#before === null ? found : carrySince(found, this.#before);
  }

  *#unseenBefore(): Iterable<readonly [string, Date]> {
    const { records } = this.#deps.state;
    for (const widgetId of this.#before?.unseen ?? []) {
      const record = records.get(widgetId as WidgetId);
      if (record !== undefined) yield [widgetId, record.appliedAt];
    }
  }

  /** As long as something is in the way, or has to be waited for; otherwise a plan is made in a moment. */
  #withUnplanned<Found extends Pick<StatusRecord, 'queue' | 'held'>>(
    found: Found,
    obstacles: readonly Obstacle[],
  ): Found {
    // A key file that went bad keeps no plan from being made.
    const isInTheWay = obstacles.some(({ by }) => by !== 'key-file');
    if (!isInTheWay && this.#waiting() === null) return found;
    const now = this.#deps.clock.now();
    const changes = this.#unplanned.changes(this.#deps.state.records, now);
    const differing = new Set(changes.map(({ widgetId }) => widgetId));
    const others = found.queue.filter(({ widgetId }) => !differing.has(widgetId));
    const known = new Set(found.held.map(({ file }) => file));
    const held = this.#unplanned.held
      .filter((one) => !known.has(one.held.file))
      .map((one) => heldStatus(one.held, { line: one.line, since: now }));
    return { ...found, queue: [...others, ...changes], held: [...found.held, ...held] };
  }

  /** Before its first plan a process leaves what the one before has found. */
  #found(): Findings & Pick<StatusRecord, 'queue'> {
    if (this.#findings.hasPlan || this.#before === null) {
      return { ...this.#findings.list(), queue: this.#queue() };
    }
    const { time, revision, commit, source, refusedChecksum, queue, ...before } = this.#before;
    const { held, failed, drifted, orphaned, kept, unseen } = before;
    return {
      ...{ time, revision, commit, source, refusedChecksum, queue },
      ...{ held, failed, drifted, orphaned, kept, unseen },
      files: this.#findings.list().files,
    };
  }

  #lifetime(): Lifetime {
    const before = this.#before?.lifetime;
    return {
      ...this.#deps.self,
      startedAt: this.#startedAt,
      heartbeat: this.#heartbeat.at,
      endedAt: null,
      lastResync: this.#findings.lastResync ?? before?.lastResync ?? null,
      nextResync: this.#nextResync,
      lastWrite: this.#findings.lastWrite ?? before?.lastWrite ?? null,
    };
  }

  #queue(): QueuedStatus[] {
    const queued = this.#deps.queued().map(queuedStatus);
    const known = new Set(queued.map(({ widgetId }) => widgetId));
    const since = this.#deps.clock.now();
    const waitingFor = (changes: readonly Change[], phase: 'refused' | 'unsent') =>
      changes
        .filter(({ widgetId }) => !known.has(widgetId))
        .map((change) => notInQueue(change, phase, since));
    const { refusedChanges, unsentChanges } = this.#findings;
    return [
      ...queued,
      ...waitingFor(refusedChanges, 'refused'),
      ...waitingFor(unsentChanges, 'unsent'),
    ];
  }

  #waiting(): StatusRecord['waiting'] {
    const { wait } = this.#deps.limiter;
    if (wait === null || wait.forMs <= briefWaitMs) return null;
    const until = new Date(this.#deps.clock.now().getTime() + wait.forMs);
    return { why: waitWords[wait.reason], until, reason: wait.reason };
  }
}
