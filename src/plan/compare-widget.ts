// One widget in its three states, field by field: what a write would change and who is behind it.
// Refuses to decide whether to write.
import type { WidgetDocument } from '../documents/types.ts';
import type { JsonObject } from '../json.ts';
import { fromPointer } from '../json.ts';
import { asJson } from '../widget.ts';
import { diffFields } from './diff-fields.ts';
import { isIgnored, keepIgnored } from './keep-ignored.ts';
import { releaseFields } from './release-fields.ts';
import type { FieldChange, LiveWidget, Policy } from './types.ts';
import { pickFields } from './value-at.ts';
import { isLagging, movedBy, pastOf, type WidgetStates } from './verdict.ts';

export interface Comparison {
  /** Sorted by path. */
  readonly fields: readonly FieldChange[];
  readonly resets: JsonObject;
  /** What an unconfirmed write may have left, where live is not known. */
  readonly perhapsLeft: JsonObject;
  /** Where the file says otherwise and the dashboard's value stays all the same. */
  readonly ignored: readonly string[];
  /** Where the read may be too early to show our own last write. */
  readonly lagging: readonly string[];
}

export function compareWidget(states: WidgetStates, policy: Policy): Comparison {
  const { resets, fields: released } = releaseFields(states, policy);
  const fields = (declared: readonly FieldChange[]) =>
    [...declared, ...released].sort((a, b) => (a.path < b.path ? -1 : 1));
  if (states.live === null) {
    const perhapsLeft = policy.released === 'reset' ? unconfirmedOnly(states) : {};
    const changes = fields(sinceApplied(states, resets));
    return { fields: changes, resets, perhapsLeft, ignored: [], lagging: [] };
  }
  const { changes, lagging } = sinceRead(states, states.live);
  const ignored = ignoredPaths(states.document, states.live);
  return { fields: fields(changes), resets, perhapsLeft: {}, ignored, lagging };
}

/** Live is unknown: what the file says now against what was sent last. */
function sinceApplied({ document, applied }: WidgetStates, resets: JsonObject): FieldChange[] {
  return diffFields(applied === null ? null : asJson(applied.spec), asJson(document.spec))
    .filter(({ path }) => !isIgnored(path, document.sync.ignore))
    .filter(({ path, to }) => to !== undefined || !isReset(path, resets))
    .map((difference) => ({ ...difference, by: 'git', released: false }));
}

function unconfirmedOnly({ document, applied }: WidgetStates): JsonObject {
  const sent = Object.entries(applied?.unconfirmedFields ?? {});
  return Object.fromEntries(sent.filter(([name]) => !Object.hasOwn(document.spec, name)));
}

function isReset(path: string, resets: JsonObject): boolean {
  const [name = '', ...rest] = fromPointer(path);
  return rest.length === 0 && Object.hasOwn(resets, name);
}

interface SinceRead {
  readonly changes: readonly FieldChange[];
  readonly lagging: readonly string[];
}

/** From live to what a write makes of it: the declared fields, with what is ignored as it is. */
function sinceRead({ document, applied }: WidgetStates, live: LiveWidget): SinceRead {
  const { spec, sync } = document;
  const target = keepIgnored(asJson(spec), live.body, sync.ignore);
  const past = applied === null ? null : pastOf(applied, live, sync.ignore);
  const changes: FieldChange[] = [];
  const lagging: string[] = [];
  for (const difference of diffFields(pickFields(live.body, spec), pickFields(target, spec))) {
    const { path, from } = difference;
    const by = past === null ? 'git' : movedBy(difference, past);
    if (by !== null) changes.push({ ...difference, by, released: false });
    else if (past !== null && isLagging(fromPointer(path), from, past)) lagging.push(path);
  }
  return { changes, lagging };
}

function ignoredPaths({ spec, sync }: WidgetDocument, live: LiveWidget): string[] {
  if (sync.ignore.length === 0) return [];
  const target = keepIgnored(asJson(spec), live.body, sync.ignore);
  return diffFields(pickFields(target, spec), asJson(spec)).map(({ path }) => path);
}
