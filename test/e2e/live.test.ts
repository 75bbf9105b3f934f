// Reading an account and writing to it safely: what it costs, what it keeps, and what happens where it
// cannot be read.
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json/json.ts';
import { countKinds, onlyPut, openAccount, putsOf, times } from '../support/account.ts';
import { widgetId } from '../support/sandbox.ts';
import { few } from '../support/soak.ts';

const widget = (n: number): JsonObject => ({
  widget_type: 'chat',
  display_name: `Widget ${n}`,
  header_color: '#1f2937',
});

const pages = few(3, { soak: 10 });
const many = 100 * pages;

test(`${many} widgets cost ${pages + 1} requests to adopt, as many to check, and ten more where ten have drifted`, async () => {
  const account = await openAccount({ live: times(many, widget) });
  for (const n of times(many, (at) => at)) account.declare(n, widget(n));
  const { requests } = account.sandbox;

  const daemon = await account.watchHere();
  expect(daemon.lines('looked')[0]).toMatchObject({ adopt: many, update: 0, held: 0 });
  expect(countKinds(requests)).toEqual({ list: pages, get: 1, put: 0 });

  const quiet = await account.requestsOf(() => daemon.sweep());
  expect(countKinds(quiet)).toEqual({ list: pages, get: 1, put: 0 });

  const drifted = times(10, (n) => n * (many / 10 - 1));
  for (const n of drifted) account.edit(n, { header_color: '#ffffff' });
  const correcting = await account.requestsOf(() => daemon.sweep());
  expect(countKinds(correcting)).toEqual({ list: pages, get: 1, put: 10 });
  expect(putsOf(correcting).map((put) => put.widgetId)).toEqual(
    expect.arrayContaining(drifted.map(widgetId)),
  );
  expect(account.sandbox.widgets()).toMatchObject(times(many, widget));

  const after = await account.requestsOf(() => daemon.sweep());
  expect(countKinds(after)).toEqual({ list: pages, get: 1, put: 0 });
  expect(daemon.complaints()).toEqual([]);
  await daemon.stop();

  const status = await account.quickly('status', '--json');
  expect(JSON.parse(status.stdout).summary).toMatchObject({
    applied: many,
    held: 0,
    failed: 0,
    drifted: 0,
    orphaned: 0,
    kept: 0,
  });
  expect(status.code).toBe(0);
  const history = await account.quickly('history', '--json', '--limit', '1000');
  const entries = history.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(entries).toEqual(
    times(10, () => expect.objectContaining({ reason: 'drifted', fields: ['/header_color'] })),
  );
});

/** Of an API that is free to spell what it is sent in its own way. */
function spelledItsWay(field: string, value: Json): Json {
  if (value === null) return /name|description|message|text|color/.test(field) ? '' : null;
  if (typeof value !== 'string') return value;
  return field.endsWith('_color') ? value.trim().toLowerCase() : value.trim();
}

test('a server that spells values in its own way is written to once, and never again', async () => {
  const account = await openAccount({ live: [{}, {}], normalise: spelledItsWay });
  const spelled = {
    widget_type: 'chat',
    display_name: '  Ava ',
    description: null,
    intro_message: 'Hello\nthere\n',
    header_color: ' #1F29AB',
    bubble_color: null,
    attributes: { colour: '#ABC' },
  };
  account.declare(0, spelled);
  account.declare(1, { ...spelled, display_name: 'Bea' });
  const { requests } = account.sandbox;

  const first = await account.watchHere();
  expect(putsOf(requests)).toHaveLength(2);
  expect(account.live(0)).toMatchObject({ header_color: '#1f29ab', description: '' });
  for (let resync = 0; resync < 3; resync += 1) await first.sweep();
  await first.stop();

  const second = await account.watchHere();
  for (let resync = 0; resync < 3; resync += 1) await second.sweep();
  expect(putsOf(requests)).toHaveLength(2);
  const plan = await account.plan();
  expect(plan.summary).toMatchObject({ update: 0, adopt: 0, drifted: 0, unchanged: 2 });

  const edit = await account.requestsOf(async () => {
    account.declare(1, { ...spelled, display_name: 'Cleo' });
    await second.said('applied', 1);
    await second.sweep();
  });
  expect(onlyPut(edit, 1)).toMatchObject({ display_name: 'Cleo' });
  expect([...first.complaints(), ...second.complaints()]).toEqual([]);
  await second.stop();
});

