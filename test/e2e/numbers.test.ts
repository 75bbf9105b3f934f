// Numbers of a live widget that JavaScript would round, lose or write otherwise: what nobody declares goes
// back letter by letter, after a restart too.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Json, type JsonObject, parseJson } from '../../src/base/json/json.ts';
import { stringifyJson } from '../../src/base/json/json-text.ts';
import { openAccount, putsOf } from '../support/account.ts';
import { widgetId } from '../support/sandbox.ts';

const attributes =
  '{"page_id":17841405793187219,"most":1e400,"version":1.10,"million":1E6,"zero":-0,' +
  '"tiny":0.1000000000000000055511151231257827,"list":[{"id":-10223456789012345678}]}';

const live = parseJson(`{"widget_type":"instagram","attributes":${attributes}}`) as JsonObject;

test.each(['merge', 'replace'] as const)(
  'what is not declared is sent as it was read, to a server that %ss',
  async (put) => {
    const account = await openAccount({ live: [live, live], put });
    account.declare(0, { widget_type: 'instagram', name: 'Ava' });
    account.declare(1, { widget_type: 'instagram', name: 'Ben' });
    const sent = await account.requestsOf(() => account.quickly('apply'));
    for (const { body } of putsOf(sent)) {
      expect(stringifyJson(body)).toContain(`"attributes":${attributes}`);
    }
    expect(putsOf(sent)).toHaveLength(2);
    for (const n of [0, 1]) {
      expect(stringifyJson(account.live(n)['attributes'])).toBe(attributes);
    }
    // Nothing is rounded on disk, and nothing drifts by that.
    expect((await account.plan()).summary).toMatchObject({ update: 0, unchanged: 2 });
  },
);

test('what is ignored inside a declared field is kept as it is, however often it is written', async () => {
  const account = await openAccount({ live: [live] });
  const ignore = Object.keys(parseJson(attributes) as JsonObject).map(
    (key) => `/attributes/${key}`,
  );
  for (const note of ['one', 'two']) {
    account.declare(0, { widget_type: 'instagram', attributes: { note } }, { ignore });
    expect(await account.quickly('apply')).toMatchObject({ code: 0 });
    const kept = stringifyJson(account.live(0)['attributes']);
    for (const member of attributes.slice(1, -1).split(/,(?=")/)) expect(kept).toContain(member);
    expect(kept).toContain(`"note":"${note}"`);
  }
});

test('equal is by value, and whatever differs is shown with all its digits', async () => {
  const account = await openAccount({ live: [live] });
  const { page_id: _, ...others } = parseJson(attributes) as JsonObject;
  const { most, tiny, list, ...exact } = others;
  const ignore = ['most', 'tiny', 'list'].map((key) => `/attributes/${key}`);
  const declared = { version: 1.1, million: 1_000_000, zero: 0, page_id: 17841405793187220 };
  expect(Object.keys(exact)).toEqual(['version', 'million', 'zero']);
  // The neighbour of the live id that JavaScript has; a file would quote it, or be refused.
  account.declare(
    0,
    { widget_type: 'instagram', attributes: { ...declared, page_id: 7 } },
    { ignore },
  );
  const text = await account.quickly('plan');
  expect(text.stdout).toMatch(/~ attributes\.page_id +17841405793187219 → 7$/m);
  const json = await account.quickly('plan', '--json');
  expect(json.stdout).toContain('"from": 17841405793187219');
  expect((await account.plan()).changes[0]?.fields).toHaveLength(1);
});

test('a record keeps the digits of what a write replaced', async () => {
  const account = await openAccount({ live: [live] });
  account.declare(0, { widget_type: 'instagram', attributes: { note: 'x' } });
  await account.quickly('apply');
  const path = join(account.dir, '..', '.widget-sync', 'widgets', `${widgetId(0)}.json`);
  const record = readFileSync(path, 'utf8');
  expect(record).toContain('"page_id": 17841405793187219');
  expect(record).toContain('"most": 1e400');
  expect(record).toContain('"version": 1.10');
});

test.each(['17841405793187219', '1e400', '1.10'])(
  'what the API keeps otherwise is the number %s wherever it is told',
  async (digits) => {
    const color = parseJson(digits) as Json;
    const live = { widget_type: 'chat', header_color: color };
    const account = await openAccount({ live: [live], drop: ['header_color'] });
    account.declare(0, { widget_type: 'chat', header_color: 'red' });
    const kept = `"kept":${digits}}`;
    // By the write, and by the record when nothing is written any more.
    expect((await account.quickly('apply', '--json')).stdout).toContain(kept);
    expect((await account.quickly('apply', '--json')).stdout).toContain(kept);
    const path = join(account.dir, '..', '.widget-sync', 'status.json');
    expect(readFileSync(path, 'utf8')).toContain(`"kept": ${digits}\n`);
    expect((await account.quickly('status', '--json')).stdout).toContain(`"kept": ${digits}\n`);
    expect((await account.quickly('status')).stdout).toContain(`header_color "red" → ${digits}`);
  },
);
