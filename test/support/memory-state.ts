// The state in the memory of the test: of each directory what a process after the next one would find.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { StateError } from '../../src/base/errors.ts';
import { stringifyJson } from '../../src/base/json/json-text.ts';
import type { Rate } from '../../src/config/rate.ts';
import type { AppliedRecord } from '../../src/model/applied-record.ts';
import type { Announcement } from '../../src/model/notify/notification.ts';
import type { WidgetId } from '../../src/model/widget.ts';
import { isAskedFor } from '../../src/state/history-filter.ts';
import { formatHistoryEntry } from '../../src/state/history-format.ts';
import { type Holder, StateTakenError } from '../../src/state/holder.ts';
import {
  Applied,
  forgottenEntries,
  type StoredRecord,
  withoutConfirmed,
} from '../../src/state/record-index.ts';
import {
  type AllowedChanges,
  approvalValidMs,
  type ForgetAnswer,
  type ForgetOrder,
  type FoundStatus,
  type InheritedWrite,
  type LearntLimit,
  type OpenOptions,
  orderValidMs,
  type RateUsage,
  type StateBackend,
  type StateOptions,
  type StateStore,
  type StateView,
  type Suspect,
  type SuspectNotes,
  type UnderWay,
} from '../../src/state/state-store.ts';
import { forGood, type Tenure } from '../../src/state/tenure.ts';
import { refuseStateOfAnother } from '../../src/state/whose-state.ts';
import type { HistoryEntry } from '../../src/status/history-entry.ts';
import type { StatusRecord } from '../../src/status/status-record.ts';
import { TestTenure } from './tenure.ts';

interface Of<Value> {
  readonly apiUrl: string;
  readonly value: Value;
}

interface LeftOrder {
  readonly order: ForgetOrder;
  isTaken: boolean;
  answer: ForgetAnswer | null;
}

/** What is kept at one place. */
interface Place {
  isMade: boolean;
  holder: Holder | null;
  /** Of who holds it, where that can be lost. */
  tenure: TestTenure | null;
  token: number;
  readonly suspects: Map<string, Suspect>;
  readonly records: Map<WidgetId, Of<StoredRecord>>;
  readonly history: HistoryEntry[];
  status: Of<StatusRecord> | null;
  allowed: Of<AllowedChanges> | null;
  announcements: Of<readonly Announcement[]> | null;
  learnt: Of<LearntLimit | null> | null;
  readonly orders: Map<string, LeftOrder>;
  /** When each was given. */
  readonly resyncs: Map<string, number>;
  lastResync: number;
  approval: { readonly checksum: string; readonly atMs: number } | null;
  /** Wall times at which requests ended, which are under way, and when writes are over at the latest. */
  usage: {
    readonly endedAtMs: readonly number[];
    readonly underWay: readonly UnderWay[];
    readonly arriving: readonly InheritedWrite[];
    /** How long a request of who wrote this may be under way once it was taken over from; 0: not at all. */
    readonly lastingMs: number;
  };
}

/** `shared`: whoever opens takes over from who holds it; else nobody can. */
export function memoryState({ shared = false } = {}): StateBackend {
  const places = new Map<string, Place>();
  const placeOf = (directory: string): Place => {
    const place = places.get(directory) ?? emptyPlace();
    places.set(directory, place);
    return place;
  };
  return {
    look: (options) => lookAt(placeOf(options.directory), options),
    async open(options) {
      const place = placeOf(options.directory);
      if (!shared) return await hold(place, options, forGood);
      place.tenure?.lose();
      place.holder = null;
      place.token += 1;
      place.tenure = new TestTenure(String(place.token));
      return await hold(place, options, place.tenure);
    },
  };
}

function emptyPlace(): Place {
  return {
    isMade: false,
    holder: null,
    tenure: null,
    token: 0,
    suspects: new Map(),
    records: new Map(),
    history: [],
    status: null,
    allowed: null,
    announcements: null,
    learnt: null,
    orders: new Map(),
    ...{ resyncs: new Map(), lastResync: 0 },
    approval: null,
    usage: { endedAtMs: [], underWay: [], arriving: [], lastingMs: 0 },
  };
}

