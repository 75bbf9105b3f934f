// A store of replicas and of what accounts keep, as its port describes it: statements happen one at a time, in
// the order in which they arrive. It may be stopped, restarted, and end any session.
import { StateError } from '../../../src/base/errors.ts';
import {
  type Beat,
  type ClaimAnswer,
  type ClaimedTenure,
  type LostHolder,
  type ReplicaInfo,
  type ReplicaSession,
  type ReplicaStore,
  silenceMs,
} from '../../../src/replicas/replica-store.ts';
import type { Judge } from './judge.ts';
import type { ModelAccount, Page } from './model-account.ts';
import { ModelConnection, type ModelLink, type Server } from './model-network.ts';
import type { ModelProcess } from './model-process.ts';
import type { World } from './world.ts';

/** Ways in which a store could be wrong. */
export type StoreMutant = 'token stays' | 'claims from the living' | 'ends no silent session';

export interface Loaded {
  readonly page: Page;
  /** How old the page is. */
  readonly pageAgeMs: number;
  readonly records: ReadonlyMap<string, number>;
}

interface Session {
  readonly number: number;
  readonly info: ReplicaInfo;
  /** Of the store: which of its runs it was begun in. */
  readonly run: number;
  readonly connection: ModelConnection;
  heardMs: number;
  isOver: boolean;
  onFreed: () => void;
}

const emptyPage: Page = { underWay: [], endedAgoMs: [] };

export class ModelStore implements Server {
  readonly accounts = new Map<string, ModelAccount>();
  readonly sessions = new Map<number, Session>();
  readonly #world: World;
  readonly #judge: Judge;
  readonly #mutant: StoreMutant | null;
  #run = 1;
  #standing: 'up' | 'frozen' | 'down' = 'up';
  #waiting: (() => unknown)[] = [];
  #last = 0;

  constructor(world: World, judge: Judge, mutant: StoreMutant | null) {
    this.#world = world;
    this.#judge = judge;
    this.#mutant = mutant;
  }

  get isUp(): boolean {
    return this.#standing === 'up';
  }

