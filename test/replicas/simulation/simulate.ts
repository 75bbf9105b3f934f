// One schedule: a few replicas and accounts, edits, and a few things that go wrong, all drawn from one seed. Runs
// the real protocol, and returns what was broken.
import type { ReplicaRules } from '../../../src/replicas/replica.ts';
import { replicaRules } from '../../../src/replicas/replica.ts';
import type { Dice } from '../../chaos/dice.ts';
import { Judge, type Limits, type Promised } from './judge.ts';
import { ModelApi } from './model-api.ts';
import type { HolderMutant } from './model-holder.ts';
import { ModelLink } from './model-network.ts';
import { ModelProcess } from './model-process.ts';
import { ModelReplica } from './model-replica.ts';
import { ModelStore, type StoreMutant } from './model-store.ts';
import { World } from './world.ts';

export interface Mutant {
  readonly store?: StoreMutant;
  readonly holder?: HolderMutant;
  readonly rules?: Partial<ReplicaRules>;
  readonly clocks?: 'monotonic';
  /** Another one than the schedules have. */
  readonly timeoutMs?: number;
}

export interface Outcome {
  readonly broken: ReadonlyMap<Promised, string>;
  readonly seen: Judge['seen'];
  readonly story: readonly string[];
  /** The longest time in which an account had no holder though some replica was well. */
  readonly longestFreeMs: number;
}

const troubleMs = 9_000;
/** By then each session that is to end has ended, whoever waits has waited, and all is sent. */
const calmMs = 20_000;
/** Silence (4 s), a restart that is waited for (4 s), a share that nobody takes (5 s), and two beats. */
export const mostFreeMs = 15_000;

/** Who was well for so long has a session again, has waited for what it inherits, and has sent all. */
const wellMs = 12_000;

const simulatedRules: ReplicaRules = { ...replicaRules, settledMs: 5000 };
const limits: Omit<Limits, 'holdMs'> = {
  requests: 6,
  windowMs: 2000,
  concurrency: 3,
  timeoutMs: 1500,
};

const troubles = [
  'kill',
  'stop',
  'stall',
  'stall',
  'stall',
  'cut',
  'cut',
  'freeze',
  'jump',
] as const;
type Trouble = (typeof troubles)[number] | 'end' | 'end behind a cut' | 'restart';

export async function simulate(seed: number, mutant: Mutant = {}): Promise<Outcome> {
  const simulation = new Simulation(seed, mutant);
  return await simulation.run();
}

class Simulation {
  readonly #world: World;
  readonly #dice: Dice;
  readonly #judge: Judge;
  readonly #store: ModelStore;
  readonly #api: ModelApi;
  readonly #mutant: Mutant;
  readonly #limits: Limits;
  readonly #story: string[] = [];
  readonly #replicas: ModelReplica[] = [];
  readonly #desired = new Map<string, Map<string, number>>();
  readonly #clocksFreeze: boolean;
  /** What troubled a replica last, and when it is over. */
  readonly #troubledUntil = new Map<string, number>();
  readonly #freeSince = new Map<string, number>();
  #storeTroubledUntil = 0;
  #longestFreeMs = 0;
  #named = 0;

