// What the pages show of an account, and how little of it is made before somebody asks.
import { describe, expect, test } from 'vitest';
import type { HeldFile } from '../../../src/model/document.ts';
import type { HistoryEntry } from '../../../src/status/history-entry.ts';
import type { QueuedStatus } from '../../../src/status/status-record.ts';
import { accountOf, documentOf, idOf, recordOf, viewsOf } from '../../plan/fixtures.ts';
import { ask } from '../../support/ask-over-wire.ts';
import { composed } from '../../support/composed.ts';
import { processorMs } from '../../support/processor-time.ts';
import { readSvg } from '../../support/strict-svg.ts';
import { openWorld, planMade, startedAt } from './world.ts';

const chat = (name: string, ground = '#14532d') => ({
  widget_type: 'chat',
  name,
  header_color: ground,
});
const applied = recordOf(documentOf(1, chat('Ava'), 'ava.yaml'));
const edited = documentOf(1, chat('Ava', '#7c2d12'), 'ava.yaml');
const queued: QueuedStatus = {
  widgetId: idOf(1),
  file: 'ava.yaml',
  name: 'Ava',
  widgetType: 'chat',
  reason: 'edited',
  fields: ['/header_color'],
  revision: null,
  phase: 'queued',
  place: 1,
  attempts: 0,
  answered: null,
  httpStatus: null,
  nextTry: null,
  since: startedAt,
};
const live = accountOf([[1, { id: idOf(1), ...chat('Ava'), bubble_text: 'from the dashboard' }]]);
const planned = planMade(viewsOf({ desired: [edited], records: [applied], live }));

/** Widget 1 waits for its header to be recoloured. */
async function openPending() {
  const world = await openWorld({ records: [applied], record: { queue: [queued] } });
  world.hear(planned);
  return world;
}

async function picturesOf(url: string, n = 1): Promise<{ now: string; after: string }> {
  const { text } = await ask(url, '/status.json');
  const { widgets } = JSON.parse(text) as { widgets: { widget_id: string; pictures: never }[] };
  const found = widgets.find(({ widget_id }) => widget_id === idOf(n));
  if (found === undefined) throw new Error(`no widget ${n}`);
  return found.pictures;
}

const svg = (url: string, digest: string) => ask(url, `/pictures/${digest}.svg`);

