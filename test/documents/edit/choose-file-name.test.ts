import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/base/json/json.ts';
import { widgetFileName } from '../../../src/documents/edit/choose-file-name.ts';
import type { WidgetId } from '../../../src/model/widget.ts';
import { law } from '../../support/law.ts';
import { text } from '../arbitrary-widgets.ts';

const widgetId = '3c90c3cc-0d44-4b50-8888-8dd25736052a' as WidgetId;
const nameOf = (fields: JsonObject, ...taken: string[]) =>
  widgetFileName({ widgetId, fields }, new Set(taken));

describe('the name of a new file', () => {
  test.each<[string, JsonObject, string]>([
    ['the name', { name: 'Ava', display_name: 'B' }, 'ava.yaml'],
    ['words', { name: 'Fernwood – Web  Chat (EU)' }, 'fernwood-web-chat-eu.yaml'],
    [
      'accents and ligatures',
      { name: 'Crème Brûlée Straße ﬁn Ørsted Łódź' },
      'creme-brulee-strasse-fin-orsted-lodz.yaml',
    ],
    ['an apostrophe', { name: "Ava's desk" }, 'avas-desk.yaml'],
    ['a path', { name: '../../etc/passwd' }, 'etc-passwd.yaml'],
    ['a hidden name', { name: '._secret' }, 'secret.yaml'],
    ['the display name', { name: null, display_name: 'Ava' }, 'ava.yaml'],
    [
      'the display name, where the name has no ASCII',
      { name: '客服', display_name: 'Ava' },
      'ava.yaml',
    ],
    [
      'the type, where no name has',
      { name: '客服', widget_type: 'fb_messenger' },
      'fb-messenger-3c90c3cc.yaml',
    ],
    ['nothing at all', { name: '', widget_type: null }, 'widget-3c90c3cc.yaml'],
    ['a device of Windows', { name: 'CON' }, 'con-3c90c3cc.yaml'],
    [
      'more than 60 characters',
      { name: `${'customer '.repeat(6)}satisfaction survey` },
      `${'customer-'.repeat(5)}customer.yaml`,
    ],
    ['one long word', { name: 'x'.repeat(99) }, `${'x'.repeat(60)}.yaml`],
  ])('comes from %s', (_, fields, name) => {
    expect(nameOf(fields)).toBe(name);
  });

  test('carries part of the id, or all of it, where others have the name', () => {
    const fields = { name: 'Ava' };
    expect(nameOf(fields, 'ava.yaml')).toBe('ava-3c90c3cc.yaml');
    expect(nameOf(fields, 'ava.yaml', 'ava-3c90c3cc.yaml')).toBe(`ava-${widgetId}.yaml`);
    const all = ['ava.yaml', 'ava-3c90c3cc.yaml', `ava-${widgetId}.yaml`];
    expect(nameOf(fields, ...all)).toBe(`ava-${widgetId}-2.yaml`);
  });

  law.prop([text, text, fc.uuid()])(
    'is always one that is read as a widget file',
    (name, display, id) => {
      const fields = { name, display_name: display };
      const file = widgetFileName({ widgetId: id as WidgetId, fields }, new Set(['ava.yaml']));
      expect(file).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?\.yaml$/);
      const another = widgetFileName({ widgetId: id as WidgetId, fields }, new Set([file]));
      expect(another).not.toBe(file);
      expect(another).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?\.yaml$/);
    },
  );
});