function valueFor<Value>(kept: Of<Value> | null, { apiUrl }: StateOptions): Value | null {
  return kept?.apiUrl === apiUrl ? kept.value : null;
}

function appliedAt({ records }: Place, options: StateOptions): Applied {
  const ours = [...records.values()].filter(({ apiUrl }) => apiUrl === options.apiUrl);
  if (ours.length < records.size) options.warn('records of another API are ignored', {});
  const stored = ours.map(({ value }) => value);
  stored.sort((a, b) => (a.record.widgetId < b.record.widgetId ? -1 : 1));
  return new Applied(stored, options);
}

/** As on the monotonic clock of who looks now, oldest first. */
function earlierAt({ usage }: Place, { clock }: StateOptions, { limit, windowMs }: Rate): number[] {
  const [nowMs, wallMs] = [clock.monotonicMs(), clock.now().getTime()];
  const agesMs = usage.endedAtMs.map((atMs) => Math.max(-usage.lastingMs, wallMs - atMs));
  const underWay = usage.underWay.map(() => -usage.lastingMs);
  const held = [...agesMs.filter((ageMs) => ageMs < windowMs), ...underWay];
  return held.slice(-limit).map((ageMs) => nowMs - ageMs);
}

function lookAt(place: Place, options: StateOptions): StateView {
  let seen: Applied | null = null;
  const applied = async () => {
    seen ??= appliedAt(place, options);
    return seen;
  };
  return {
    async requireState() {
      if (!place.isMade) throw new StateError('there is no state yet');
    },
    async *apiUrls() {
      if (place.status !== null) yield place.status.apiUrl;
      for (const { apiUrl } of place.records.values()) yield apiUrl;
    },
    applied,
    async search(text) {
      const wanted = stringifyJson(text.trim()).slice(1, -1).toLowerCase();
      const records = [...appliedAt(place, options).records.values()];
      return records.filter((record) => JSON.stringify(record).toLowerCase().includes(wanted));
    },
    recordsOf: async (widgetIds) =>
      [...appliedAt(place, options).records.values()].filter(({ widgetId }) =>
        widgetIds.has(widgetId),
      ),
    recordedIds: async () => [...place.records.keys()].sort(),
    async history({ limit, ...filter }) {
      const wanted = place.history.filter((entry) => isAskedFor(entry, filter));
      return { entries: wanted.slice(-limit), damaged: 0 };
    },
    status: async () => foundStatus(place, options),
    holder: async () => place.holder,
    allowedChanges: async () =>
      withoutConfirmed(valueFor(place.allowed, options) ?? new Map(), await applied()),
    earlierRequestsMs: async (rate) => earlierAt(place, options, rate),
    learntLimit: async () => valueFor(place.learnt, options),
    async approve(checksum) {
      place.approval = { checksum, atMs: options.clock.now().getTime() };
    },
    async orderForget(widgetIds) {
      const id = `order-${place.orders.size + 1}`;
      const order = { id, widgetIds, time: options.clock.now() };
      place.orders.set(id, { order, isTaken: false, answer: null });
      return id;
    },
    async forgetAnswer(id) {
      const answer = place.orders.get(id)?.answer ?? null;
      if (answer !== null) place.orders.delete(id);
      return answer;
    },
    withdrawForget: async (id) =>
      place.orders.get(id)?.isTaken === false && place.orders.delete(id),
    async orderResync() {
      place.lastResync += 1;
      const id = `resync-${place.lastResync}`;
      place.resyncs.set(id, options.clock.now().getTime());
      return id;
    },
    isResyncTaken: async (id) => !place.resyncs.has(id),
    withdrawResync: async (id) => place.resyncs.delete(id),
  };
}

async function hold(place: Place, options: OpenOptions, tenure: Tenure): Promise<StateStore> {
  const { command, clock, directory } = options;
  if (place.holder !== null) throw new StateTakenError(`the state ${directory}`, place.holder);
  await refuseStateOfAnother(options, lookAt(place, options).apiUrls());
  const since = clock.now().toISOString();
  place.holder = { pid: process.pid, host: hostname(), command, since };
  place.isMade = true;
  return new MemoryStore(place, options, tenure);
}

