// Views to plan from, in few words.

import fc from 'fast-check';
import type { JsonObject } from '../../src/base/json/json.ts';
import type { AppliedRecord } from '../../src/model/applied-record.ts';
import type { HeldFile, WidgetDocument } from '../../src/model/document.ts';
import type { LiveView, LiveWidget, Policy, Views } from '../../src/model/plan.ts';
import { nothingLive } from '../../src/model/plan.ts';
import type { SyncPolicy, WidgetId, WidgetSpec } from '../../src/model/widget.ts';
import { hashSpec, sha256 } from '../../src/model/widget.ts';
import { certain } from '../../src/model/write-trail.ts';
import { unconfirmed } from '../support/trails.ts';

/** The n-th widget. */
export function idOf(n: number): WidgetId {
  return `${String(n).padStart(8, '0')}-0d44-4b50-8888-8dd25736052a` as WidgetId;
}

export function documentOf(n: number, body: JsonObject, file = `w${n}.yaml`): WidgetDocument {
  // A plan takes whatever fields a file declares: what the schema allows of them is settled before.
  const spec = body as unknown as WidgetSpec;
  const sync: SyncPolicy = { drift: null, ignore: [] };
  return { widgetId: idOf(n), file, digest: sha256(file), spec, hash: hashSpec(spec), sync };
}

export function ignoring(document: WidgetDocument, ...ignore: string[]): WidgetDocument {
  return { ...document, sync: { ...document.sync, ignore } };
}

/** As the last write of the document left it. */
export function recordOf(document: WidgetDocument): AppliedRecord {
  const { widgetId, file, digest, hash, spec, sync, extends: extended } = document;
  return {
    ...(extended !== undefined && { extends: extended }),
    widgetId,
    file,
    digest,
    hash,
    spec,
    sync,
    echo: null,
    revision: null,

    appliedAt: new Date('2026-03-01T08:00:00Z'),
    trail: certain,
    corrections: 0,
  };
}

/** An hour after everything was applied. */
export const nowMs = Date.parse('2026-03-01T09:00:00Z');

export const changed: Policy = { send: 'changed', drift: 'correct', released: 'reset', nowMs };
export const all: Policy = { ...changed, send: 'all' };

export function liveOf(body: JsonObject, readAtMs = nowMs): LiveWidget {
  return { body, readAtMs };
}

/** The whole account: these widgets and nothing else. */
export function accountOf(
  widgets: readonly (readonly [number, JsonObject | 'absent'])[],
): LiveView {
  const views = widgets.map(
    ([n, body]) => [idOf(n), body === 'absent' ? body : liveOf(body)] as const,
  );
  const total = widgets.filter(([, body]) => body !== 'absent').length;
  return { widgets: new Map(views), total, requests: { list: 1, get: 0 } };
}

export function heldOf(n: number | null, file = `w${n}.yaml`): HeldFile {
  const widgetId = n === null ? null : idOf(n);
  return { file, widgetId, code: 'yaml-syntax', message: 'not YAML' };
}

export function viewsOf(parts: Partial<Views> & { records?: readonly AppliedRecord[] }): Views {
  const { records = [], ...views } = parts;
  return {
    desired: [],
    held: [],
    fragments: [],
    applied: new Map(records.map((record) => [record.widgetId, record])),
    live: nothingLive,
    revision: null,
    committedAtMs: null,
    ...views,
  };
}

/** Bodies that often share keys, so that their differences are of every kind. */
export const anyBody: fc.Arbitrary<JsonObject> = fc.letrec<{ value: unknown; body: JsonObject }>(
  (tie) => ({
    value: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom(null, true, 1, '', 'a', 'a\nb'),
      fc.array(fc.constantFrom(1, 'x', null), { maxLength: 2 }),
      tie('body'),
    ),
    body: fc.dictionary(
      fc.constantFrom('a', 'b', 'a/b', '~', '', '__proto__', 'constructor'),
      tie('value'),
      { maxKeys: 4 },
    ) as fc.Arbitrary<JsonObject>,
  }),
).body;

/** A world of up to eight widgets, each with any file and any past. */
export const anyViews: fc.Arbitrary<Views> = fc
  .array(
    fc.record({
      desired: fc.option(anyBody),
      applied: fc.option(anyBody),
      heldAs: fc.constantFrom('no', 'known', 'unknown'),
      isUnconfirmed: fc.boolean(),
      live: fc.oneof(fc.constant(null), fc.constant('absent' as const), anyBody),
    }),
    { maxLength: 8 },
  )
  .map((widgets) => {
    const documents: WidgetDocument[] = [];
    const held: HeldFile[] = [];
    const records: AppliedRecord[] = [];
    const account: (readonly [number, JsonObject | 'absent'])[] = [];
    for (const [n, { desired, applied, heldAs, isUnconfirmed, live }] of widgets.entries()) {
      if (live !== null) account.push([n, live]);
      if (heldAs !== 'no') held.push(heldOf(heldAs === 'known' ? n : null, `w${n}.yaml`));
      else if (desired !== null) documents.push(documentOf(n, desired));
      const trail = isUnconfirmed ? unconfirmed() : certain;
      if (applied !== null) records.push({ ...recordOf(documentOf(n, applied)), trail });
    }
    return viewsOf({ desired: documents, held, records, live: accountOf(account) });
  });
