// What people do in the dashboard beside git: corrected, reported, ignored, fought over, waited for.
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json/json.ts';
import { countKinds, onlyPut, openAccount, putsOf, times } from '../support/account.ts';
import { widgetId } from '../support/sandbox.ts';

const widget: JsonObject = {
  widget_type: 'chat',
  display_name: 'Ava',
  header_color: '#1f2937',
  bubble_text: 'Ask me',
};

test('a field that its file no longer declares is reset and marked in the plan, or left with --released leave', async () => {
  const released = { description: 'ours', attributes: { a: 1 }, remove_branding: true };
  for (const policy of ['reset', 'leave'] as const) {
    const account = await openAccount({ live: [{ intro_message: 'theirs' }] });
    account.declare(0, { ...widget, ...released });
    await account.quickly('apply');
    expect(account.live(0)).toMatchObject(released);

    account.declare(0, widget);
    const { stdout } = await account.quickly('apply', '--released', policy);
    if (policy === 'reset') {
      expect(stdout).toMatch(/^ +× attributes +\{"a":1\} → \{\} {2}\(released\)$/m);
      expect(stdout).toMatch(/^ +× description +"ours" → null {2}\(released\)$/m);
      expect(stdout).toMatch(/^ +× remove_branding +true → false {2}\(released\)$/m);
    } else {
      expect(stdout).toContain('Plan: 1 to adopt');
    }
    const empty = { description: null, attributes: {}, remove_branding: false };
    const left = policy === 'reset' ? empty : released;
    expect(account.live(0)).toMatchObject({ ...widget, ...left, intro_message: 'theirs' });
    // What is no longer git's is nobody's drift, whatever becomes of it.
    account.edit(0, { description: 'theirs now' });
    const later = await account.requestsOf(() => account.quickly('apply'));
    expect(putsOf(later)).toEqual([]);
  }
});

test('a field that does not stick is a warning with the value kept, and is not sent for ever', async () => {
  const account = await openAccount({ live: [{ header_color: 'red' }], drop: ['header_color'] });
  account.declare(0, widget);
  const daemon = await account.watchHere();
  await daemon.said('the API kept another value', 1);
  expect(daemon.complaints()).toMatchObject([
    { level: 'warn', file: 'w0.yaml', field: '/header_color', sent: '#1f2937', kept: 'red' },
  ]);
  const resyncs = await account.requestsOf(async () => {
    for (let resync = 0; resync < 3; resync += 1) await daemon.sweep();
  });
  expect(countKinds(resyncs)).toEqual({ list: 0, get: 3, put: 0 });

  // What drifts beside it is corrected all the same.
  account.edit(0, { display_name: 'Eva' });
  const correction = await account.requestsOf(() => daemon.sweep());
  expect(onlyPut(correction, 0)).toMatchObject(widget);
  expect(account.live(0)).toMatchObject({ ...widget, header_color: 'red' });
  await daemon.stop();
  const { stdout } = await account.quickly('plan');
  expect(stdout).toContain('No changes.');
});

test('a read that still shows what our own write replaced is no drift, and brings nothing back', async () => {
  const account = await openAccount({ live: [{ display_name: 'Old', description: 'theirs' }] });
  account.declare(0, widget);
  const daemon = await account.watchHere();
  account.sandbox.lagReads(Number.POSITIVE_INFINITY);
  const lagging = await account.requestsOf(async () => {
    for (let resync = 0; resync < 2; resync += 1) await daemon.sweep();
  });
  expect(countKinds(lagging)).toEqual({ list: 0, get: 2, put: 0 });
  account.sandbox.lagReads(0);
  const caughtUp = await account.requestsOf(() => daemon.sweep());
  expect(countKinds(caughtUp)).toEqual({ list: 0, get: 1, put: 0 });
  expect(account.live(0)).toMatchObject({ ...widget, description: 'theirs' });

  // A value that nobody wrote here is drift, however soon it comes.
  account.edit(0, { display_name: 'Eva' });
  await daemon.sweep();
  expect(account.live(0)).toMatchObject(widget);
  expect(daemon.complaints()).toEqual([]);
  await daemon.stop();
});

