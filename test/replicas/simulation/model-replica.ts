// A process that runs the real protocol, over a model of everything around it.
import { Replica, type ReplicaRules } from '../../../src/replicas/replica.ts';
import type { ReplicaStore } from '../../../src/replicas/replica-store.ts';
import type { Tenure } from '../../../src/state/tenure.ts';
import type { Judge, Limits } from './judge.ts';
import type { ModelApi } from './model-api.ts';
import { type HolderMutant, ModelHolder } from './model-holder.ts';
import type { ModelLink } from './model-network.ts';
import type { ModelProcess } from './model-process.ts';
import type { ModelData, ModelStore } from './model-store.ts';

export interface ModelReplicaDeps {
  readonly name: string;
  readonly process: ModelProcess;
  readonly link: ModelLink;
  readonly store: ModelStore;
  readonly api: ModelApi;
  readonly judge: Judge;
  readonly limits: Limits;
  readonly rules: ReplicaRules;
  /** The accounts that this one is able to hold. */
  readonly wanted: ReadonlySet<string>;
  /** By account: what each widget is to be, by now. */
  readonly desired: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly mutant: HolderMutant | null;
}

export class ModelReplica {
  readonly name: string;
  readonly process: ModelProcess;
  readonly link: ModelLink;
  readonly wanted: ReadonlySet<string>;
  readonly bugs: unknown[] = [];
  readonly replica: Replica;
  /** Acts once, in the middle of what is worst: between a page and its request, or while one is under way. */
  trap: { readonly at: 'page' | 'request'; readonly act: () => void } | null = null;
  readonly #deps: ModelReplicaDeps;
  readonly #opened: Pick<ReplicaStore, 'begin'> & ModelData;
  readonly #holders = new Map<string, ModelHolder>();
  #session = 0;
  isStopping = false;

  constructor(deps: ModelReplicaDeps) {
    const { name, process, link, store, wanted, rules } = deps;
    this.name = name;
    this.process = process;
    this.link = link;
    this.wanted = wanted;
    this.#deps = deps;
    this.#opened = store.openFor(process, link, () => this.#spring('page'));
    this.replica = new Replica({
      ...{ store: this.#opened, clock: process.clock, rules },
      info: { replica: name, host: name, version: '1' },
      onClaimed: (account, tenure) => void this.#hold(account, tenure),
      onGiveBack: (account) => this.#holders.get(account)?.leave(),
      onEvent: (event) => {
        if (event.kind === 'begun') this.#session = Number(event.session);
        if (event.kind === 'bug') this.bugs.push(event.error);
      },
    });
    this.replica.want(wanted);
  }

  /** In good order, and then the process ends. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.replica.want(new Set());
    const holders = [...this.#holders.values()];
    for (const holder of holders) holder.leave();
    await Promise.all(holders.map(({ ended }) => ended));
    await this.replica.stop();
    this.process.kill();
  }

  #spring(at: 'page' | 'request'): void {
    const { trap } = this;
    if (trap?.at !== at) return;
    this.trap = null;
    trap.act();
  }

  async #hold(account: string, tenure: Tenure): Promise<void> {
    const session = this.#session;
    // Of a tenure before, which is over.
    await this.#holders.get(account)?.ended;
    const { process, api, judge, limits, store, mutant, desired } = this.#deps;
    const kept = () => store.accounts.get(account) ?? missing();
    const holder = new ModelHolder({
      ...{
        account,
        session,
        tenure,
        process,
        data: this.#opened,
        api,
        judge,
        kept,
        limits,
        mutant,
      },
      desired: desired.get(account) ?? new Map(),
      onRequest: () => this.#spring('request'),
    });
    this.#holders.set(account, holder);
    if (this.isStopping) holder.leave();
    await holder.ended;
    if (this.#holders.get(account) === holder) this.#holders.delete(account);
    this.replica.release(account, tenure);
  }
}

function missing(): never {
  throw new Error('it was claimed, and has no row');
}
