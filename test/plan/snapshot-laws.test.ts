// A plan from a snapshot, beside the plan of who has the key: drawn widgets, pasts, drifts and edits.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromPointer, type Json, type JsonObject, toPointer } from '../../src/base/json/json.ts';
import { parseSnapshot } from '../../src/cli/snapshot/parse-snapshot.ts';
import type { AppliedRecord } from '../../src/model/applied-record.ts';
import { leavesOf } from '../../src/model/diff-fields.ts';
import type { WidgetDocument } from '../../src/model/document.ts';
import type { LiveView, Plan, Policy } from '../../src/model/plan.ts';
import type { DeclaredContent } from '../../src/model/since/declared-then.ts';
import { isNothing, isUnpublished } from '../../src/model/snapshot/unpublished.ts';
import { isRespelling } from '../../src/model/unapplied-fields.ts';
import { valueAt } from '../../src/model/value-at.ts';
import { asJson, type WidgetId } from '../../src/model/widget.ts';
import { bodySchemas, resetValueOf } from '../../src/model/widget-fields.ts';
import { certain } from '../../src/model/write-trail.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { formatSnapshot, formatSnapshotWidget } from '../../src/plan/snapshot/format-snapshot.ts';
import { snapshotStates } from '../../src/plan/snapshot/snapshot-views.ts';
import { takeSnapshot } from '../../src/plan/snapshot/take-snapshot.ts';
import { law } from '../support/law.ts';
import { documentOf, idOf, ignoring, nowMs, recordOf, viewsOf } from './fixtures.ts';
import { anyWorld, type World } from './worlds.ts';

const revision = 'a'.repeat(40);
const time = new Date(nowMs);

function contentOf({ widgetId, spec, hash, sync, digest }: WidgetDocument): DeclaredContent {
  return { content: { widgetId, spec, hash, sync }, digest };
}

interface Seen {
  readonly document: WidgetDocument;
  readonly applied: AppliedRecord | null;
  readonly live: LiveView;
}

function seenIn({ document, applied, live }: World): Seen {
  const widgets = new Map([[idOf(1), { body: live, readAtMs: nowMs }]]);
  return { document, applied, live: { widgets, total: 1, requests: { list: 1, get: 0 } } };
}

function textOf({ document, applied, live }: Seen, values: 'none' | 'declared' = 'none'): string {
  const records = new Map(applied === null ? [] : [[applied.widgetId, applied]]);
  const views = { desired: [document], held: [], applied: records, live };
  const lines = Array.from(takeSnapshot(views, values), formatSnapshotWidget);
  return formatSnapshot({ time, version: '1.2.3', revision, values }, lines);
}

/** As a fork makes it: from the text alone, and from git. */
function planOf(text: string, { document }: Seen, edited: WidgetDocument, policy: Policy): Plan {
  const parsed = parseSnapshot(text, time);
  if ('refusal' in parsed) throw new Error(parsed.refusal);
  const declared = new Map<WidgetId, DeclaredContent>([[idOf(1), contentOf(document)]]);
  const { records, live } = snapshotStates(parsed.snapshot, declared);
  const views = { records: [...records.values()], desired: [edited], revision };
  return makePlan(
    viewsOf({ ...views, live: { widgets: live, total: null, requests: { list: 0, get: 0 } } }),
    policy,
  );
}

function fieldsOf({ changes, drifted }: Plan) {
  return [...changes, ...drifted].flatMap(({ fields }) => fields);
}

const settled = (world: World) => world.applied === null || world.applied.trail === certain;
const quiet: Policy = { send: 'changed', drift: 'correct', released: 'reset', nowMs };

/** What the pull request makes of the file. */
const anyEdit = fc
  .tuple(anyWorld, fc.constantFrom('none', 'some', 'all'))
  .map(([{ document, policy }, how]) => (before: WidgetDocument) => {
    const spec = how === 'none' ? asJson(before.spec) : asJson(document.spec);
    const mixed = how === 'some' ? { ...asJson(before.spec), ...firstOf(spec) } : spec;
    const ignore = how === 'none' ? before.sync.ignore : document.sync.ignore;
    return { edited: ignoring(documentOf(1, mixed), ...ignore), released: policy.released };
  });