test('drift is corrected, reported or no matter, as the command says and the file says before it', async () => {
  const account = await openAccount({ live: times(4, () => widget) });
  account.declare(0, widget);
  account.declare(1, widget, { drift: 'correct' });
  account.declare(2, widget, { drift: 'off' });
  account.declare(3, widget, { drift: 'report' });
  const daemon = await account.watchHere('--drift', 'report');
  for (const n of [0, 1, 2, 3]) account.edit(n, { header_color: 'red' });
  const requests = await account.requestsOf(async () => {
    for (let resync = 0; resync < 2; resync += 1) await daemon.sweep();
  });
  expect(onlyPut(requests, 1)).toMatchObject(widget);
  const left = { msg: 'drifted: changed in the dashboard, and left so', fields: ['/header_color'] };
  expect(daemon.complaints()).toMatchObject([
    { ...left, file: 'w0.yaml' },
    { ...left, file: 'w3.yaml' },
  ]);

  // An edit is git's word, and git's word wins.
  account.declare(0, { ...widget, display_name: 'Bea' });
  await daemon.said('applied', 2);
  expect(account.live(0)).toMatchObject({ ...widget, display_name: 'Bea' });
  // The pass that saw the edit has not forgotten what the resync found: nothing is said twice.
  await daemon.sweep();
  expect(daemon.complaints()).toHaveLength(2);
  account.declare(0, { ...widget, display_name: 'Cleo' });
  await daemon.said('applied', 3);
  await daemon.stop();

  const status = await account.quickly('status', '--json');
  expect(status.code).toBe(0);
  expect(JSON.parse(status.stdout)).toMatchObject({
    summary: { applied: 4, drifted: 1, failed: 0, held: 0 },
    drifted: [{ file: 'w3.yaml', why: 'policy', fields: ['/header_color'] }],
  });
  const plan = await account.quickly('plan', '--detailed-exitcode');
  expect(plan.stdout).toMatch(/^≠ widgets\/w3\.yaml .*drifted: 1 field .*, only reported$/m);
  expect(plan.stdout).toMatch(/"red" → "#1f2937" {2}\(changed in the dashboard\)$/m);
  expect(plan.stdout).toMatch(/^No changes\. 3 widgets are .*, 1 drifted \(left so\)\.$/m);
  expect(plan.code).toBe(0);
});

test('an ignored place keeps what the dashboard has through every write, and plan and log show it', async () => {
  const theirs = { bubble_text: 'Sale!', style_params: { font: 'Serif', radius: 1, theirs: true } };
  const account = await openAccount({ put: 'replace', live: [{ ...widget, ...theirs }] });
  const declared = { ...widget, style_params: { font: 'Arial', radius: 4 } };
  const sync = { ignore: ['/bubble_text', '/style_params/font', '/style_params/theirs'] };
  account.declare(0, declared, sync);
  const plan = await account.quickly('plan');
  expect(plan.stdout).toContain('ignored as the file says: bubble_text, style_params.font');
  expect(plan.stdout).toContain('~ style_params.radius  1 → 4\n');
  expect(plan.stdout).toContain('Plan: 1 to update');

  const daemon = await account.watchHere();
  const kept = { bubble_text: 'Sale!', style_params: { ...theirs.style_params, radius: 4 } };
  expect(account.live(0)).toMatchObject(kept);
  expect(daemon.lines('differs where the file ignores it')).toMatchObject([
    { file: 'w0.yaml', fields: expect.arrayContaining(['/bubble_text', '/style_params/font']) },
  ]);

  account.edit(0, { bubble_text: 'Sale ends soon!' });
  expect(putsOf(await account.requestsOf(() => daemon.sweep()))).toEqual([]);
  account.declare(0, { ...declared, display_name: 'Bea', bubble_text: 'Git says' }, sync);
  await daemon.said('applied', 2);
  const last = { ...kept, bubble_text: 'Sale ends soon!', display_name: 'Bea' };
  expect(account.live(0)).toMatchObject(last);
  await daemon.sweep('SIGUSR2');
  expect(account.live(0)).toMatchObject(last);
  expect(daemon.lines('differs where the file ignores it')).toHaveLength(1);
  // What is declared there all the same is never sent, and said.
  expect(daemon.complaints().filter(({ code }) => code !== 'no-effect')).toEqual([]);
  await daemon.stop();
});

