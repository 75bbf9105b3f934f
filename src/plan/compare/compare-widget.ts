// One widget in its three states, field by field: what a write would change and who is behind it.
// Refuses to decide whether to write.

import type { JsonObject } from '../../base/json/json.ts';
import { fromPointer } from '../../base/json/json.ts';
import { diffFields, type FieldDifference } from '../../model/diff-fields.ts';
import type { WidgetDocument } from '../../model/document.ts';
import { isIgnored, keepIgnored } from '../../model/ignored-fields.ts';
import type { FieldChange, LiveWidget, Policy } from '../../model/plan.ts';
import { pickFields } from '../../model/value-at.ts';
import { asJson } from '../../model/widget.ts';
import { isSameNothing } from '../../model/widget-fields.ts';
import type { SentValues } from '../../model/write-trail.ts';
import { leftToDashboard, possiblyLeft } from '../uncertain/possibly-left.ts';
import { readThrough } from '../uncertain/read-through.ts';
import { movedBy, pastOf, type WidgetStates, wasDeclared } from './attribute-change.ts';
import { releaseFields } from './released-fields.ts';
import { vanishedFields } from './vanished-fields.ts';

export interface Comparison {
  /** Sorted by path. */
  readonly fields: readonly FieldChange[];
  readonly resets: JsonObject;
  /** The values that an unconfirmed write may have left, where the read does not tell. */
  readonly possiblyLeft: SentValues;
  /** The places where the file says otherwise and the dashboard's value stays all the same. */
  readonly ignored: readonly string[];
  /** Declared fields, by name, that the API no longer speaks of. */
  readonly vanished: readonly string[];
  /** Fields, by name, that nobody declares any more, and that somebody has changed since. */
  readonly left: readonly string[];
  /** The widget as it was read, with our own last writes put in where the read came too early. */
  readonly live: LiveWidget | null;
}

export function compareWidget(
  { document, applied, ...read }: WidgetStates,
  policy: Pick<Policy, 'released'>,
): Comparison {
  const live = read.live === null ? null : readThrough(read.live, applied, document.sync.ignore);
  const states = { document, applied, live };
  const { resets, fields: released } = releaseFields(states, policy);
  const fields = (declared: readonly FieldChange[]) =>
    [...declared, ...released].sort((a, b) => (a.path < b.path ? -1 : 1));
  const left = policy.released === 'reset' ? possiblyLeft(states) : {};
  if (live === null) {
    const changes = fields(sinceApplied(states, resets));
    return {
      fields: changes,
      resets,
      possiblyLeft: left,
      ignored: [],
      vanished: [],
      left: [],
      live,
    };
  }
  const vanished = vanishedFields(states, live);
  const ignored = ignoredPaths(document, live);
  return {
    fields: fields(sinceRead(states, live, vanished)),
    resets,
    possiblyLeft: left,
    ignored,
    vanished,
    left: leftNames(states, live),
    live,
  };
}

/** Of those that were declared for certain a release says what becomes of them. */
function leftNames({ document, applied }: WidgetStates, live: LiveWidget): string[] {
  if (applied === null) return [];
  const names = leftToDashboard({ document, applied, live });
  return names.filter((name) => !Object.hasOwn(applied.spec, name));
}

/** Live is unknown: what the file says now against what was sent last. */
function sinceApplied({ document, applied }: WidgetStates, resets: JsonObject): FieldChange[] {
  return diffFields(applied === null ? null : asJson(applied.spec), asJson(document.spec))
    .filter(({ path }) => !isIgnored(path, document.sync.ignore))
    .filter(({ path, to }) => to !== undefined || !isReset(path, resets))
    .map((difference) => ({ ...difference, by: 'git', released: false }));
}

function isReset(path: string, resets: JsonObject): boolean {
  const [name = '', ...rest] = fromPointer(path);
  return rest.length === 0 && Object.hasOwn(resets, name);
}

/** From live to what a write makes of it: the declared fields, with what is ignored as it is. */
function sinceRead(
  { document, applied }: WidgetStates,
  live: LiveWidget,
  vanished: readonly string[],
): FieldChange[] {
  const { spec, sync } = document;
  const target = keepIgnored(asJson(spec), live.body, sync.ignore);
  const differences = diffFields(pickFields(live.body, spec), pickFields(target, spec));
  if (differences.length === 0) return [];
  const past = applied === null ? null : pastOf(applied, live, sync.ignore);
  return differences.flatMap((difference) => {
    const { path, to } = difference;
    const [name = ''] = fromPointer(path);
    if (vanished.includes(name) || isNoDifference(difference)) return [];
    const by = past === null ? 'git' : movedBy(difference, past);
    if (by === null) return [];
    const isTheirs = to === undefined && (past === null || !wasDeclared(fromPointer(path), past));
    const whose = isTheirs ? ({ neverDeclared: true } as const) : {};
    return [{ ...difference, by, released: false, ...whose }];
  });
}

function isNoDifference({ path, from, to }: FieldDifference): boolean {
  const [name = '', ...rest] = fromPointer(path);
  return rest.length === 0 && to !== undefined && isSameNothing(name, from, to);
}

function ignoredPaths({ spec, sync }: WidgetDocument, live: LiveWidget): string[] {
  if (sync.ignore.length === 0) return [];
  const target = keepIgnored(asJson(spec), live.body, sync.ignore);
  return diffFields(pickFields(target, spec), asJson(spec)).map(({ path }) => path);
}