function firstOf(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).slice(0, 2));
}

describe('a plan from a snapshot', () => {
  law.prop([anyWorld, anyEdit], { numRuns: 2000 })(
    'names the fields that the plan with the key names, and others only where a value is not known',
    (world, edit) => {
      fc.pre(settled(world));
      const seen = seenIn(world);
      const { edited, released } = edit(seen.document);
      const policy = { ...quiet, released };
      const records = seen.applied === null ? [] : [seen.applied];
      const withKey = makePlan(viewsOf({ desired: [edited], records, live: seen.live }), policy);
      const text = textOf(seen);
      const without = planOf(text, seen, edited, policy);
      expect(without.held.map(({ code }) => code)).toEqual(withKey.held.map(({ code }) => code));
      if (withKey.held.length > 0) return;
      const named = new Map(fieldsOf(without).map((field) => [field.path, field]));
      for (const { path, from, by, released: isReleased } of fieldsOf(withKey)) {
        const [name = ''] = fromPointer(path);
        const field = named.get(path) ?? named.get(toPointer([name]));
        // An empty object is told as one, though the API may spell it null.
        const isWithin = [...named.keys()].some((one) => one.startsWith(`${path}/`));
        expect(field !== undefined || isWithin, `${path} in ${[...named.keys()]}`).toBe(true);
        // Where a commit waits to be applied, what it replaces is not known.
        if (field?.path !== path || seen.applied?.hash !== seen.document.hash) continue;
        // One nothing for another is no drift as long as the file says nothing, too.
        if (by === 'both' && (from === undefined || isNothing(from))) continue;
        expect({ path, by: field.by, isReleased: field.released }).toEqual({
          path,
          by,
          isReleased,
        });
      }
      const expected = new Set(fieldsOf(withKey).map(({ path }) => path));
      for (const [path, { from }] of named) {
        if (expected.has(path)) continue;
        const isWhole = [...expected].some(
          (one) => one.startsWith(`${path}/`) || path.startsWith(`${one}/`),
        );
        const why = `${path}: ${JSON.stringify(from)} of ${text}`;
        // The plan with the key knows how the API spells what was applied.
        const segments = fromPointer(path);
        const [now, then] = [world.live, asJson(edited.spec)].map((body) =>
          valueAt(body, segments),
        );
        expect(isWhole || isUnpublished(from) || isRespelling(then, now), why).toBe(true);
      }
    },
  );

  law.prop([anyWorld], { numRuns: 1000 })(
    'of what is declared finds the very drift, and says who has made it',
    (world) => {
      fc.pre(settled(world) && world.applied !== null && world.document.sync.ignore.length === 0);
      const seen = seenIn(world);
      const records = seen.applied === null ? [] : [seen.applied];
      const withKey = makePlan(
        viewsOf({ desired: [seen.document], records, live: seen.live }),
        quiet,
      );
      const without = planOf(textOf(seen), seen, seen.document, quiet);
      const told = (plan: Plan) => ({
        fields: fieldsOf(plan).map(({ path, by, released, neverDeclared }) => ({
          path,
          by,
          released,
          neverDeclared,
        })),
        changes: plan.changes.map(({ file, reason }) => ({ file, reason })),
        vanished: plan.vanished,
      });
      expect(told(without)).toEqual(told(withKey));
    },
  );
});