function foundStatus(place: Place, options: StateOptions): FoundStatus {
  return { status: valueFor(place.status, options), damaged: null };
}

function bytesOf(history: readonly HistoryEntry[]): number {
  return history.reduce((bytes, entry) => bytes + formatHistoryEntry(entry).length + 1, 0);
}

function writesOf(underWay: readonly UnderWay[], untilMs: number): InheritedWrite[] {
  const writes = underWay.filter(({ widgetId }) => widgetId !== null);
  return writes.map((write) => ({ ...write, untilMs }));
}

class MemoryStore implements StateStore {
  readonly tenure: Tenure;
  readonly suspects: SuspectNotes | null;
  readonly #place: Place;
  readonly #options: OpenOptions;
  readonly #applied: Applied;
  #isClosed = false;
  #keepLast: () => Promise<void> = async () => {};

  constructor(place: Place, options: OpenOptions, tenure: Tenure) {
    this.#place = place;
    this.#options = options;
    this.tenure = tenure;
    this.suspects = tenure === forGood ? null : this.#notes();
    this.#applied = appliedAt(place, options);
  }

  get records() {
    return this.#applied.records;
  }

  knownContent(digest: string) {
    return this.#applied.knownContent(digest);
  }

  rootOf(widgetId: WidgetId) {
    return this.#applied.rootOf(widgetId);
  }

  isFromElsewhere(widgetId: WidgetId): boolean {
    const { root } = this.#options;
    const recorded = this.rootOf(widgetId);
    return root !== undefined && recorded !== undefined && recorded !== root;
  }

  async save(record: AppliedRecord): Promise<void> {
    this.#keep(record, this.#applied.readerFor(record));
  }

  async saveUnlessMoved(record: AppliedRecord, found: AppliedRecord | undefined): Promise<void> {
    if (this.records.get(record.widgetId) === found) this.#keep(record, this.#options.reader);
  }

  async confirm(record: AppliedRecord, entry: HistoryEntry): Promise<void> {
    this.#keep(record, this.#options.reader);
    const { history } = this.#place;
    history.push(entry);
    const { keepHistoryBytes: most } = this.#options;
    if (most != null && bytesOf(history) > most) history.splice(0, Math.ceil(history.length / 2));
  }

  async forget(widgetIds: readonly WidgetId[], time: Date): Promise<WidgetId[]> {
    const records = widgetIds.flatMap((widgetId) => this.records.get(widgetId) ?? []);
    const { history } = this.#write();
    history.push(...forgottenEntries(records, history, time));
    for (const record of records) {
      this.#place.records.delete(record.widgetId);
      this.#applied.forget(record.widgetId);
    }
    return records.map(({ widgetId }) => widgetId);
  }