describe('a change that waits', () => {
  test('has two pictures with the same marks, drawn from what is live', async () => {
    const { url } = await openPending();
    const { now, after } = await picturesOf(url);
    expect(now).not.toBe(after);
    const [before, later] = [(await svg(url, now)).text, (await svg(url, after)).text];
    for (const one of [before, later]) readSvg(one);
    expect(before).toContain('#14532d');
    expect(later).toContain('#7c2d12');
    expect(later).toContain('from the dashboard');
    const page = (await ask(url, `/widgets/${idOf(1)}`)).text;
    expect(page).toContain(`src="/pictures/${now}.svg"`);
    expect(page).toContain(`src="/pictures/${after}.svg"`);
    expect(page).toMatch(/<code class="field">header_color<\/code>/);
    expect((await ask(url, '/plan')).text).toMatch(/header_color.*#14532d.*#7c2d12/s);
  });

  test('is over once it is applied, and its pictures go by another name', async () => {
    const { url, hear, known, become } = await openPending();
    const waiting = await picturesOf(url);
    if (planned.kind !== 'plan-made') throw new Error('no plan');
    const [change] = planned.plan.changes;
    if (change === undefined) throw new Error('no change');
    known.set(idOf(1), recordOf(edited));
    const outcome = { change, attempts: 1, durationMs: 1, httpStatus: 200, kept: [] };
    hear({ kind: 'change-ended', outcome: { status: 'applied', ...outcome } });
    become({ queue: [] });
    const { now, after } = await picturesOf(url);
    expect(now).toBe(after);
    expect([waiting.now, waiting.after]).not.toContain(now);
    expect((await ask(url, '/plan')).text).toContain('Nothing waits');
    expect((await svg(url, waiting.now)).status, 'never drawn, and no longer so').toBe(404);
  });
});

test('of two files that declare one widget the one that it was applied from has the page', async () => {
  const record = recordOf(documentOf(1, chat('Ava'), 'b.yaml'));
  const twice = { widgetId: idOf(1), code: 'duplicate-id', message: 'twice', line: 1, until: null };
  const held = ['a.yaml', 'b.yaml'].map((file) => ({ ...twice, file, since: new Date(0) }));
  const { url } = await openWorld({ records: [record], record: { held } });
  const { text } = await ask(url, '/');
  expect(text).toContain('a.yaml');
  expect(text.split(`href="/widgets/${idOf(1)}"`)).toHaveLength(2);
  expect((await ask(url, `/widgets/${idOf(1)}`)).text).toContain('<code>b.yaml</code>');
});

test('a plan that waits for a person is sent by the command that the page names', async () => {
  const { url } = await openWorld({
    record: { refusedChecksum: 'abc123', directory: '/srv/widgets' },
  });
  expect((await ask(url, '/plan')).text).toContain(
    '<code>widget-sync apply /srv/widgets --checksum abc123</code>',
  );
});

test('a drift that is left so shows the dashboard, and what the file declares', async () => {
  const document = documentOf(1, chat('Ava'), 'ava.yaml');
  const own = { ...document, sync: { drift: 'report' as const, ignore: [] } };
  const drifted = accountOf([[1, { ...chat('Ava', '#1d4ed8') }]]);
  const world = await openWorld({
    records: [recordOf(own)],
    record: {
      drifted: [
        {
          widgetId: idOf(1),
          file: 'ava.yaml',
          why: 'policy',
          until: null,
          fields: ['/header_color'],
          since: startedAt,
        },
      ],
    },
  });
  world.hear(planMade(viewsOf({ desired: [own], records: [recordOf(own)], live: drifted })));
  const { now, after } = await picturesOf(world.url);
  expect((await svg(world.url, now)).text).toContain('#1d4ed8');
  expect((await svg(world.url, after)).text).toContain('#14532d');
  expect((await ask(world.url, `/widgets/${idOf(1)}`)).text).toContain('As the file declares it');
});

test('a suspended file of a new widget is known by what it declares', async () => {
  const waiting = documentOf(1, chat('Tidepool'), 'tide.yaml');
  const message = 'spring menu, until 2026-04-01T00:00:00.000Z';
  const held: HeldFile = {
    file: 'tide.yaml',
    widgetId: idOf(1),
    code: 'suspended',
    message,
    waiting,
  };
  const until = new Date('2026-04-01T00:00:00Z');
  const status = { ...held, message, line: null, until, since: startedAt };
  const { url, hear } = await openWorld({ record: { held: [status] } });
  hear(planMade(viewsOf({ held: [held] })));
  const { text } = await ask(url, '/?q=tidepool');
  expect(text).toMatch(
    /Tidepool.*Web chat.*suspended.*spring menu, until 2026-04-01T00:00:00.000Z \(<time [^>]*>in 30 d</s,
  );
  expect((await svg(url, (await picturesOf(url)).after)).text).toContain('Tidepool');
});

test('the last writes of all widgets and of one, with their commits', async () => {
  const commit = { id: 'a1b2c3d'.padEnd(40, '0'), subject: 'Winter <colours>', author: 'Mia Berg' };
  const entry = (n: number, fields: string[]): HistoryEntry => ({
    time: startedAt,
    widgetId: idOf(n),
    file: `w${n}.yaml`,
    reason: 'edited',
    hash: '0',
    revision: commit.id,
    commit: { ...commit, time: startedAt },
    fields,
    attempts: n,
    ...(n === 1 && { before: { header_color: '#14532d' }, after: { header_color: '#7c2d12' } }),
  });
  const history = [entry(1, ['/header_color']), entry(2, [])];
  const { url } = await openWorld({ records: [applied], history });
  const all = (await ask(url, '/history')).text;
  expect(all).toMatch(
    /w2\.yaml.*attempt 2.*no field: sent again.*Ava.*header_color.*#14532d.*#7c2d12/s,
  );
  expect(all).toContain(
    '<code>a1b2c3d</code> “<bdi>Winter &lt;colours&gt;</bdi>”, <bdi>Mia Berg</bdi>',
  );
  const own = (await ask(url, `/widgets/${idOf(1)}`)).text;
  expect(own).toContain('Last writes');
  expect(own).not.toContain('no field: sent again');
});

test('the page of a widget that is live begins with its picture, and folds the gates it passed', async () => {
  const { url } = await openWorld({ records: [applied] });
  const { text } = await ask(url, `/widgets/${idOf(1)}`);
  expect(text).toMatch(/How it looks.*On its way.*<details id="passed"><summary>\d+ gates passed/s);
  const [, unfolded = ''] = /<\/details>(.*?)<\/section>/s.exec(text) ?? [];
  expect(unfolded).not.toContain('passed');
});

test('a suspension is meant so, and not shown as a fault', async () => {
  const message = 'spring menu';
  const held = { file: 'ava.yaml', widgetId: idOf(1), code: 'suspended', message } as const;
  const status = { ...held, line: null, until: null, since: startedAt };
  const { url } = await openWorld({ records: [applied], record: { held: [status] } });
  const { text } = await ask(url, `/widgets/${idOf(1)}`);
  expect(text).toMatch(/On its way.*How it looks/s);
  expect(text).toMatch(/<li class="waits"><strong>[^<]*<\/strong> <span class="word">meant so/);
});

test('a forgotten widget has no page that its writes could lead to', async () => {
  const entry = (n: number, reason: HistoryEntry['reason']): HistoryEntry => ({
    ...{ time: startedAt, widgetId: idOf(n), file: `w${n}.yaml`, reason, hash: '0' },
    ...{ revision: null, fields: [], attempts: 1 },
  });
  const history = [entry(1, 'forced'), entry(2, 'forgotten')];
  const { url } = await openWorld({ records: [applied], history });
  const { text } = await ask(url, '/history');
  expect(text).toContain('w2.yaml');
  const links = [...text.matchAll(/href="(\/widgets\/[^"]+)"/g)].map(([, link]) => link);
  expect(links).toEqual([`/widgets/${idOf(1)}`]);
});

test('each page says in its head which version runs', async () => {
  const { url } = await openWorld({ records: [applied] });
  expect((await ask(url, '/')).text).toMatch(/<header>.*version 0\.0\.0-test.*<\/header>/s);
});

test('what stands in the way of all is said on every page, and the gates on the page of a widget', async () => {
  const obstacle = { by: 'key', says: 'the key is <refused>', since: startedAt } as const;
  const { url } = await openWorld({
    records: [applied],
    record: { obstacles: [obstacle], queue: [queued] },
  });
  for (const path of ['/', '/plan', '/history', `/widgets/${idOf(1)}`]) {
    expect((await ask(url, path)).text, path).toContain(
      'The key is refused.</strong> the key is &lt;refused&gt;',
    );
  }
  const { text } = await ask(url, `/widgets/${idOf(1)}`);
  expect(text).toContain('<p>ava.yaml is not live: ');
  expect(text).toMatch(
    /file seen.*key accepted<\/strong> <span class="word">stops here.*seen in a read/s,
  );
});

test('files that newer ones are waited for are told, and once where that blocks', async () => {
  const unsettled = { code: 'behind', says: 'these files are <older>', since: startedAt };
  const files = { lookedAt: startedAt, found: 1, unsettled };
  const { url } = await openWorld({ records: [applied], record: { files } });
  expect((await ask(url, '/history')).text).toContain(
    '<strong>Waiting for files.</strong> these files are &lt;older&gt;.',
  );
  const obstacles = [{ by: 'pass', says: unsettled.says, since: startedAt }] as const;
  const blocked = await openWorld({ records: [applied], record: { files, obstacles } });
  const { text } = await ask(blocked.url, '/history');
  expect(text.match(/these files are/g)).toHaveLength(1);
});

test('5,000 widgets are 25 pages, each made in 200 ms of a processor, and status.json names the pictures of all', async () => {
  const records = Array.from({ length: 5000 }, (_, n) =>
    recordOf(documentOf(n, chat(`Widget ${n}`), `w${n}.yaml`)),
  );
  const { url } = await openWorld({ records });
  const tookMs: number[] = [];
  for (const page of [3, 4, 5, 6, 7]) {
    tookMs.push(await processorMs(() => ask(url, `/?page=${page}`)));
  }
  expect(Math.min(...tookMs)).toBeLessThan(200);
  const second = (await ask(url, '/?page=2')).text;
  expect(second.match(/<tr>/g)).toHaveLength(201);
  expect(second).toContain('Page 2 of 25');
  expect((await ask(url, '/?page=99')).text).toContain('Page 25 of 25');
  expect((await ask(url, '/?q=widget+4999')).text.match(/<tr>/g)).toHaveLength(2);
  const { widgets, summary } = JSON.parse((await ask(url, '/status.json')).text);
  expect(summary.states.applied).toBe(5000);
  const { after } = widgets[4999].pictures;
  expect((await svg(url, after)).text).toContain('Widget ');
});

describe('what was just made is not made again', () => {
  test('of 10,000 widgets status.json keeps no probe waiting, and is made once for all who ask', async () => {
    const records = Array.from({ length: 10_000 }, (_, n) =>
      recordOf(documentOf(n, chat(`Widget ${n}`), `w${n}.yaml`)),
    );
    let looks = 0;
    const holder = async () => {
      looks += 1;
      return null;
    };
    const history = async () => ({ entries: [], damaged: 0 });
    const { url, become } = await openWorld({ records, deps: { view: { holder, history } } });
    const order: string[] = [];
    const askFor = async (path: string) => {
      const { status, text } = await ask(url, path);
      order.push(`${path} ${status}`);
      return text;
    };
    const asked = [1, 2, 3].map(() => askFor('/status.json'));
    await askFor('/healthz');
    const [first = '', ...others] = await Promise.all(asked);
    expect(order[0]).toBe('/healthz 200');
    expect(others).toEqual([first, first]);
    expect([looks, await askFor('/status.json')]).toEqual([1, first]);
    become({ revision: 'a1b2c3d' });
    expect(JSON.parse(await askFor('/status.json'))).toMatchObject({ revision: 'a1b2c3d' });
    expect(looks).toBe(2);
  });

  test('the history is read once for all who ask for a page of it, and again for a later one', async () => {
    let reads = 0;
    const history = async () => {
      reads += 1;
      return { entries: [], damaged: 0 };
    };
    const view = { history, holder: async () => null };
    const { url, become } = await openWorld({ records: [applied], deps: { view } });
    for (const path of ['/history', `/widgets/${idOf(1)}`]) {
      reads = 0;
      await Promise.all([1, 2, 3].map(() => ask(url, path)));
      await ask(url, path);
      expect(reads, path).toBe(1);
      become({});
      await ask(url, path);
      expect(reads, path).toBe(2);
    }
  });
});

test('a waiting change of a widget that extends a fragment names the line of each new value', async () => {
  const after = composed({ '../_brand.yaml': { header_color: '#14532d' } }, [
    { own: { name: 'Ava' }, over: ['../_brand.yaml'] },
  ]);
  const [document] = after.documents;
  if (document === undefined) throw new Error('no widget');
  const directory = {
    sourceLine: () => null,
    compose: (file: string) => after.files.get(file) ?? null,
  };
  const record = { ...recordOf(document), spec: { widget_type: 'chat' as const }, hash: 'other' };
  const waiting = { ...queued, widgetId: document.widgetId, file: document.file };
  const { url, hear } = await openWorld({
    records: [record],
    record: { queue: [waiting] },
    deps: { directory },
  });
  const { documents: desired, fragments } = after;
  hear(planMade(viewsOf({ desired, fragments, records: [record] })));
  const { text } = await ask(url, '/plan');
  expect(text).toMatch(/header_color.*#14532d.*<code>\.\.\/_brand\.yaml:1<\/code>/s);
  expect(text).toMatch(/name.*Ava.*<code>prod\/w0\.yaml:1<\/code>/s);
});
