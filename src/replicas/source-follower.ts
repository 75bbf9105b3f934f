// Where this process's files stand in the order of each source: asks the store once for all accounts of a source,
// appends what comes after the newest, and waits with everything else. Serves one process over all its sessions.
import type { Clock } from '../base/clock.ts';
import { type Arrival, judge, settle, type Verdict } from './source-order.ts';
import type { Place, SourceStore } from './source-store.ts';

/** The files of an account, as they were just read. */
export interface SeenFiles {
  readonly source: string;
  readonly revision: string;
  readonly committedAt: Date | null;
  /** How their revision stands to another one. Asked once for each. */
  readonly lineTo: (revision: string) => Arrival['line'];
}

export interface LivingReplica {
  readonly host: string;
}

export interface FollowerDeps {
  readonly store: SourceStore;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** The sessions that are alive, by number, as this process's own beat last saw them; null: it has none now. */
  readonly living: () => ReadonlyMap<string, LivingReplica> | null;
  /** Of this process; null: it has none now. */
  readonly session: () => string | null;
  /**
   * `replica`: what comes after the newest is given a position. `guest`: it may be acted on, and nothing is
   * given a position, as for a command of one person.
   */
  readonly as: 'replica' | 'guest';
  /** Files were given a position though nothing tells that they come after `newest`, since nobody has that. */
  readonly onForced: (files: SeenFiles, newest: Place) => void;
}

/** Why files may not be acted on. */
export type Lag =
  /** They were replaced while the store was asked. */
  | { readonly kind: 'moving' }
  | { readonly kind: 'older'; readonly newest: Place }
  | { readonly kind: 'contested'; readonly newest: Place }
  /** `hosts`: of the living replicas that have the newest. */
  | { readonly kind: 'blocked'; readonly newest: Place; readonly hosts: readonly string[] };

export type Placement = { readonly kind: 'newest'; readonly position: number } | Lag;

/** What accounts of a source ask within so long is answered once. */
const freshMs = 1000;
/** Others may append in between each time; more often than this they hardly do. */
const mostTries = 10;

interface SourceState {
  revision: string;
  /** The last position at which the files were. */
  from: number | null;
  /** Of this very revision, and when the store was asked; null: it has none, or it was never asked. */
  placed: { readonly position: number; readonly askedMs: number } | null;
  lag: { readonly is: Lag; readonly askedMs: number } | null;
  contest: {
    readonly newest: number;
    readonly sinceMs: number;
    aloneSinceMs: number | null;
  } | null;
  readonly lines: Map<string, Arrival['line']>;
  /** The session that has said where it stands, and where. */
  stood: string;
  /** What was asked last. */
  last: Promise<unknown>;
}

export class SourceFollower {
  readonly #deps: FollowerDeps;
  readonly #sources = new Map<string, SourceState>();

  constructor(deps: FollowerDeps) {
    this.#deps = deps;
  }

  /**
   * Whether the files may be acted on for an account that this process has held since then (monotonic): the
   * order is asked anew, since the holder before may have followed newer ones. Whoever holds an account may go on
   * with its files though newer ones are followed elsewhere. To be called in the turn in which the files were
   * read, so that of two readings the later one counts. Throws `StateError`.
   */
  async place(files: SeenFiles, heldSinceMs: number): Promise<Placement> {
    const state = this.#observe(files);
    const known = this.#known(state, heldSinceMs);
    if (known !== null) return known;
    const answer = state.last.then(async () => {
      if (state.revision !== files.revision) return { kind: 'moving' } as const;
      return this.#known(state, heldSinceMs) ?? (await this.#ask(files, state));
    });
    state.last = answer.catch(() => {});
    return await answer;
  }

  /** Another session of this process has begun: says where its files are. Throws `StateError`. */
  async standAgain(session: string): Promise<void> {
    for (const [source, state] of this.#sources) {
      if (state.from !== null) await this.#say(session, source, state);
    }
  }

  /** The newest position of the last answers, by source: where this process's files have been. */
  positions(): ReadonlyMap<string, number> {
    const found = [...this.#sources].flatMap(([source, { from }]): [string, number][] =>
      from === null ? [] : [[source, from]],
    );
    return new Map(found);
  }

