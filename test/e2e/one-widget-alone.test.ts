// What cannot be handled of one widget holds that widget, and no other.
import { expect, test } from 'vitest';
import { type JsonObject, parseJson } from '../../src/base/json/json.ts';
import { startServer } from '../api/loopback.ts';
import { openAccount, putsOf } from '../support/account.ts';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import { readApplyJson, readStatusJson } from '../support/json-shapes.ts';
import { runIn } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';

const attributesOf = (depth: number) =>
  // Beside an id that JavaScript would round: the page is not as plain as others.
  `${'{"a":'.repeat(depth)}17841405793187219${'}'.repeat(depth)}`;

/** Comparing it overflowed. The sandbox has to write it. */
const nested = parseJson(`{"widget_type":"chat","attributes":${attributesOf(3000)}}`) as JsonObject;

const chat = { widget_type: 'chat' };

test('a live value that is too deep is held, the others are applied', async () => {
  const account = await openAccount({ live: [chat, nested, nested, chat] });
  account.declare(0, { ...chat, name: 'New' });
  account.declare(1, { ...chat, attributes: { note: 'declared' } });
  account.declare(2, { ...chat, name: 'undeclared' });
  account.declare(3, { ...chat, name: 'New' });
  const { code, stdout, stderr } = await account.quickly('apply', '--json');
  const { outcomes, summary } = readApplyJson(stdout);
  expect(summary).toMatchObject({ applied: 2, failed: 0, held: 2 });
  expect(outcomes.filter(({ status }) => status === 'held')).toMatchObject([
    {
      file: 'w1.yaml',
      error: expect.stringMatching(/^live-too-deep: .* in attributes, .*dashboard$/),
    },
    { file: 'w2.yaml', error: expect.stringMatching(/^live-too-deep: /) },
  ]);
  expect([code, stderr]).toEqual([1, '']);
  expect(account.live(1)['attributes']).not.toHaveProperty('note');

  const status = await account.quickly('status', '--json');
  expect(readStatusJson(status.stdout).held).toMatchObject([
    { widget_id: widgetId(1), code: 'live-too-deep' },
    { widget_id: widgetId(2), code: 'live-too-deep' },
  ]);

  const imported = await account.quickly('import', '--update');
  expect(imported.stdout).toMatch(
    /^skipped .*w1\.yaml: the live widget nests more than 256 levels/m,
  );
  // The dashboard alone can mend it.
  expect(imported.code).toBe(0);
});

test('the daemon starts, goes on with the others, and sees when it is mended', async () => {
  const account = await openAccount({ live: [chat, nested] });
  account.declare(0, { ...chat, name: 'New' });
  account.declare(1, { ...chat, attributes: { note: 'declared' } });
  const daemon = await account.watchHere();
  await daemon.said('held', 1);
  expect(daemon.lines('held')).toMatchObject([{ file: 'w1.yaml', code: 'live-too-deep' }]);
  expect(account.live(0)).toMatchObject({ name: 'New' });
  account.declare(0, { ...chat, name: 'Newer' });
  await daemon.said('applied', 2);

  account.edit(1, { attributes: {} });
  await daemon.sweep();
  expect(account.live(1)).toMatchObject({ attributes: { note: 'declared' } });
  await daemon.stop();
});

test('an answer to a write that is too deep confirms it all the same', async () => {
  const account = await openAccount({
    live: [chat],
    normalise: (field, value) =>
      field === 'style_params' ? (nested['attributes'] ?? null) : value,
  });
  account.sandbox.edit(widgetId(0), { name: 'old' });
  account.declare(0, { ...chat, name: 'New' });
  const sent = await account.requestsOf(() => account.quickly('apply', '--live', 'off'));
  expect(putsOf(sent)).toMatchObject([{ body: { name: 'New' } }]);
  const { stdout, code } = await account.quickly('plan');
  expect(stdout).toContain('held (live-too-deep)');
  expect(code).toBe(1);
});

// The first depth is one at which making the body of a write overflowed, and `apply` said nothing at all.
test.each([5000, 200_000])('one page holds a widget %i levels deep and others', async (depth) => {
  const widgets = [0, 1, 2].map((n) => {
    const attributes = n === 1 ? attributesOf(depth) : '{}';
    return `{"id":"${widgetId(n)}","widget_type":"chat","name":"old","attributes":${attributes}}`;
  });
  const about = `"total":3,"page":1,"size":100,"pages":1`;
  const answerTo = (requestLine: string) => {
    if (requestLine.startsWith('PUT')) return 'null';
    const asked = widgets.find((_, n) => requestLine.includes(`/${widgetId(n)}?`));
    return asked ?? `{"items":[${widgets}],${about}}`;
  };
  const { baseUrl, received } = await startServer((response, { requestLine }) => {
    const data = answerTo(requestLine);
    response.end(`{"message":"ok","meta":{},"data":${data}}`);
  });
  const root = temporaryDirectory();
  for (const n of [0, 1, 2]) {
    const text = `widget_id: ${widgetId(n)}\nwidget_type: chat\nname: New\n`;
    writeFile(root, `widgets/w${n}.yaml`, text);
  }
  const words = ['apply', '--api-url', baseUrl, '--rate', '100/s'];
  const env = { INSIGHTO_API_KEY: 'in-test', NO_PROXY: '*' };
  const { code, stdout } = await runIn({ cwd: root, env }, words);
  expect(stdout).toMatch(/w1\.yaml .*held \(live-too-deep\)/);
  expect(code).toBe(1);
  const puts = received.filter(({ requestLine }) => requestLine.startsWith('PUT'));
  expect(puts.map(({ body }) => JSON.parse(body).name)).toEqual(['New', 'New']);
});
