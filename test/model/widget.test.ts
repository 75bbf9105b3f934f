import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  asJson,
  hashSpec,
  isUuid,
  parseWidgetId,
  sha256,
  type WidgetSpec,
} from '../../src/model/widget.ts';
import { law } from '../support/law.ts';

const parsed = (text: string): WidgetSpec => JSON.parse(text);

describe('the hash of a body', () => {
  test.each([
    ['the order of keys', '{"widget_type":"chat","name":"A"}', '{"name":"A","widget_type":"chat"}'],
    [
      'the order of keys within a value',
      '{"widget_type":null,"attributes":{"a":{"b":1,"c":2},"d":3}}',
      '{"widget_type":null,"attributes":{"d":3,"a":{"c":2,"b":1}}}',
    ],
    [
      'the form of a number',
      '{"widget_type":null,"attributes":{"a":1,"b":100,"c":0.5,"d":0}}',
      '{"widget_type":null,"attributes":{"a":1.0,"b":1e2,"c":5e-1,"d":-0}}',
    ],
    [
      'the form of a text',
      '{"widget_type":"chat","name":"Zoë"}',
      '{"widget_type":"chat","name":"Zo\\u00eb"}',
    ],
  ])('is the same whatever %s', (_, one, other) => {
    expect(hashSpec(parsed(one))).toBe(hashSpec(parsed(other)));
  });

  test.each([
    ['a value', '{"widget_type":"chat","name":"A"}', '{"widget_type":"chat","name":"B"}'],
    ['null for nothing', '{"widget_type":"chat","name":null}', '{"widget_type":"chat"}'],
    [
      'the empty text for null',
      '{"widget_type":null,"name":""}',
      '{"widget_type":null,"name":null}',
    ],
    [
      'the order of a list',
      '{"widget_type":null,"user_opening_messages":["a","b"]}',
      '{"widget_type":null,"user_opening_messages":["b","a"]}',
    ],
    [
      'a number for its text',
      '{"widget_type":null,"attributes":{"a":1}}',
      '{"widget_type":null,"attributes":{"a":"1"}}',
    ],
  ])('differs by %s', (_, one, other) => {
    expect(hashSpec(parsed(one))).not.toBe(hashSpec(parsed(other)));
  });

  test('is the SHA-256 of the canonical JSON, which records on disk rely on', () => {
    const spec = parsed('{"widget_type":"chat","attributes":{"b":1.0,"a":"é"}}');
    const text = '{"attributes":{"a":"é","b":1},"widget_type":"chat"}';
    expect(hashSpec(spec)).toBe(createHash('sha256').update(text, 'utf8').digest('hex'));
    expect(hashSpec(parsed('{"widget_type":"chat"}'))).toBe(sha256('{"widget_type":"chat"}'));
  });

  law.prop([fc.dictionary(fc.string(), fc.jsonValue())])(
    'does not move when the body is written and read again in another order',
    (fields) => {
      // Whatever the fields are called: a hash is taken of what the schema of another version allows, too.
      const spec = { widget_type: null, ...fields } as unknown as WidgetSpec;
      const entries = Object.entries(JSON.parse(JSON.stringify(asJson(spec)))).reverse();
      const again = Object.fromEntries(entries) as unknown as WidgetSpec;
      expect(hashSpec(again)).toBe(hashSpec(spec));
    },
  );
});

test('SHA-256 is that of the bytes', () => {
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  expect(sha256('abc')).toBe(abc);
  expect(sha256(new TextEncoder().encode('abc'))).toBe(abc);
  expect(sha256('')).toMatch(/^e3b0c442/);
});

describe('a widget id', () => {
  const id = '3c90c3cc-0d44-4b50-8888-8dd25736052a';

  test.each([id, id.toUpperCase(), '3C90c3cc-0d44-4B50-8888-8dd25736052a'])(
    '%s is one, in one spelling',
    (text) => {
      expect(parseWidgetId(text)).toBe(id);
    },
  );

  test.each([
    '',
    'ava',
    `${id} `,
    ` ${id}`,
    `${id}\n`,
    `{${id}}`,
    `urn:uuid:${id}`,
    id.replaceAll('-', ''),
    id.slice(1),
    `${id}0`,
    id.replace('3', 'g'),
    `../${id}`,
    7,
    null,
    undefined,
    [id],
  ])('%j is none', (value) => {
    expect(parseWidgetId(value)).toBeNull();
  });

  law.prop([fc.uuid()])('is every UUID, of whatever version', (uuid) => {
    expect(isUuid(uuid)).toBe(true);
    expect(parseWidgetId(uuid)).toBe(uuid);
  });
});
