// Stands between a plan and the queue: a plan that would change more widgets than is allowed waits
// until a person has approved exactly that plan, or it has become smaller.

import { StateError } from '../../base/errors.ts';
import { type ChangeLimit, mostChanges } from '../../config/change-limit.ts';
import type { Change, Plan } from '../../model/plan.ts';
import type { WidgetId } from '../../model/widget.ts';
import type { AllowedChanges } from '../../state/state-store.ts';

/** A plan that was refused for what it would change. */
export interface TooManyChanges {
  readonly checksum: string;
  /** Widgets that it would change and that nobody has asked to be changed before. */
  readonly changes: number;
  /** The most that are allowed. */
  readonly most: number;
}

/**
 * Null when the limit allows the plan. What was applied before and is only sent again does not count,
 * nor does what was let through before.
 */
export function findExcess(
  plan: Plan,
  limit: ChangeLimit | null,
  admitted: AllowedChanges,
): TooManyChanges | null {
  if (limit === null) return null;
  const counted = countable(plan).filter(({ widgetId, hash }) => admitted.get(widgetId) !== hash);
  const { changes, adopted, unchanged, drifted, held } = plan;
  const widgets = [changes, adopted, unchanged, drifted, held].reduce(
    (sum, list) => sum + list.length,
    0,
  );
  const most = mostChanges(limit, widgets);
  if (counted.length <= most) return null;
  return { checksum: plan.checksum, changes: counted.length, most };
}

/** What a plan lets through once it is allowed. */
export function admittedBy(plan: Plan): AllowedChanges {
  return new Map(countable(plan).map(({ widgetId, hash }) => [widgetId, hash]));
}

/** Not what is only sent again. */
function countable({ changes }: Plan): readonly Change[] {
  return changes.filter(({ reason, fields }) => reason !== 'forced' || fields.length > 0);
}

/** For people: what was refused, and what to do. */
export function describeExcess({ changes, most, checksum }: TooManyChanges): string {
  return (
    `${changes} widgets would change, and --max-changes allows ${most}: nothing is sent. ` +
    `widget-sync plan shows all of it; if it is meant, apply exactly it with ` +
    `widget-sync apply --checksum ${checksum} and the directory and flags of this run`
  );
}

export interface ChangeGuardDeps {
  readonly limit: ChangeLimit | null;
  /** The checksum of the plan that a person has approved, if any. */
  readonly approved: () => Promise<string | null>;
  /** The approval was used: it was for one time. */
  readonly forget: () => Promise<void>;
  /** What was let through and is not confirmed, as it survives a restart. */
  readonly admitted: {
    readonly read: () => Promise<AllowedChanges>;
    readonly write: (admitted: AllowedChanges) => Promise<void>;
  };
  /** Something of the above failed: nothing is let through by that. What is to be kept is tried again. */
  readonly onTrouble: (error: StateError) => void;
}

export class ChangeGuard {
  readonly #deps: ChangeGuardDeps;
  /** The plan that waits for a person. */
  #refused: TooManyChanges | null = null;
  /** The checksums of the plan that waits, and of the one that all was looked at for. */
  readonly #asked = new Set<string>();
  /** Null until it is read. */
  #admitted: Map<WidgetId, string> | null = null;
  #isKept = true;
  /** An approval that was used and is not removed yet: it is none. */
  #used: string | null = null;
  /** The approval that was told of. */
  #told: string | null = null;

  constructor(deps: ChangeGuardDeps) {
    this.#deps = deps;
  }

  /** To be awaited before a plan is made: what a person has approved, where a plan waits for that. */
  async prepare(): Promise<string | null> {
    const { limit, admitted } = this.#deps;
    if (limit === null) return null;
    this.#admitted ??= new Map((await this.#try(admitted.read)) ?? []);
    return this.#refused === null ? null : await this.#approved();
  }

  /** Why the plan is not to be handed over; null when it may be, or a person has approved it. */
  excessOf(plan: Plan, approved: string | null): TooManyChanges | null {
    const excess = findExcess(plan, this.#deps.limit, this.#admitted ?? new Map());
    return excess?.checksum === approved ? null : excess;
  }

  /** Whether a person has not been asked about this plan, nor all been looked at for it. */
  asksAnew({ checksum }: TooManyChanges): boolean {
    if (this.#asked.has(checksum)) return false;
    this.#asked.add(checksum);
    return true;
  }

  /** The plan is handed over, or it is not: what it lets through counts no more. */
  decided(plan: Plan, excess: TooManyChanges | null): void {
    this.#refused = excess;
    if (excess === null) this.#asked.clear();
    else this.#asked.add(excess.checksum);
    if (this.#deps.limit === null) return;
    const before = this.#admitted ?? new Map();
    const admitted = [...admittedBy(plan)].filter(
      ([widgetId, hash]) => excess === null || before.get(widgetId) === hash,
    );
    const isSame =
      admitted.length === before.size && admitted.every(([id, hash]) => before.get(id) === hash);
    this.#admitted = new Map(admitted);
    this.#isKept &&= isSame;
  }

  /** The content is applied: if it drifts from now on, that counts. */
  applied({ widgetId, hash }: Change): void {
    if (this.#admitted?.get(widgetId) !== hash) return;
    this.#admitted.delete(widgetId);
    this.#isKept = false;
  }

  /** Keeps what was decided; an approval that was used is gone after that. */
  async keep(approved: string | null): Promise<void> {
    const { admitted } = this.#deps;
    if (!this.#isKept && this.#admitted !== null) {
      const wanted = new Map(this.#admitted);
      this.#isKept = true;
      const written = await this.#try(async () => {
        await admitted.write(wanted);
        return true;
      });
      if (written === null) this.#isKept = false;
    }
    if (approved === null || this.#refused !== null) return;
    this.#used = approved;
    await this.#forget();
  }

  /** A plan waits for a person. */
  get refuses(): boolean {
    return this.#refused !== null;
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
