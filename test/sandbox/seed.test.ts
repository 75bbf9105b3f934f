import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { equalJson } from '../../src/base/json/json.ts';
import type { WidgetDocument } from '../../src/model/document.ts';
import { asJson, hashSpec, type WidgetSpec } from '../../src/model/widget.ts';
import { seedFromDocuments } from '../../src/sandbox/seed.ts';
import { checkBody } from '../../src/sandbox/validation.ts';
import { law } from '../support/law.ts';
import { widgetId } from '../support/sandbox.ts';

type Declared = Partial<WidgetSpec>;

function documentOf(declared: Declared, n = 1): WidgetDocument {
  const spec = declared as WidgetSpec;
  const sync = { drift: null, ignore: [] };
  const file = `${n}.yaml`;
  return { widgetId: widgetId(n), file, digest: '', spec, hash: hashSpec(spec), sync };
}

function staleFields(spec: Declared) {
  return seedFromDocuments([documentOf(spec)], 'stale')[0]?.fields ?? {};
}

describe('widgets made from files', () => {
  test('declared: as the files say', () => {
    const spec: Declared = { widget_type: 'chat', display_name: 'Ava' };

    expect(seedFromDocuments([documentOf(spec, 1), documentOf(spec, 2)], 'declared')).toEqual([
      { widgetId: widgetId(1), fields: spec },
      { widgetId: widgetId(2), fields: spec },
    ]);
  });

  test.each<[string, Declared, object]>([
    ['a text', { widget_type: 'chat', display_name: 'Ava' }, { display_name: 'Ava (old)' }],
    ['a colour', { widget_type: 'chat', header_color: '#fff' }, { header_color: '#6b7280' }],
    [
      'the same colour',
      { widget_type: null, header_color: '#6b7280' },
      { header_color: '#9ca3af' },
    ],
    ['a list', { widget_type: 'chat', action_buttons: [1, 2] }, { action_buttons: [1] }],
    ['an object', { widget_type: 'chat', attributes: { a: 1, b: 2 } }, { attributes: { a: 1 } }],
    ['a switch', { widget_type: 'chat', remove_branding: true }, { remove_branding: false }],
    ['only a channel', { widget_type: 'sms' }, { widget_type: null }],
    ['only nulls', { widget_type: null, name: null }, { widget_type: 'chat', name: null }],
  ])('stale: %s differs', (_what, spec, expected) => {
    expect(staleFields(spec)).toEqual({ ...spec, ...expected });
  });

  const text = fc.option(fc.string());
  const anySpec: fc.Arbitrary<Declared> = fc.record(
    {
      widget_type: fc.constantFrom('chat' as const, 'sms' as const, null),
      org_id: fc.option(fc.uuid()),
      assistant_id: fc.option(fc.uuid()),
      name: text,
      bubble_color: text,
      remove_branding: fc.option(fc.boolean()),
      attributes: fc.dictionary(fc.string(), fc.jsonValue()),
      user_opening_messages: fc.array(fc.string()),
      action_buttons: fc.array(fc.jsonValue()),
      style_params: fc.option(fc.dictionary(fc.string(), fc.jsonValue())),
    },
    { requiredKeys: ['widget_type'] },
  );
  law.prop([anySpec])(
    'stale: the same fields, another value in one at least, and a body that the API takes',
    (spec) => {
      const stale = staleFields(spec);
      const checked = checkBody({ text: JSON.stringify(stale), contentType: undefined });

      expect(Object.keys(stale)).toEqual(Object.keys(spec));
      expect(equalJson(stale, asJson(spec as WidgetSpec))).toBe(false);
      expect(checked).toHaveProperty('value');
      expect(staleFields(spec)).toEqual(stale);
    },
  );
});