  async forgetOrders(): Promise<readonly ForgetOrder[]> {
    const nowMs = this.#options.clock.now().getTime();
    for (const [id, { order }] of this.#place.orders) {
      const isOld = Math.abs(nowMs - order.time.getTime()) > orderValidMs;
      if (isOld) this.#place.orders.delete(id);
    }
    const open = [...this.#place.orders.values()].filter(({ answer }) => answer === null);
    return open.map(({ order }) => order);
  }

  async takeForget(id: string): Promise<boolean> {
    const found = this.#write().orders.get(id);
    if (found !== undefined) found.isTaken = true;
    return found !== undefined;
  }

  async answerForget(id: string, answer: ForgetAnswer): Promise<void> {
    const found = this.#write().orders.get(id);
    if (found?.isTaken) found.answer = answer;
  }

  async takeResync(): Promise<boolean> {
    const { resyncs } = this.#write();
    const nowMs = this.#options.clock.now().getTime();
    const isAsked = [...resyncs.values()].some((atMs) => Math.abs(nowMs - atMs) <= orderValidMs);
    resyncs.clear();
    return isAsked;
  }

  async reportStatus(status: StatusRecord): Promise<void> {
    this.#write().status = this.#of(status);
  }

  async status(): Promise<FoundStatus> {
    return foundStatus(this.#place, this.#options);
  }

  async allowedChanges(): Promise<AllowedChanges> {
    return withoutConfirmed(valueFor(this.#place.allowed, this.#options) ?? new Map(), this);
  }

  async saveAllowedChanges(allowed: AllowedChanges): Promise<void> {
    this.#write().allowed = this.#of(allowed);
  }

  async approval(): Promise<string | null> {
    const { approval } = this.#place;
    const ageMs = this.#options.clock.now().getTime() - (approval?.atMs ?? 0);
    return approval !== null && Math.abs(ageMs) <= approvalValidMs ? approval.checksum : null;
  }

  async forgetApproval(): Promise<void> {
    this.#write().approval = null;
  }

  async announcements(): Promise<readonly Announcement[]> {
    return valueFor(this.#place.announcements, this.#options) ?? [];
  }

  async saveAnnouncements(announcements: readonly Announcement[]): Promise<void> {
    this.#write().announcements = this.#of(announcements);
  }

  async openRateUsage(rate: Rate, timeoutMs: number): Promise<RateUsage> {
    const { clock } = this.#options;
    const wallMs = () => clock.now().getTime() - clock.monotonicMs();
    const earlierMs = earlierAt(this.#place, this.#options, rate);
    const openedMs = clock.monotonicMs();
    const { underWay: left, arriving, lastingMs } = this.#place.usage;
    const inherited = [
      ...arriving.map(({ untilMs, ...write }) => ({ ...write, untilMs: untilMs - wallMs() })),
      // Whoever lost it may have let them leave until this very moment.
      ...(lastingMs > 0 ? writesOf(left, openedMs + lastingMs) : []),
    ].filter(({ untilMs }) => untilMs > openedMs);
    const endedMs = [...earlierMs];
    const keep = async (underWay: readonly UnderWay[]) => {
      if (this.#isClosed) return;
      this.#keepLast = () => keep(underWay);
      this.#write();
      const nowMs = clock.monotonicMs();
      const isShared = this.tenure !== forGood;
      const own = isShared ? [] : writesOf(underWay, nowMs + timeoutMs);
      this.#place.usage = {
        endedAtMs: endedMs.map((atMs) => wallMs() + atMs),
        underWay: [...underWay],
        arriving: [...own, ...inherited.filter(({ untilMs }) => untilMs > nowMs)].map((one) => ({
          ...one,
          untilMs: wallMs() + one.untilMs,
        })),
        lastingMs: isShared ? timeoutMs : 0,
      };
    };
    await keep([]);
    return { earlierMs, inherited, keep, ended: (atMs) => void endedMs.push(atMs) };
  }

  async learntLimit(): Promise<LearntLimit | null> {
    return valueFor(this.#place.learnt, this.#options);
  }

  keepLearntLimit(limit: LearntLimit | null): void {
    if (!this.#isClosed && !this.tenure.ended.aborted) this.#place.learnt = this.#of(limit);
  }

  async close(): Promise<void> {
    if (!this.#isClosed && !this.tenure.ended.aborted) {
      await this.#keepLast();
      this.#place.holder = null;
    }
    this.#isClosed = true;
  }

  #keep(record: AppliedRecord, reader: string): void {
    const { root } = this.#options;
    const stored = { record, reader, ...(root !== undefined && { root }) };
    this.#write().records.set(record.widgetId, this.#of(stored));
    this.#applied.remember(stored);
  }

  #of<Value>(value: Value): Of<Value> {
    return { apiUrl: this.#options.apiUrl, value };
  }

  #notes(): SuspectNotes {
    const { suspects } = this.#place;
    return {
      left: async () => [...suspects].map(([id, suspect]) => ({ id, ...suspect })),
      leave: async (left) => {
        for (const suspect of left) suspects.set(randomUUID(), suspect);
      },
      remove: async (ids) => {
        this.#write();
        for (const id of ids) suspects.delete(id);
      },
    };
  }

  #write(): Place {
    if (this.tenure.ended.aborted) throw this.tenure.ended.reason;
    if (this.#isClosed) throw new StateError('the state is closed');
    return this.#place;
  }
}