describe.each(['merge', 'replace'] as const)('a server that %ss what a write leaves out', (put) => {
  test('keeps every undeclared field through edits, corrections and a full resend', async () => {
    const theirs: JsonObject = {
      description: 'written in the dashboard',
      attributes: { shop: { number: 7, tags: ['a', 'b'] } },
      user_opening_messages: ['Hi', 'yes'],
      remove_branding: true,
      style_params: { radius: 4 },
    };
    const account = await openAccount({ put, live: [{ ...widget(0), ...theirs }, theirs] });
    account.declare(0, { ...widget(0), display_name: 'Ava' });
    account.declare(1, { widget_type: 'sms' });
    const daemon = await account.watchHere();
    expect(account.live(0)).toMatchObject({ ...theirs, display_name: 'Ava' });
    expect(account.live(1)).toMatchObject({ ...theirs, widget_type: 'sms' });

    // Edited in the dashboard after the daemon has read it: an older value must not come back.
    account.edit(0, { description: 'written again', bubble_text: 'Hello' });
    account.declare(0, { ...widget(0), display_name: 'Bea' });
    await daemon.said('applied', 3);
    const now = { ...theirs, description: 'written again', bubble_text: 'Hello' };
    expect(account.live(0)).toMatchObject({ ...now, display_name: 'Bea' });

    account.edit(0, { header_color: 'red', intro_message: 'Welcome' });
    await daemon.sweep();
    const welcoming = { ...now, intro_message: 'Welcome' };
    expect(account.live(0)).toMatchObject({ ...widget(0), ...welcoming, display_name: 'Bea' });

    const before = account.sandbox.widgets();
    const resent = await account.requestsOf(() => daemon.sweep('SIGUSR2'));
    expect(countKinds(resent)).toEqual({ list: 1, get: 1, put: 2 });
    expect(account.sandbox.widgets()).toEqual(before);
    await daemon.stop();

    const forced = await account.requestsOf(() => account.quickly('apply', '--force'));
    expect(countKinds(forced)).toEqual({ list: 1, get: 1, put: 2 });
    expect(account.sandbox.widgets()).toEqual(before);
  });
});

test('with --live off nothing is read, only declared fields are sent, and a missing widget fails', async () => {
  const account = await openAccount({ live: [{ ...widget(0), description: 'theirs' }] });
  const declared = { widget_type: 'chat', display_name: 'Ava', bubble_text: null };
  account.declare(0, declared);
  account.declare(1, { widget_type: 'sms' });
  const first = await account.requestsOf(async () => {
    const { code, stdout } = await account.quickly('apply', '--live', 'off', '--json');
    expect(code).toBe(1);
    expect(stdout).toMatch(/"file":"w1.yaml","status":"failed".*"http_status":404/);
  });
  expect(countKinds(first)).toEqual({ list: 0, get: 0, put: 2 });
  expect(first.find(({ widgetId: id }) => id === widgetId(0))?.body).toEqual(declared);
  expect(account.live(0)).toMatchObject({ description: 'theirs', display_name: 'Ava' });
  expect((await account.quickly('status')).code).toBe(1);
});

test('a widget that the account lacks is held, said once, and shown by plan, apply and status', async () => {
  const account = await openAccount({ live: [widget(0)] });
  account.declare(0, widget(0));
  account.declare(7, widget(7));
  const plan = await account.quickly('plan');
  expect(plan.stdout).toMatch(
    /^! widgets\/w7\.yaml +00000007 {2}held \(not-in-account\): the acc/m,
  );
  const daemon = await account.watchHere();
  await daemon.sweep();
  expect(daemon.complaints()).toMatchObject([{ msg: 'held', code: 'not-in-account' }]);
  await daemon.stop();
  expect(putsOf(account.sandbox.requests)).toEqual([]);
  const status = await account.quickly('status', '--json');
  expect(JSON.parse(status.stdout).held).toMatchObject([
    { file: 'w7.yaml', code: 'not-in-account' },
  ]);
  expect(status.code).toBe(1);

  // Made in the dashboard meanwhile.
  account.sandbox.seed([{ widgetId: widgetId(7), fields: {} }]);
  const apply = await account.quickly('apply');
  expect(apply).toMatchObject({ code: 0, stderr: '' });
  expect(account.live(7)).toMatchObject(widget(7));
  expect((await account.quickly('status')).code).toBe(0);
});

