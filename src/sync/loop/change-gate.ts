// Stands between a plan and the queue: a plan that would change more widgets than is allowed waits
// until a person has approved exactly that plan, or it has become smaller.

import { StateError } from '../../base/errors.ts';
import { type ChangeLimit, excessWords, limitFor, mostChanges } from '../../config/change-limit.ts';
import type { Change, Plan } from '../../model/plan.ts';
import type { WidgetId } from '../../model/widget.ts';
import type { AllowedChanges } from '../../state/state-store.ts';
import type { Refusal, TooManyChanges } from '../events.ts';

/**
 * Null when the limit allows the plan. A forced re-send that alters nothing does not count, nor does
 * what was allowed before.
 */
export function findExcess(
  plan: Plan,
  wanted: ChangeLimit | null,
  allowed: AllowedChanges,
): TooManyChanges | null {
  const limit = limitFor(wanted, plan);
  if (limit === null) return null;
  const counted = countable(plan).filter(({ widgetId, hash }) => allowed.get(widgetId) !== hash);
  const { changes, adopted, unchanged, drifted, held } = plan;
  const widgets = [changes, adopted, unchanged, drifted, held].reduce(
    (sum, list) => sum + list.length,
    0,
  );
  const most = mostChanges(limit, widgets);
  if (counted.length <= most) return null;
  const { checksum } = plan;
  const excess = { code: 'too-many-changes', checksum, changes: counted.length, most } as const;
  if (limit.unit !== 'auto') return excess;
  return { ...excess, limit: 'auto', ...(plan.fragments.length === 0 && { leaving: true }) };
}

/** The contents that a plan lets through once it is allowed. */
export function allowedBy(plan: Plan): AllowedChanges {
  return new Map(countable(plan).map(({ widgetId, hash }) => [widgetId, hash]));
}

/** Every change but a forced re-send that alters nothing. */
function countable({ changes }: Plan): readonly Change[] {
  return changes.filter(({ reason, fields }) => reason !== 'forced' || fields.length > 0);
}

/** For people: what was refused, and what to do. `account`: of several, the one that it is about. */
export function describeRefusal(refusal: Refusal, account: string | null = null): string {
  const { checksum } = refusal;
  if (refusal.code === 'other-plan') {
    return `the plan is another one now, ${checksum}: nothing was sent; look at it and apply that`;
  }
  const [named, alike] =
    account === null
      ? ['', 'the directory and flags of this run']
      : [` --account ${account}`, 'the flags of this run'];
  return (
    `${excessWords(refusal, account)}: nothing is sent. ` +
    `widget-sync plan${named} shows all of it; if it is meant, apply exactly it with ` +
    `widget-sync apply --checksum ${checksum}${named} and ${alike}`
  );
}

export interface ChangeGateDeps {
  readonly limit: ChangeLimit | null;
  /** The checksum of the plan that a person has approved, if any. */
  readonly approved: () => Promise<string | null>;
  /** The approval was used: it was for one time. */
  readonly forget: () => Promise<void>;
  /** The contents that were allowed and are not confirmed, as they survive a restart. */
  readonly allowed: {
    readonly read: () => Promise<AllowedChanges>;
    readonly write: (allowed: AllowedChanges) => Promise<void>;
  };
  /** Something of the above failed: nothing is allowed by that. What is to be kept is tried again. */
  readonly onTrouble: (error: StateError) => void;
}

export class ChangeGate {
  readonly #deps: ChangeGateDeps;
  /** The plan that waits for a person. */
  #refused: Refusal | null = null;
  /** The checksums of the plan that waits, and of the one that all was looked at for. */
  readonly #asked = new Set<string>();
  /** Null until it is read. */
  #allowed: Map<WidgetId, string> | null = null;
  #isKept = true;
  /** The checksum that a person had approved when the gate was prepared last. */
  #approval: string | null = null;
  /** An approval that was used and is not removed yet: it is none. */
  #used: string | null = null;
  /** The approval that was told of. */
  #told: string | null = null;

  constructor(deps: ChangeGateDeps) {
    this.#deps = deps;
  }

  /** To be awaited before a plan is made: what a person has approved, where a plan waits for that. */
  async prepare(): Promise<void> {
    const { limit, allowed } = this.#deps;
    this.#approval = null;
    if (limit === null) return;
    this.#allowed ??= new Map((await this.#try(allowed.read)) ?? []);
    if (this.#refused !== null) this.#approval = await this.#approved();
  }

  /** Why the plan is not to be sent; null when it may be, or a person has approved it. */
  check(plan: Plan): TooManyChanges | null {
    const excess = findExcess(plan, this.#deps.limit, this.#allowed ?? new Map());
    return excess?.checksum === this.#approval ? null : excess;
  }

  /** Whether a person has not been asked about this plan, nor all been looked at for it. */
  asksAnew({ checksum }: Refusal): boolean {
    if (this.#asked.has(checksum)) return false;
    this.#asked.add(checksum);
    return true;
  }

  /**
   * The plan is sent, or it is not. Begun in the moment of that, so that outcomes come after it; resolves
   * once what the plan lets through is kept, and an approval that was used is gone.
   */
  async keep(plan: Plan, refusal: Refusal | null): Promise<void> {
    this.#decided(plan, refusal);
    const { allowed } = this.#deps;
    if (!this.#isKept && this.#allowed !== null) {
      const wanted = new Map(this.#allowed);
      this.#isKept = true;
      const written = await this.#try(async () => {
        await allowed.write(wanted);
        return true;
      });
      if (written === null) this.#isKept = false;
    }
    if (this.#approval === null || refusal !== null) return;
    this.#used = this.#approval;
    await this.#forget();
  }

  /** A plan that was refused lets nothing new through. */
  #decided(plan: Plan, refusal: Refusal | null): void {
    this.#refused = refusal;
    if (refusal === null) this.#asked.clear();
    else this.#asked.add(refusal.checksum);
    if (limitFor(this.#deps.limit, plan) === null) return;
    const before = this.#allowed ?? new Map();
    const allowed = [...allowedBy(plan)].filter(
      ([widgetId, hash]) => refusal === null || before.get(widgetId) === hash,
    );
    const isSame =
      allowed.length === before.size && allowed.every(([id, hash]) => before.get(id) === hash);
    this.#allowed = new Map(allowed);
    this.#isKept &&= isSame;
  }

  /** The content is applied: if it drifts from now on, that counts. */
  applied({ widgetId, hash }: Change): void {
    if (this.#allowed?.get(widgetId) !== hash) return;
    this.#allowed.delete(widgetId);
    this.#isKept = false;
  }

  /** Whether the refused plan has been approved by now: told once of each approval. */
  async isApproved(): Promise<boolean> {
    if (this.#refused === null) return false;
    const approved = await this.#approved();
    if (approved !== this.#refused.checksum) this.#told = null;
    if (approved !== this.#refused.checksum || approved === this.#told) return false;
    this.#told = approved;
    return true;
  }

  async #approved(): Promise<string | null> {
    const approved = await this.#try(this.#deps.approved);
    if (approved === null) this.#used = null;
    if (approved === null || approved !== this.#used) return approved;
    await this.#forget();
    return null;
  }

  async #forget(): Promise<void> {
    await this.#try(async () => {
      await this.#deps.forget();
      this.#used = null;
    });
  }

  async #try<Result>(act: () => Promise<Result>): Promise<Result | null> {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      this.#deps.onTrouble(error);
      return null;
    }
  }
}
