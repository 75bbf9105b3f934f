// Replicas that pull the same branch, each in its own time, and all act on one account: how many of the acts are on
// older files than an act before. Time is made up, and the same seed gives the same course.
import { SourceFollower } from '../../src/replicas/source-follower.ts';
import { type Dice, rollDice } from '../chaos/dice.ts';
import { ModelSourceStore } from './fixtures/model-source-store.ts';

export interface Course {
  readonly seed: number;
  readonly acts: number;
  /** `none`: each replica acts on what it has. */
  readonly order: 'kept' | 'none';
  /** How many commits before its own a clone has; 0: not even its parent's name. */
  readonly depth: number;
  /** Committer's dates are wrong by up to so much, to either side. */
  readonly wrongByMs?: number;
  /** The share of pushes that take commits away: to an earlier commit, or to a new one upon that. */
  readonly forced?: number;
  /** For the test of the test: what the store is in truth. */
  readonly store?: ModelSourceStore;
}

export interface Figures {
  /** That were made. */
  readonly acts: number;
  /** Of these, on files that were pushed before those of an earlier act. */
  readonly older: number;
  /** That had to wait, as shares of all that were wanted. */
  readonly waited: number;
  /** The longest time in which a replica that had the newest files could not act. */
  readonly longestStuckMs: number;
  readonly forcedIn: number;
}

interface Commit {
  readonly id: string;
  readonly parent: Commit | null;
  readonly date: Date;
  /** How many commits are before it. */
  readonly height: number;
}

const replicas = 3;
const pullMs = [20_000, 45_000] as const;
const pushMs = [1000, 60_000] as const;
const actMs = [200, 5000] as const;
const restartMs = [60_000, 1_800_000] as const;
const startMs = 1_790_000_000_000;

interface Replica {
  follower: SourceFollower;
  /** Of the push whose files it has. */
  pushed: number;
  commit: Commit;
  pullsAtMs: number;
  restartsAtMs: number;
  stuckSinceMs: number | null;
}

export async function simulate(course: Course): Promise<Figures> {
  const dice = rollDice(course.seed);
  const branch = new Branch(course, dice);
  const store = course.store ?? new ModelSourceStore();
  const time = { nowMs: 0 };
  const figures = { acts: 0, older: 0, waited: 0, longestStuckMs: 0, forcedIn: 0 };
  const living = new Map<string, { readonly host: string }>();
  let sessions = 0;
  const follow = () => {
    sessions += 1;
    const session = `${sessions}`;
    store.sessions.add(session);
    living.set(session, { host: session });
    const follower = new SourceFollower({
      ...{ store, clock: { monotonicMs: () => time.nowMs }, as: 'replica' },
      ...{ living: () => living, session: () => session },
      onForced: () => {
        figures.forcedIn += 1;
      },
    });
    return { follower, session };
  };
  const all = Array.from({ length: replicas }, (): Replica & { session: string } => ({
    ...follow(),
    ...{ pushed: branch.pushes, commit: branch.tip, stuckSinceMs: null },
    pullsAtMs: dice.between(0, pullMs[1]),
    restartsAtMs: dice.between(...restartMs),
  }));
  let newestActed = 0;
  while (figures.acts < course.acts) {
    time.nowMs += dice.between(...actMs);
    branch.pushUntil(time.nowMs);
    for (const replica of all) {
      if (replica.pullsAtMs <= time.nowMs) {
        Object.assign(replica, { pushed: branch.pushes, commit: branch.tip });
        replica.pullsAtMs = time.nowMs + dice.between(...pullMs);
      }
      if (replica.restartsAtMs <= time.nowMs) {
        living.delete(replica.session);
        store.forgetSession(replica.session);
        Object.assign(replica, follow());
        replica.restartsAtMs = time.nowMs + dice.between(...restartMs);
      }
    }
    const replica = all[dice.between(0, replicas - 1)] as Replica;
    if (course.order === 'kept' && !(await isNewest(replica, course, time.nowMs))) {
      figures.waited += 1;
      if (replica.pushed < newestActed) replica.stuckSinceMs = null;
      else replica.stuckSinceMs ??= time.nowMs;
      const stuckMs = time.nowMs - (replica.stuckSinceMs ?? time.nowMs);
      figures.longestStuckMs = Math.max(figures.longestStuckMs, stuckMs);
      continue;
    }
    replica.stuckSinceMs = null;
    figures.acts += 1;
    if (replica.pushed < newestActed) figures.older += 1;
    newestActed = Math.max(newestActed, replica.pushed);
  }
  return { ...figures, waited: figures.waited / (figures.waited + figures.acts) };
}

/** As for an account that it has just taken over. */
async function isNewest(replica: Replica, { depth }: Course, nowMs: number): Promise<boolean> {
  const { commit } = replica;
  const files = {
    ...{ source: '.', revision: commit.id, committedAt: commit.date },
    lineTo: (other: string) => (isAncestor(other, commit, depth) ? 'after' : 'unknown'),
  } as const;
  return (await replica.follower.place(files, nowMs)).kind === 'newest';
}

function isAncestor(id: string, commit: Commit, depth: number): boolean {
  let at = commit.parent;
  for (let step = 0; step < depth && at !== null; step += 1) {
    if (at.id === id) return true;
    at = at.parent;
  }
  return false;
}

/** Pushes of one to three commits at times that chance gives, by people whose clocks go wrong each in its own way. */
class Branch {
  tip: Commit = { id: '0', parent: null, date: new Date(startMs), height: 0 };
  pushes = 0;
  readonly #course: Course;
  readonly #dice: Dice;
  #commits = 0;
  #nextMs = 0;

  constructor(course: Course, dice: Dice) {
    this.#course = course;
    this.#dice = dice;
  }

  pushUntil(nowMs: number): void {
    while (this.#nextMs <= nowMs) {
      this.#push(this.#nextMs);
      this.#nextMs += this.#dice.between(...pushMs);
    }
  }

  #push(atMs: number): void {
    this.pushes += 1;
    const isForced = this.#dice.lucky(this.#course.forced ?? 0) && this.tip.height > 5;
    if (isForced) {
      const back = this.#dice.between(1, 3);
      for (let step = 0; step < back; step += 1) this.tip = this.tip.parent ?? this.tip;
      if (this.#dice.lucky(0.5)) return;
    }
    const commits = this.#dice.between(1, 3);
    const { wrongByMs = 0 } = this.#course;
    for (let n = 0; n < commits; n += 1) {
      this.#commits += 1;
      const atAllMs = startMs + atMs + this.#dice.between(-wrongByMs, wrongByMs);
      // Git knows seconds.
      const date = new Date(Math.floor(atAllMs / 1000) * 1000);
      const { tip } = this;
      this.tip = { id: `${this.#commits}`, parent: tip, date, height: tip.height + 1 };
    }
  }
}