describe('the text of a snapshot', () => {
  const secret = (n: number) => `secret-value-${n}`;
  const anyMarked = fc
    .array(
      fc.record({
        name: fc.constantFrom(...bodySchemas.keys()),
        depth: fc.nat(2),
        isDeclared: fc.boolean(),
        isApplied: fc.boolean(),
      }),
    )
    .map((fields) => {
      const bodies = {
        live: {} as JsonObject,
        declared: {} as JsonObject,
        applied: {} as JsonObject,
      };
      for (const [n, { name, depth, isDeclared, isApplied }] of fields.entries()) {
        const of = (place: number): Json => {
          const leaf = [secret(n * 10 + place), n * 1_000_003 + place + 0.5][place % 2] ?? null;
          return depth === 0
            ? leaf
            : depth === 1
              ? { token: leaf, own: [leaf] }
              : { a: { b: leaf, c: [] }, d: null };
        };
        bodies.live[name] = of(1);
        if (isDeclared) bodies.declared[name] = of(2);
        if (isApplied) bodies.applied[name] = of(n % 2 === 0 ? 2 : 3);
      }
      return bodies;
    });

  law.prop([anyMarked], { numRuns: 1000 })(
    'has no value of any field',
    ({ live, declared, applied }) => {
      const document = documentOf(1, { widget_type: 'chat', ...declared });
      const before = documentOf(1, { widget_type: 'chat', ...applied });
      const { widgetId, file, digest, spec, hash, sync } = before;
      const record = {
        widgetId,
        file,
        digest,
        spec,
        hash,
        sync,
        echo: null,
        revision,
        appliedAt: new Date(0),
        trail: certain,
        corrections: 0,
      };
      const widgets = new Map([[idOf(1), { body: live, readAtMs: nowMs }]]);
      const seen = {
        document,
        applied: record,
        live: { widgets, total: 1, requests: { list: 1, get: 0 } },
      };
      const text = textOf(seen);
      for (const body of [live, declared, applied]) {
        for (const { value } of leavesOf(body)) {
          for (const one of [value].flat()) {
            if (typeof one === 'string') expect(text).not.toContain(one);
            if (typeof one === 'number') expect(text).not.toContain(`${one}`);
          }
        }
      }
    },
  );

  test('names what people have put into a declared object, and tells its value only where that is asked', () => {
    const document = documentOf(1, { widget_type: 'chat', attributes: { a: 1 } });
    const { widgetId, file, digest, spec, hash, sync } = document;
    const record = {
      widgetId,
      file,
      digest,
      spec,
      hash,
      sync,
      echo: null,
      revision,
      appliedAt: new Date(0),
      trail: certain,
      corrections: 0,
    };
    const body = { widget_type: 'chat', attributes: { a: 1, token: 'sk-123' }, name: 'Ava' };
    const seen = {
      document,
      applied: record,
      live: {
        widgets: new Map([[idOf(1), { body, readAtMs: nowMs }]]),
        total: 1,
        requests: { list: 1, get: 0 },
      },
    };
    const line = (values: 'none' | 'declared') =>
      JSON.parse(textOf(seen, values).split('\n')[1] ?? '') as object;
    expect(line('none')).toEqual({
      widget_id: widgetId,
      file,
      hash,
      declared: ['widget_type', 'attributes'],
      differs: ['/attributes/token'],
      set: ['name'],
    });
    expect(line('declared')).toMatchObject({ live: { '/attributes/token': 'sk-123' } });
  });

  test('takes less than 500 bytes a widget, of which a tenth has drifted', () => {
    const fields = {
      bubble_text: 'Hello',
      header_color: '#123456',
      bubble_color: '#fff',
      remove_branding: true,
    };
    const attributes = { position: 'left', width: 12 };
    const all = Array.from({ length: 1000 }, (_, n) => {
      const spec = {
        widget_type: 'chat',
        name: `Widget ${n}`,
        display_name: `Ava ${n}`,
        ...fields,
        attributes,
      };
      return documentOf(n, spec, `customers/fernwood-${n % 100}/widget-${n}.yaml`);
    });
    const rest = Object.fromEntries(
      [...bodySchemas.keys()].map((name) => [name, resetValueOf(name) ?? null]),
    );
    const live = new Map(
      all.map(({ widgetId, spec }, n) => {
        const drift =
          n % 10 === 0 ? { header_color: '#000', attributes: { ...attributes, token: 't' } } : {};
        return [
          widgetId,
          { body: { ...rest, ...asJson(spec), org_id: 'o', ...drift }, readAtMs: nowMs },
        ];
      }),
    );
    const applied = new Map(all.map((document) => [document.widgetId, recordOf(document)]));
    const views = { desired: all, held: [], applied, live: { widgets: live } };
    const lines = Array.from(takeSnapshot(views, 'none'), formatSnapshotWidget);
    const text = formatSnapshot({ time, version: '1.2.3', revision, values: 'none' }, lines);
    expect(Buffer.byteLength(text)).toBeLessThan(500_000);
    expect(lines.filter((line) => line.includes('/attributes/token'))).toHaveLength(100);
  });
});