  constructor(seed: number, mutant: Mutant) {
    this.#world = new World(seed);
    this.#dice = this.#world.dice;
    this.#mutant = mutant;
    this.#clocksFreeze = this.#dice.lucky(0.15);
    const sessionsEnd = this.#dice.lucky(0.6);
    // What the world promises does not move with what the replica believes.
    this.#limits = {
      ...limits,
      holdMs: replicaRules.holdMs,
      timeoutMs: mutant.timeoutMs ?? limits.timeoutMs,
    };
    this.#judge = new Judge(this.#world, {
      limits: this.#limits,
      clocksFreeze: this.#clocksFreeze,
      sessionsEnd,
    });
    this.#store = new ModelStore(this.#world, this.#judge, mutant.store ?? null);
    this.#api = new ModelApi(this.#world, this.#judge, this.#limits);
    this.#drawAccounts();
    this.#drawTroubles(sessionsEnd);
  }

  async run(): Promise<Outcome> {
    const count = this.#dice.between(2, 3);
    for (let n = 0; n < count; n += 1)
      this.#world.after(this.#dice.between(0, 800), () => this.#start());
    this.#lookAgain();
    await this.#world.run(troubleMs);
    for (const widgets of this.#desired.values()) this.#edit(widgets);
    for (const replica of this.#replicas) replica.trap = null;
    await this.#world.run(troubleMs + calmMs);
    this.#judgeEnd();
    return {
      broken: this.#judge.broken,
      seen: this.#judge.seen,
      story: this.#story,
      longestFreeMs: this.#longestFreeMs,
    };
  }

  #tell(what: string): void {
    this.#story.push(`${this.#world.nowMs} ms: ${what}`);
  }

  #drawAccounts(): void {
    const accounts = this.#dice.between(1, 4);
    for (let n = 0; n < accounts; n += 1) {
      const widgets = new Map<string, number>();
      for (let w = this.#dice.between(1, 3); w > 0; w -= 1) widgets.set(`w${w}`, 1);
      this.#desired.set(`account-${n}`, widgets);
    }
    for (let n = this.#dice.between(15, 60); n > 0; n -= 1) {
      const [, widgets] = this.#dice.pick(this.#all([...this.#desired]));
      this.#world.after(this.#dice.between(0, troubleMs), () => this.#edit(widgets));
    }
  }

  #edit(widgets: Map<string, number>): false {
    for (const [widget, version] of widgets) {
      if (this.#dice.lucky(0.7)) widgets.set(widget, version + 1);
    }
    return false;
  }

  #start(): void {
    this.#named += 1;
    const name = `replica-${this.#named}`;
    const process = new ModelProcess(this.#world, this.#mutant.clocks ?? 'all');
    const link = new ModelLink(this.#world, this.#dice.between(10, 800));
    // The files of some lag behind: they know of one account less.
    const left = this.#dice.lucky(0.15) && this.#replicas.length > 0 ? 1 : 0;
    const wanted = new Set([...this.#desired.keys()].slice(left));
    this.#troubledUntil.set(name, this.#world.nowMs);
    this.#tell(`${name} starts`);
    this.#replicas.push(
      new ModelReplica({
        ...{ name, process, link, store: this.#store, api: this.#api, judge: this.#judge, wanted },
        limits: this.#limits,
        rules: { ...simulatedRules, ...this.#mutant.rules },
        desired: this.#desired,
        mutant: this.#mutant.holder ?? null,
      }),
    );
  }

  #drawTroubles(sessionsEnd: boolean): void {
    for (let n = this.#dice.between(1, 6); n > 0; n -= 1) {
      this.#world.after(this.#dice.between(500, troubleMs), () => this.#trouble(sessionsEnd));
    }
  }

  #trouble(sessionsEnd: boolean): unknown {
    const running = this.#replicas.filter(
      ({ process, isStopping }) => process.isRunning && !isStopping,
    );
    const [first] = running;
    if (first === undefined) return false;
    const victim = this.#dice.pick([first, ...running.slice(1)]);
    const ends = ['end', 'end behind a cut', 'restart', ...troubles] as const;
    const kind = this.#dice.pick(sessionsEnd ? ends : troubles);
    const at = this.#dice.pick(['any moment', 'page', 'page', 'request'] as const);
    const act = () => this.#befall(victim, kind, at);
    if (at === 'any moment') act();
    // In the middle of what it is doing; the world goes on in between.
    else victim.trap = { at, act: () => this.#world.after(0, act) };
    return true;
  }

  #befall(victim: ModelReplica, kind: Trouble, at: string): unknown {
    const { name, process, link } = victim;
    if (!process.isRunning || victim.isStopping) return false;
    // Now and then somebody never comes back.
    const ms = this.#dice.lucky(0.05) ? 60_000 : this.#dice.between(100, 7000);
    this.#tell(`${kind} ${name} at ${at}, ${ms} ms`);
    this.#isTroubled(name, ms);
    switch (kind) {
      case 'kill':
        process.kill();
        this.#world.after(this.#dice.between(0, 3000), () => this.#start());
        return true;
      case 'stop':
        void victim.stop();
        this.#world.after(this.#dice.between(0, 3000), () => this.#start());
        return true;
      case 'stall': {
        const stall = this.#clocksFreeze
          ? 'frozen'
          : this.#dice.pick(['stopped', 'asleep'] as const);
        return process.stall(stall, ms);
      }
      case 'cut':
        return link.cut(ms);
      case 'freeze':
        this.#storeTroubledUntil = Math.max(this.#storeTroubledUntil, this.#world.nowMs + ms);
        return this.#store.freeze(ms);
      case 'restart':
        this.#storeTroubledUntil = Math.max(this.#storeTroubledUntil, this.#world.nowMs + ms);
        return this.#store.restart(this.#dice.lucky(0.5) ? ms : 100);
      case 'end':
        return this.#store.endSession(name);
      case 'end behind a cut':
        // It cannot learn of it, and counts on its session a little longer.
        link.cut(this.#dice.between(100, 2500));
        return this.#store.endSession(name);
      case 'jump':
        return process.jumpWallClock(this.#dice.between(-20_000, 20_000));
    }
  }

  #isTroubled(name: string, ms: number): void {
    // A link that was cut takes up to a second more.
    const until = this.#world.nowMs + ms + 1000;
    this.#troubledUntil.set(name, Math.max(this.#troubledUntil.get(name) ?? 0, until));
  }

  /** Whether some replica that could hold the account was well for so long. */
  #someoneIsWell(account: string, forMs: number): boolean {
    const { nowMs } = this.#world;
    if (!this.#store.isUp || nowMs - this.#storeTroubledUntil < forMs) return false;
    return this.#replicas.some(
      ({ name, process, isStopping, wanted }) =>
        process.isRunning &&
        !isStopping &&
        wanted.has(account) &&
        nowMs - (this.#troubledUntil.get(name) ?? 0) >= forMs,
    );
  }

  /** By a session that is alive, of a process that runs. */
  #isServed(account: string): boolean {
    const holder = this.#store.accounts.get(account)?.holder ?? null;
    if (holder === null || !this.#store.isLiving(holder)) return false;
    const replica = this.#store.sessions.get(holder)?.info.replica;
    return this.#replicas.some(({ name, process }) => name === replica && process.isRunning);
  }

  #lookAgain(): void {
    const { nowMs } = this.#world;
    for (const name of this.#desired.keys()) {
      if (this.#isServed(name) || !this.#someoneIsWell(name, 0)) this.#freeSince.delete(name);
      else if (!this.#freeSince.has(name)) this.#freeSince.set(name, nowMs);
      const freeMs = nowMs - (this.#freeSince.get(name) ?? nowMs);
      if (this.#someoneIsWell(name, freeMs)) {
        this.#longestFreeMs = Math.max(this.#longestFreeMs, freeMs);
        if (freeMs > mostFreeMs) {
          this.#judge.fail('every account is held', `${name} was free for ${freeMs} ms`);
        }
      }
    }
    if (nowMs < troubleMs + calmMs) {
      this.#world.after(500, () => {
        this.#lookAgain();
        return false;
      });
    }
  }

  #judgeEnd(): void {
    for (const { name, bugs } of this.#replicas)
      if (bugs.length > 0) throw new Error(`bug in ${name}`, { cause: bugs[0] });
    for (const [account, widgets] of this.#desired) {
      // Whoever took it only now may still wait for what it inherits.
      const takenMs = this.#store.accounts.get(account)?.takenMs ?? 0;
      const isNew = this.#world.nowMs - takenMs < 8000;
      if (isNew || !this.#someoneIsWell(account, wellMs)) continue;
      for (const [widget, version] of widgets) {
        const live = this.#api.live.get(`${account}/${widget}`);
        const isRight = live === version || this.#clocksFreeze;
        if (!isRight) {
          this.#judge.fail(
            'all is sent in the end',
            `${account}/${widget} is ${live}, not ${version}`,
          );
        }
      }
    }
  }

  #all<Item>(items: readonly Item[]): readonly [Item, ...Item[]] {
    const [first, ...others] = items;
    if (first === undefined) throw new Error('there is nothing to choose from');
    return [first, ...others];
  }
}