  receive(act: () => unknown): 'taken' | 'nobody' {
    if (this.#standing === 'down') return 'nobody';
    if (this.#standing === 'frozen') this.#waiting.push(act);
    else act();
    return 'taken';
  }

  /** For one process; `onPage`: it has kept one, and the answer is on its way. */
  openFor(
    process: ModelProcess,
    link: ModelLink,
    onPage: () => void,
  ): Pick<ReplicaStore, 'begin'> & ModelData {
    const connect = () => new ModelConnection(this, process, link);
    const statement = async <Answer>(act: () => Answer): Promise<Answer> => {
      const connection = connect();
      const given = new AbortController();
      void process.clock.sleep(statementMs, given.signal).then(() => {
        if (!given.signal.aborted) connection.close();
      });
      try {
        return await connection.ask(act);
      } finally {
        given.abort();
      }
    };
    return {
      begin: (info) => this.#begin(info, connect(), process),
      load: (account) => statement(() => this.#load(account)),
      keepPage: (account, write) =>
        statement(() => {
          onPage();
          return this.#keepPage(account, write);
        }),
      confirm: (account, write) => statement(() => this.#confirm(account, write)),
    };
  }

  freeze(ms: number): void {
    if (this.#standing !== 'up') return;
    this.#standing = 'frozen';
    this.#world.after(ms, () => {
      if (this.#standing !== 'frozen') return;
      this.#standing = 'up';
      const waiting = this.#waiting;
      this.#waiting = [];
      // Whether a session has been silent is looked at before or after what has come meanwhile.
      if (this.#world.dice.lucky(0.5)) this.#endSilent();
      for (const act of waiting) act();
    });
  }

  /** Or another one is promoted that has all that was acknowledged. */
  restart(ms: number): void {
    if (this.#standing === 'down') return;
    this.#standing = 'down';
    this.#waiting = [];
    this.#run += 1;
    for (const session of this.sessions.values()) session.connection.endAtServer();
    this.#world.after(ms, () => {
      this.#standing = 'up';
      return false;
    });
  }

  /** As a person may end any session, or a machine between. */
  endSession(replica: string): void {
    for (const { info, connection, isOver } of this.sessions.values()) {
      if (info.replica === replica && !isOver) connection.endAtServer();
    }
  }

  isLiving(session: number | null): boolean {
    return session !== null && this.sessions.get(session)?.isOver === false;
  }

  async #begin(
    info: ReplicaInfo,
    connection: ModelConnection,
    process: ModelProcess,
  ): Promise<ReplicaSession> {
    connection.endWithProcess();
    const given = new AbortController();
    void process.clock.sleep(connectMs, given.signal).then(() => {
      if (!given.signal.aborted) connection.close();
    });
    try {
      const session = await connection.ask(() => this.#open(info, connection));
      return this.#facade(session, process);
    } finally {
      given.abort();
    }
  }

  #open(info: ReplicaInfo, connection: ModelConnection): Session {
    this.#last += 1;
    const session: Session = {
      ...{ number: this.#last, info, run: this.#run, connection },
      ...{ heardMs: this.#world.nowMs, isOver: false, onFreed: () => {} },
    };
    this.sessions.set(session.number, session);
    connection.onHeard = () => {
      session.heardMs = this.#world.nowMs;
    };
    connection.onServerEnd = () => {
      session.isOver = true;
    };
    this.#watch(session);
    return session;
  }

  #watch(session: Session): void {
    if (this.#mutant === 'ends no silent session') return;
    const leftMs = session.heardMs + silenceMs - this.#world.nowMs;
    this.#world.after(Math.max(leftMs, 1), () => {
      if (session.isOver) return false;
      if (this.#standing === 'up') this.#endSilent();
      this.#watch(session);
      return false;
    });
  }

  #endSilent(): void {
    for (const { heardMs, isOver, connection } of this.sessions.values()) {
      if (!isOver && heardMs + silenceMs <= this.#world.nowMs) connection.endAtServer();
    }
  }

  #facade(session: Session, process: ModelProcess): ReplicaSession {
    const { connection } = session;
    return {
      number: String(session.number),
      ended: connection.ended,
      beat: () => connection.ask(() => this.#beat()),
      claim: (names) => connection.ask(() => names.map((name) => this.#claim(name, session))),
      release: (tenures) => connection.ask(() => this.#release(tenures, session)),
      onFreed(listener) {
        session.onFreed = () => connection.tell(listener);
      },
      end: async () => {
        const given = new AbortController();
        const freeing = connection.ask(() => this.#releaseAll(session));
        freeing.catch(() => {}).finally(() => given.abort());
        await process.clock.sleep(1000, given.signal);
        connection.close();
      },
    };
  }

  #beat(): Beat {
    const sessions = [...this.sessions.values()]
      .filter(({ isOver }) => !isOver)
      .map(({ number, info }) => ({
        ...info,
        number: String(number),
        pid: number,
        command: 'run',
      }));
    const unheld = [...this.accounts]
      .filter(([, { holder }]) => !this.isLiving(holder))
      .map(([name, { holder }]) => ({ name, last: this.#lastHolder(holder) }));
    return { sessions, unheld };
  }

  #lastHolder(holder: number | null): LostHolder | null {
    const session = holder === null ? undefined : this.sessions.get(holder);
    if (session === undefined) return null;
    const { number, info, run } = session;
    return { session: String(number), replica: info.replica, byRestart: run !== this.#run };
  }

  #claim(name: string, session: Session): ClaimAnswer {
    const account = this.accounts.get(name) ?? this.#newAccount(name);
    const isBusy = this.#world.dice.lucky(0.02);
    const isHeld = this.isLiving(account.holder) && this.#mutant !== 'claims from the living';
    if (isBusy || isHeld) return { kind: 'held', name };
    const last = this.#lastHolder(account.holder);
    this.#judge.claimed(name, account, session.number, this.isLiving(account.holder));
    account.holder = session.number;
    account.takenMs = this.#world.nowMs;
    account.takenPage = account.page;
    if (this.#mutant !== 'token stays') {
      account.token += 1;
      account.seq = 0;
    }
    this.#judge.tokenGiven(name, account.token);
    return { kind: 'claimed', name, token: String(account.token), last };
  }

  #newAccount(name: string): ModelAccount {
    const account: ModelAccount = {
      ...{ holder: null, token: 0, takenMs: 0, takenPage: emptyPage, page: emptyPage },
      ...{ seq: 0, pageWrittenMs: 0, records: new Map() },
    };
    this.accounts.set(name, account);
    return account;
  }

  #release(tenures: readonly ClaimedTenure[], by: Session): void {
    for (const { name, token } of tenures) {
      const account = this.accounts.get(name);
      if (account === undefined || String(account.token) !== token) continue;
      account.holder = null;
      if (this.#mutant !== 'token stays') account.token += 1;
    }
    for (const session of this.sessions.values()) {
      if (session !== by && !session.isOver && this.#world.dice.lucky(0.8)) session.onFreed();
    }
  }

  #releaseAll(session: Session): void {
    const held = [...this.accounts].filter(([, { holder }]) => holder === session.number);
    const tenures = held.map(([name, { token }]) => ({ name, token: String(token) }));
    this.#release(tenures, session);
  }

  #load(name: string): Loaded {
    const account = this.accounts.get(name);
    if (account === undefined) throw new StateError('there is no such account');
    const { page, records, pageWrittenMs } = account;
    return { page, pageAgeMs: this.#world.nowMs - pageWrittenMs, records: new Map(records) };
  }

  #keepPage(name: string, { by, token, seq, page }: PageWrite): 'done' | 'refused' {
    const account = this.#fenced(name, token, by);
    if (account === null) return 'refused';
    if (seq <= account.seq) return 'done';
    Object.assign(account, { seq, page, pageWrittenMs: this.#world.nowMs });
    return 'done';
  }

  #confirm(name: string, { by, token, widget, version }: Confirmation): 'done' | 'refused' {
    const account = this.#fenced(name, token, by);
    account?.records.set(widget, version);
    return account === null ? 'refused' : 'done';
  }

  #fenced(name: string, token: string, by: number): ModelAccount | null {
    const account = this.accounts.get(name);
    if (account === undefined || String(account.token) !== token) return null;
    this.#judge.written(name, account, by);
    return account;
  }
}

const statementMs = 3000;
const connectMs = 2000;

export interface PageWrite {
  /** The session that claimed the token: for the judge alone. */
  readonly by: number;
  readonly token: string;
  readonly seq: number;
  readonly page: Page;
}

export interface Confirmation extends Pick<PageWrite, 'by' | 'token'> {
  readonly widget: string;
  readonly version: number;
}

/** What an account keeps. Each rejects where it is not known whether it was done. */
export interface ModelData {
  load(account: string): Promise<Loaded>;
  keepPage(account: string, write: PageWrite): Promise<'done' | 'refused'>;
  confirm(account: string, write: Confirmation): Promise<'done' | 'refused'>;
}