test('an account that cannot be read is served by hash, with one warning in every run', async () => {
  const statuses = [403, 404, 405] as const;
  await Promise.all(
    statuses.map(async (refuseReads) => {
      const account = await openAccount({ live: [{}, {}], refuseReads });
      const declared = { widget_type: 'chat', display_name: 'Ava' };
      account.declare(0, declared);
      account.declare(1, declared);
      const unreadable = /the account cannot be read: drift is not seen/g;
      const plan = await account.quickly('plan');
      expect(plan.stdout).toContain('Plan: 2 to update');
      expect(plan.stderr.match(unreadable)).toHaveLength(1);

      const daemon = await account.watchHere();
      expect(putsOf(account.sandbox.requests).map(({ body }) => body)).toEqual([
        declared,
        declared,
      ]);
      // What drifted cannot be told: a resync asks whether it can be by now, and sends everything.
      const resync = await account.requestsOf(() => daemon.sweep());
      expect(countKinds(resync)).toEqual({ list: 1, get: 2, put: 2 });
      const edit = await account.requestsOf(async () => {
        account.declare(1, { ...declared, display_name: 'Bea' });
        await daemon.said('applied', 5);
      });
      expect(countKinds(edit)).toEqual({ list: 0, get: 0, put: 1 });
      expect(daemon.complaints().map(({ msg }) => msg)).toEqual([
        expect.stringMatching(unreadable),
      ]);
      await daemon.stop();
    }),
  );
});

test('the price that plan names is what apply then costs', async () => {
  const account = await openAccount({ live: times(120, widget) });
  for (const n of times(105, (at) => at)) {
    account.declare(n, { ...widget(n), ...(n % 25 === 0 && { display_name: 'Ava' }) });
  }
  const whole = await account.plan('--rate', '3/s');
  expect(whole.cost).toEqual({ list: 2, get: 1, put: 5, seconds: 2 });
  expect(whole.unmanaged).toBe(15);
  const paid = await account.requestsOf(async () => {
    const { stdout } = await account.quickly('apply');
    expect(stdout).toContain('Cost: 2 list, 1 get and 5 put requests, less than 1 s at 2000/s\n');
  });
  expect(countKinds(paid)).toEqual({ list: 2, get: 1, put: 5 });

  // A few widgets of a large account are not worth a reading of the whole of it.
  for (const n of times(105, (at) => at)) {
    if (n % 104 === 0) account.declare(n, { ...widget(n), display_name: 'Bea' });
    else account.declare(n, widget(n), { suspend: true });
  }
  const few = await account.plan();
  const { list, get, put } = few.cost;
  expect([list + get, put]).toEqual([3, 2]);
  const spent = await account.requestsOf(() => account.quickly('apply'));
  expect(countKinds(spent)).toEqual({ list, get, put });
});

test('what a live widget has and nobody documented is said once per field and run', async () => {
  const odd = { mood: 'sunny', remove_branding: 'yes' };
  const account = await openAccount({ live: times(3, (n) => ({ ...widget(n), ...odd })) });
  for (const n of [0, 1, 2]) account.declare(n, widget(n));
  const daemon = await account.watchHere();
  for (let resync = 0; resync < 2; resync += 1) await daemon.sweep();
  expect(daemon.complaints()).toMatchObject([
    { level: 'warn', field: 'remove_branding', kind: 'type' },
    { level: 'warn', field: 'mood', kind: 'unknown' },
  ]);

  // Neither goes into a write, which the API would refuse.
  account.declare(1, { ...widget(1), display_name: 'Ava' });
  await daemon.said('applied', 1);
  expect(account.live(1)).toMatchObject({ ...odd, display_name: 'Ava' });
  await daemon.stop();
  const { stderr } = await account.quickly('plan');
  expect(stderr.match(/documentation/g)).toHaveLength(2);
});