  #observe({ source, revision }: SeenFiles): SourceState {
    const known = this.#sources.get(source);
    if (known === undefined) {
      const state: SourceState = {
        ...{ revision, from: null, placed: null, lag: null, contest: null },
        ...{ lines: new Map(), stood: '', last: Promise.resolve() },
      };
      this.#sources.set(source, state);
      return state;
    }
    if (known.revision !== revision) {
      Object.assign(known, { revision, placed: null, lag: null, contest: null });
      known.lines.clear();
    }
    return known;
  }

  #known({ placed, lag }: SourceState, heldSinceMs: number): Placement | null {
    if (placed !== null && placed.askedMs >= heldSinceMs) {
      return { kind: 'newest', position: placed.position };
    }
    const isFresh =
      lag !== null &&
      lag.askedMs >= heldSinceMs &&
      this.#deps.clock.monotonicMs() - lag.askedMs < freshMs;
    return isFresh ? lag.is : null;
  }

  async #ask(files: SeenFiles, state: SourceState): Promise<Placement> {
    const { source, revision, committedAt } = files;
    for (let tries = 1; ; tries += 1) {
      const askedMs = this.#deps.clock.monotonicMs();
      const { newest, known } = await this.#deps.store.look(source, revision);
      const line = newest === null ? 'unknown' : lineTo(newest.revision, files, state);
      const verdict = judge({ revision, committedAt, from: state.from, newest, known, line });
      const decided = await this.#decide(verdict, files, state);
      if (decided === 'again' && tries < mostTries) continue;
      const placement: Placement = decided === 'again' ? { kind: 'moving' } : decided;
      if (placement.kind === 'newest') await this.#stand(source, state, placement.position);
      // They may have been replaced meanwhile: what was found is of no file that is there.
      if (state.revision !== revision) return { kind: 'moving' };
      if (placement.kind === 'newest') state.placed = { position: placement.position, askedMs };
      else state.lag = { is: placement, askedMs };
      return placement;
    }
  }

  async #decide(
    verdict: Verdict,
    files: SeenFiles,
    state: SourceState,
  ): Promise<Placement | 'again'> {
    switch (verdict.kind) {
      case 'newest':
      case 'older':
        return verdict;
      case 'append':
        return await this.#append(files, verdict.after);
      case 'contested':
        return await this.#settle(verdict.newest, files, state);
    }
  }

  async #append(
    { source, revision, committedAt }: SeenFiles,
    after: number,
  ): Promise<Placement | 'again'> {
    if (this.#deps.as === 'guest') return { kind: 'newest', position: after };
    const place = await this.#deps.store.append(source, after, { revision, committedAt });
    return place === null ? 'again' : { kind: 'newest', position: place.position };
  }

  async #settle(newest: Place, files: SeenFiles, state: SourceState): Promise<Placement | 'again'> {
    const nowMs = this.#deps.clock.monotonicMs();
    const hosts = await this.#hostsAt(files.source, newest.position);
    if (state.contest?.newest !== newest.position) {
      state.contest = { newest: newest.position, sinceMs: nowMs, aloneSinceMs: null };
    }
    const { contest } = state;
    contest.aloneSinceMs = hosts?.length === 0 ? (contest.aloneSinceMs ?? nowMs) : null;
    const { sinceMs, aloneSinceMs } = contest;
    const aloneForMs = aloneSinceMs === null ? null : nowMs - aloneSinceMs;
    switch (settle({ forMs: nowMs - sinceMs, aloneForMs })) {
      case 'wait':
        return { kind: 'contested', newest };
      case 'blocked':
        return { kind: 'blocked', newest, hosts: hosts ?? [] };
      case 'append': {
        const placement = await this.#append(files, newest.position);
        if (placement !== 'again') this.#deps.onForced(files, newest);
        return placement;
      }
    }
  }

  /** Null where it cannot be told now who is alive. */
  async #hostsAt(source: string, position: number): Promise<readonly string[] | null> {
    const stands = await this.#deps.store.stands();
    const living = this.#deps.living();
    if (living === null) return null;
    return stands.flatMap(({ session, at }) => {
      const replica = living.get(session);
      const isThere = at.source === source && at.position === position && replica !== undefined;
      return isThere ? [replica.host] : [];
    });
  }

  async #stand(source: string, state: SourceState, position: number): Promise<void> {
    state.from = position;
    const session = this.#deps.session();
    if (session !== null) await this.#say(session, source, state);
  }

  async #say(session: string, source: string, state: SourceState): Promise<void> {
    const { from } = state;
    const stood = `${session} ${from}`;
    if (from === null || state.stood === stood || this.#deps.as === 'guest') return;
    await this.#deps.store.stand(session, source, from);
    state.stood = stood;
  }
}

function lineTo(other: string, files: SeenFiles, { lines }: SourceState): Arrival['line'] {
  const line = lines.get(other) ?? files.lineTo(other);
  lines.set(other, line);
  return line;
}
