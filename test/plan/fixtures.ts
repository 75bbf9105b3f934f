// Views to plan from, in few words.
import fc from 'fast-check';
import type { HeldFile, WidgetDocument } from '../../src/documents/types.ts';
import type { JsonObject } from '../../src/json.ts';
import type { Views } from '../../src/plan/types.ts';
import type { AppliedRecord } from '../../src/state/record.ts';
import type { WidgetId, WidgetSpec } from '../../src/widget.ts';
import { hashSpec, sha256 } from '../../src/widget.ts';

/** The n-th widget. */
export function idOf(n: number): WidgetId {
  return `${String(n).padStart(8, '0')}-0d44-4b50-8888-8dd25736052a` as WidgetId;
}

export function documentOf(n: number, body: JsonObject, file = `w${n}.yaml`): WidgetDocument {
  const spec = body as unknown as WidgetSpec;
  return { widgetId: idOf(n), file, digest: sha256(file), spec, hash: hashSpec(spec) };
}

export function recordOf(document: WidgetDocument): AppliedRecord {
  return {
    ...document,
    echo: null,
    revision: null,
    appliedAt: new Date('2026-03-01T08:00:00Z'),
    unconfirmedHash: null,
  };
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
    applied: new Map(records.map((record) => [record.widgetId, record])),
    live: { kind: 'unknown' },
    revision: null,
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
      unconfirmed: fc.boolean(),
    }),
    { maxLength: 8 },
  )
  .map((widgets) => {
    const documents: WidgetDocument[] = [];
    const held: HeldFile[] = [];
    const records: AppliedRecord[] = [];
    for (const [n, { desired, applied, heldAs, unconfirmed }] of widgets.entries()) {
      if (heldAs !== 'no') held.push(heldOf(heldAs === 'known' ? n : null, `w${n}.yaml`));
      else if (desired !== null) documents.push(documentOf(n, desired));
      const unconfirmedHash = unconfirmed ? sha256('sent') : null;
      if (applied !== null) records.push({ ...recordOf(documentOf(n, applied)), unconfirmedHash });
    }
    return viewsOf({ desired: documents, held, records });
  });
