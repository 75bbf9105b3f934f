import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json/json.ts';
import type { AppliedRecord } from '../../src/model/applied-record.ts';
import type { Change, FieldChange, LiveWidget } from '../../src/model/plan.ts';
import { hashSpec, type WidgetSpec } from '../../src/model/widget.ts';
import { writtenFields } from '../../src/plan/written-fields.ts';
import { recordOf, specOf } from '../state/fixtures/state-options.ts';
import { named } from '../support/changes.ts';

const applied = { widget_type: 'chat', display_name: 'Ava', intro_message: 'Hello' } as const;
const wanted = { ...applied, display_name: 'Eva' };

function changeTo(spec: object, changes: Partial<Change> = {}): Change {
  const body = spec as WidgetSpec;
  return { ...named(1, 'Eva'), spec: body, hash: hashSpec(body), fields: [], ...changes };
}

function record(spec: object = applied, changes: Partial<AppliedRecord> = {}): AppliedRecord {
  const appliedAt = new Date('2026-03-01T08:00:00Z');
  return recordOf(named(1, '').widgetId, { spec: specOf(spec), appliedAt, ...changes });
}

const readAtMs = Date.UTC(2026, 2, 2);
const live = (body: JsonObject, atMs = readAtMs): LiveWidget => ({ body, readAtMs: atMs });
const field = (path: string, by: FieldChange['by'] = 'git') => ({ path, by, released: false });

describe('what a write changed', () => {
  test('is what was read before it, and what was answered', () => {
    const base = live({ ...applied, bubble_text: 'theirs', id: 'x' });
    const change = changeTo(wanted, { base, fields: [field('/display_name')] });
    const body = { ...wanted, bubble_text: 'theirs' };
    const widget = { ...body, display_name: 'Eva ', id: 'x' };
    expect(writtenFields({ change, applied: record(), base, body, widget })).toEqual({
      fields: ['/display_name'],
      by: { '/display_name': 'git' },
      before: { display_name: 'Ava' },
      after: { display_name: 'Eva ' },
    });
  });

  test('is as it was sent, where the answer does not speak of it', () => {
    const base = live(applied);
    const change = changeTo(wanted, { base, fields: [field('/display_name')] });
    const write = { change, applied: record(), base, body: wanted, widget: null };
    expect(writtenFields(write)).toMatchObject({ after: { display_name: 'Eva' } });
  });

  test('tells what was not there from null, and knows top-level fields whole', () => {
    const style_params = { 'a/b': 1, size: 2 };
    const spec = { ...applied, intro_message: null, style_params };
    const base = live({ widget_type: 'chat', intro_message: 'x', style_params: { size: 2 } });
    const paths = ['/display_name', '/intro_message', '/style_params/a~1b'];
    const change = changeTo(spec, { base, fields: paths.map((path) => field(path, 'dashboard')) });
    const write = { change, applied: record(), base, body: spec, widget: null };
    expect(writtenFields(write)).toMatchObject({
      fields: paths,
      before: { intro_message: 'x', style_params: { size: 2 } },
      after: { display_name: 'Ava', intro_message: null, style_params },
    });
    expect(writtenFields(write).before).not.toHaveProperty('display_name');
  });

  test('is marked as applied where nothing was read, with what the API made of it', () => {
    const change = changeTo(wanted, { fields: [field('/display_name')] });
    const former = record(applied, { echo: { ...applied, display_name: 'AVA' } });
    const write = { change, applied: former, base: null, body: wanted, widget: null };
    expect(writtenFields(write)).toMatchObject({
      before: { display_name: 'AVA' },
      isBeforeAsApplied: true,
    });
  });

  test('is not known before where nothing was read and nothing applied', () => {
    const change = changeTo(wanted, { fields: [field('/display_name')] });
    const write = { change, applied: null, base: null, body: wanted, widget: null };
    expect(writtenFields(write)).toEqual({
      fields: ['/display_name'],
      by: { '/display_name': 'git' },
      after: { display_name: 'Eva' },
    });
  });

  test('has no values of what was not sent', () => {
    const change = changeTo({ widget_type: 'chat' }, { fields: [field('/intro_message')] });
    const body = { widget_type: 'chat' };
    const write = { change, applied: record(), base: null, body, widget: null };
    expect(writtenFields(write)).toMatchObject({
      fields: ['/intro_message'],
      before: {},
      after: {},
    });
  });
});

describe('upon a read that is newer than the plan', () => {
  const planned = changeTo(wanted, { fields: [field('/display_name')] });

  test.each<[string, Change, JsonObject, Record<string, string>]>([
    [
      'is also what the dashboard has changed since',
      planned,
      { ...applied, intro_message: 'By hand' },
      { '/display_name': 'git', '/intro_message': 'dashboard' },
    ],
    [
      'is by both where both have changed the same field',
      planned,
      { ...applied, display_name: 'By hand' },
      { '/display_name': 'both' },
    ],
    [
      'is by both also where the plan had seen another value',
      { ...planned, base: live(applied, readAtMs - 300_000) },
      { ...applied, display_name: 'By hand' },
      { '/display_name': 'both' },
    ],
    ['is what the plan says where nothing else was', planned, applied, { '/display_name': 'git' }],
    [
      'is not what is ignored',
      { ...planned, sync: { drift: null, ignore: ['/intro_message'] } },
      { ...applied, intro_message: 'By hand' },
      { '/display_name': 'git' },
    ],
  ])('%s', (_, change, body, by) => {
    const base = live(body);
    const sent = change.sync.ignore.length > 0 ? { ...wanted, ...pick(body) } : wanted;
    const written = writtenFields({ change, applied: record(), base, body: sent, widget: null });
    expect(written.by).toEqual(by);
    expect(written.fields).toEqual(Object.keys(by));
    const names = Object.keys(by).map((path) => path.slice(1));
    expect(written.before).toEqual(Object.fromEntries(names.map((name) => [name, body[name]])));
  });
});

const pick = ({ intro_message = null }: JsonObject) => ({ intro_message });