test('a suspension shows its reason and its end, keeps everything away, and ends by itself', async () => {
  const account = await openAccount({ live: [{}, {}] });
  const suspension = { suspend: true, reason: 'the Christmas page' };
  account.declare(1, widget, { ...suspension, until: '2199-12-24' });
  const daemon = await account.watchHere();
  await daemon.said('held', 1);
  // From here on it takes a look, however long the daemon took to start.
  const until = new Date(Date.now() + 4000);
  account.declare(0, widget, { ...suspension, until: until.toISOString() });
  await daemon.said('held', 2);
  expect(daemon.lines('held')).toMatchObject([
    { level: 'info', detail: 'the Christmas page, until 2199-12-24T00:00:00.000Z' },
    { level: 'info', detail: `the Christmas page, until ${until.toISOString()}` },
  ]);
  expect(account.sandbox.requests).toEqual([]);
  await daemon.said('applied', 1);
  expect(Date.now()).toBeGreaterThanOrEqual(until.getTime());
  expect(account.live(0)).toMatchObject(widget);
  expect(daemon.lines('looked').at(-1)).toMatchObject({ trigger: 'until', update: 1, held: 1 });
  await daemon.stop();

  const plan = await account.quickly('plan');
  expect(plan.stdout).toMatch(
    /^! widgets\/w1\.yaml .*held \(suspended\): the Christmas page, until 2199-12-24/m,
  );
  expect(putsOf(account.sandbox.requests).map((put) => put.widgetId)).toEqual([widgetId(0)]);
  expect((await account.quickly('status')).code).toBe(0);
});

test('a widget that drifts again and again is corrected twice, then named as fought over and left for a while', async () => {
  const account = await openAccount({ live: [widget] });
  account.declare(0, widget);
  const daemon = await account.watchHere();
  for (const colour of ['red', 'green']) {
    account.edit(0, { header_color: colour });
    await daemon.sweep();
    expect(account.live(0)).toMatchObject(widget);
  }
  const before = Date.now();
  account.edit(0, { header_color: 'blue' });
  const requests = await account.requestsOf(async () => {
    for (let resync = 0; resync < 2; resync += 1) await daemon.sweep();
  });
  expect(putsOf(requests)).toEqual([]);
  expect(daemon.complaints()).toMatchObject([
    { level: 'warn', file: 'w0.yaml', msg: expect.stringMatching(/^fought over: /) },
  ]);
  const until = Date.parse(String(daemon.complaints()[0]?.['until']));
  expect(until).toBeGreaterThan(before + 60_000);

  const plan = await account.quickly('plan');
  expect(plan.stdout).toMatch(
    /fought over: 1 field changed in the dashboard again, not corrected b/,
  );
  await daemon.stop();
  const status = await account.quickly('status');
  expect(status.stdout).toMatch(
    /w0\.yaml .*header_color was .*fought over; it may be corrected again in \d/,
  );

  // What git says anew does not wait.
  account.declare(0, { ...widget, header_color: '#000000' });
  await account.quickly('apply');
  expect(account.live(0)['header_color']).toBe('#000000');
});

test('a plan tells what git changed, what the dashboard changed, and where both did', async () => {
  const account = await openAccount({ live: [widget] });
  account.declare(0, widget);
  await account.quickly('apply');
  account.edit(0, { header_color: 'red', bubble_text: 'Sale!', description: 'theirs' });
  account.declare(0, { ...widget, header_color: '#000000', display_name: 'Bea' });

  const { changes } = await account.plan();
  expect(changes).toMatchObject([
    {
      reason: 'edited',
      fields: [
        { path: '/bubble_text', from: 'Sale!', to: 'Ask me', by: 'dashboard' },
        { path: '/display_name', from: 'Ava', to: 'Bea', by: 'git' },
        { path: '/header_color', from: 'red', to: '#000000', by: 'both' },
      ],
    },
  ]);
  const { stdout } = await account.quickly('apply');
  expect(stdout).toContain('edited: 3 fields changed, 1 of them in the dashboard too\n');
  expect(stdout).toMatch(/header_color .*\(changed in git and in the dashboard; git wins\)$/m);
  expect(stdout).toMatch(/bubble_text .*\(changed in the dashboard\)$/m);
  expect(account.live(0)).toMatchObject({
    ...widget,
    header_color: '#000000',
    display_name: 'Bea',
    description: 'theirs',
  });
  const history = await account.quickly('history', '--json');
  expect(JSON.parse(history.stdout)).toMatchObject({ file: 'w0.yaml', reason: 'edited' });
  const { stdout: shown } = await account.quickly('history');
  expect(shown).toMatch(/bubble_text .*"Sale!" → "Ask me" .*\(changed in the dashboard\)$/m);
});
