// The dashboard: whatever Prometheus it is imported beside, each panel asks for what there is.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { root } from '../docs/pages.ts';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import { hasPromtool, promtool } from '../support/promtool.ts';
import { typesOf } from '../support/read-metrics.ts';
import { expectThere, rendered } from './metric-names.ts';

interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly datasource: unknown;
  readonly gridPos: Place;
  readonly targets: readonly { readonly datasource: unknown; readonly expr: string }[];
}

const dashboard = JSON.parse(
  readFileSync(join(root, 'deploy/kubernetes/components/monitoring/grafana.json'), 'utf8'),
);
const panels: readonly Panel[] = dashboard.panels;
const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
const chosen = { type: 'prometheus', uid: `\${datasource}` };

describe.each(panels)('the panel $title', ({ datasource, targets }) => {
  test('asks the data source that is chosen, for metrics and labels that there are', async () => {
    const text = await rendered();
    expect(datasource).toEqual(chosen);
    expect(targets.length).toBeGreaterThan(0);
    for (const target of targets) {
      expect(target.datasource).toEqual(chosen);
      expectThere(target.expr, text);
    }
  });
});

test('it can be imported: no id of an installation, a data source and instances to choose', () => {
  expect(dashboard).toMatchObject({ uid: 'widget-sync', title: 'widget-sync', schemaVersion: 39 });
  expect(dashboard.id).toBeUndefined();
  expect(dashboard.templating.list).toMatchObject([
    { name: 'datasource', type: 'datasource', query: 'prometheus' },
    { name: 'instance', type: 'query', datasource: chosen },
  ]);
});

test('its panels have a place each, and cover none', () => {
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, n) => `${x + (n % w)} ${y + Math.floor(n / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
});

test('it shows every metric', async () => {
  const names = [...typesOf(await rendered()).keys()];
  expect(names.filter((name) => !queries.some((query) => query.includes(name)))).toEqual([
    // It says the time of the last write, which the counter of writes draws.
    'widget_sync_last_write_timestamp_seconds',
  ]);
});

test.skipIf(!hasPromtool)('Prometheus can read each of its queries', () => {
  const directory = temporaryDirectory();
  const rules = queries.map((query, n) => ({
    record: `query${n}`,
    expr: query.replaceAll('$__rate_interval', '5m').replaceAll('$instance', '.*'),
  }));
  writeFile(directory, 'queries.yaml', stringify({ groups: [{ name: 'queries', rules }] }));
  const { code, said } = promtool(['check', 'rules', 'queries.yaml'], directory);
  expect({ code, said }).toMatchObject({ code: 0 });
});
