import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parseInstant } from '../../src/documents/check/parse-timestamp.ts';
import { isUuid } from '../../src/model/widget.ts';

// As an editor has them: from the files, by a validator of its own.
const ajv = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true });
ajv.addFormat('uuid', isUuid);
ajv.addFormat('date-or-time', (text: string) => parseInstant(text) !== null);
ajv.addFormat('json-pointer', /^(\/([^~/]|~[01])*)*$/);
const [widget, fragment] = ['widget', 'fragment'].map((name) =>
  JSON.parse(readFileSync(new URL(`../../schemas/${name}.schema.json`, import.meta.url), 'utf8')),
);
const accepts = { widget: ajv.compile(widget), fragment: ajv.compile(fragment) };

const widget_id = '3c90c3cc-0d44-4b50-8888-8dd25736052a';

describe('what a file may say, as a widget file and as a fragment', () => {
  test.each([
    // [value, as a widget file, as a fragment]
    [{ widget_id, widget_type: 'chat' }, true, false],
    [{ widget_id }, false, false],
    [{ widget_id, extends: '_brand.yaml' }, true, false],
    [{ widget_id, extends: ['../_brand.yaml', '_ava.yaml'], omit: ['/bubble_text'] }, true, false],
    [{ extends: '_brand.yaml' }, false, true],
    [{ widget_type: 'chat', header_color: '#14532d' }, false, true],
    [{}, false, true],
    [{ omit: ['/bubble_text'] }, false, false],
    [{ header_colour: '#14532d' }, false, false],
    [{ sync: { suspend: true, reason: 'spring campaign' }, attributes: { a: 1 } }, false, true],
    [{ sync: { suspended: true } }, false, false],
    [{ widget_type: null, extends: ['_base.yaml', 7] }, false, false],
  ])('%j: %j, %j', (value, asWidget, asFragment) => {
    expect([accepts.widget(value), accepts.fragment(value)]).toEqual([asWidget, asFragment]);
  });
});

test('a fragment has the fields of a widget file, in its order and in its words', () => {
  const { widget_id: _, omit: __, ...shared } = widget.properties;
  expect(
    fragment.properties,
    'schemas/fragment.schema.json is not what schemas/widget.schema.json says: run `npm run generate`',
  ).toEqual(shared);
  expect(Object.keys(fragment.properties)).toEqual(Object.keys(shared));
  expect(fragment).toMatchObject({ type: 'object', additionalProperties: false });
});
