// docs/metrics.md lists every metric as it is rendered, and no page names one that there is not.
import { expect, test } from 'vitest';
import { expectThere, labelsOf, rendered } from '../deploy/metric-names.ts';
import { seriesOf, typesOf } from '../support/read-metrics.ts';
import { blocksOf, pageOf, pages, sectionOf } from './pages.ts';

const page = pageOf('docs/metrics.md');

test.each([
  ['Gauges', 'gauge'],
  ['Counters', 'counter'],
  ['Histograms', 'histogram'],
])('under %s stand all of that type, with their labels and values', async (heading, type) => {
  const text = await rendered();
  const rows = sectionOf(page, heading).match(/^\| `widget_sync_.*$/gm) ?? [];
  const listed = rows.map((row) => {
    const [, name = '', labels = ''] = row.split('|').map((cell) => cell.trim());
    return [name.replaceAll('`', ''), labelsIn(labels)] as const;
  });
  const known = [...typesOf(text)].flatMap(([name, one]) => (one === type ? name : []));
  expect(Object.fromEntries(listed)).toEqual(
    Object.fromEntries(known.map((name) => [name, rendition(name, type, text)])),
  );
  expect(listed).toHaveLength(known.length);
});

/** Of build_info the one value is the version. */
function rendition(name: string, type: string, text: string): Record<string, string[]> {
  const labels = labelsOf(text).get(type === 'histogram' ? `${name}_count` : name) ?? new Map();
  const entries = [...labels].map(([label, values]) => [
    label,
    label === 'version' ? [] : [...values],
  ]);
  return Object.fromEntries(entries);
}

/** Such as: `state`: `a`, `b`; `result`: `c`. */
function labelsIn(cell: string): Record<string, string[]> {
  const groups = cell.split('; ').filter((group) => group.trim() !== '');
  return Object.fromEntries(
    groups.map((group) => {
      const [label = '', ...values] = [...group.matchAll(/`([^`]+)`/g)].map(
        ([, word = '']) => word,
      );
      return [label, values];
    }),
  );
}

test('the page says how many series there are, of its own and of the process', async () => {
  const text = await rendered();
  const own = [...seriesOf(text).keys()].filter((name) => name.startsWith('widget_sync_'));
  const [, told, least, most] =
    /They are (\d+)\. Between (\d+) and (\d+) more/.exec(page.prose) ?? [];
  expect(Number(told)).toBe(own.length);
  const rest = seriesOf(text).size - own.length;
  expect(rest).toBeGreaterThanOrEqual(Number(least));
  expect(rest).toBeLessThanOrEqual(Number(most));
});

test('each kind of obstacle is explained', async () => {
  const explained = [...sectionOf(page, 'Gauges').matchAll(/^\| `([a-z-]+)` \| \w/gm)];
  const known = labelsOf(await rendered())
    .get('widget_sync_blocked')
    ?.get('by');
  expect(explained.map(([, by]) => by)).toEqual([...(known ?? [])]);
});

test('no page names a metric that there is not', async () => {
  const text = await rendered();
  const known = new Set([...typesOf(text).keys(), ...labelsOf(text).keys()]);
  const named = pages.flatMap((one) => one.text.match(/\bwidget_sync_[a-z_]*[a-z]\b/g) ?? []);
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

test('the questions are asked of metrics and labels that there are', async () => {
  const [block] = blocksOf('promql');
  const questions = (block?.text ?? '').split('\n\n');
  expect(questions).toHaveLength(3);
  for (const question of questions) expectThere(question, await rendered());
});
