// Stands between a plan and the queue: a plan that would change more widgets than is allowed waits
// until a person has approved exactly that plan, or it has become smaller.
import { type ChangeLimit, mostChanges } from '../change-limit.ts';
import type { Change, Plan } from '../plan/types.ts';

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
 * nor does what `isNews` says is on its way, or refused, already.
 */
export function findExcess(
  plan: Plan,
  limit: ChangeLimit | null,
  isNews: (change: Change) => boolean = () => true,
): TooManyChanges | null {
  if (limit === null) return null;
  const counted = plan.changes.filter((change) => change.reason !== 'forced' && isNews(change));
  const { changes, adopted, unchanged, drifted, held } = plan;
  const widgets = [changes, adopted, unchanged, drifted, held].reduce(
    (sum, list) => sum + list.length,
    0,
  );
  const most = mostChanges(limit, widgets);
  if (counted.length <= most) return null;
  return { checksum: plan.checksum, changes: counted.length, most };
}

/** For people: what was refused, and what to do. */
export function describeExcess({ changes, most, checksum }: TooManyChanges): string {
  return (
    `${changes} widgets would change, and --max-changes allows ${most}: nothing is sent. ` +
    `Look at the plan; if it is meant, apply exactly it with widget-sync apply --checksum ${checksum}`
  );
}

export interface ChangeGuardDeps {
  readonly limit: ChangeLimit | null;
  /** The checksum of the plan that a person has approved, if any. */
  readonly approved: () => Promise<string | null>;
  /** The approval was used: it was for one time. */
  readonly forget: () => Promise<void>;
  /** A plan was refused; null: none is any longer. */
  readonly onRefused: (excess: TooManyChanges | null, plan: Plan) => void;
}

export class ChangeGuard {
  readonly #deps: ChangeGuardDeps;
  #refused: TooManyChanges | null = null;

  constructor(deps: ChangeGuardDeps) {
    this.#deps = deps;
  }

  /** Whether the plan may be handed over. `approved` is the checksum that a person has said yes to. */
  admits(plan: Plan, approved: string | null, isNews: (change: Change) => boolean): boolean {
    const excess = findExcess(plan, this.#deps.limit, isNews);
    const isAllowed = excess === null || excess.checksum === approved;
    const refused = isAllowed ? null : excess;
    if (refused !== null || this.#refused !== null) this.#deps.onRefused(refused, plan);
    this.#refused = refused;
    return isAllowed;
  }

  /** What a person has approved, where a plan waits for that. */
  async approval(): Promise<string | null> {
    return this.#refused === null ? null : await this.#deps.approved();
  }

  /** What was approved has been handed over. */
  async used(approved: string | null): Promise<void> {
    if (approved !== null && this.#refused === null) await this.#deps.forget();
  }

  /** Whether the refused plan has been approved by now. */
  async isApproved(): Promise<boolean> {
    const approved = await this.approval();
    return approved !== null && approved === this.#refused?.checksum;
  }
}
