// The metrics that queries name, against those that there are.
import { expect } from 'vitest';
import { openAccountsMetrics } from '../../src/observe/metrics/accounts-metrics.ts';
import { accountStatus } from '../../src/status/account-status.ts';
import { accountsStatus } from '../../src/status/over-accounts/accounts-status.ts';
import { seriesOf } from '../support/read-metrics.ts';

/** A rendering of several accounts, of which one is followed and nothing is known yet: all series are there. */
export async function rendered(): Promise<string> {
  const status = accountStatus([], null);
  const metrics = openAccountsMetrics({
    version: '1',
    clock: { now: () => new Date() },
    states: () => accountsStatus([]).states,
    problems: () => 0,
  });
  metrics.follow('one', () => status);
  return (await metrics.render(null)).text;
}

/** By name of series, the values of each of its labels. */
export function labelsOf(text: string): Map<string, Map<string, Set<string>>> {
  const names = new Map<string, Map<string, Set<string>>>();
  for (const series of seriesOf(text).keys()) {
    const [, name = '', labels = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(series) ?? [];
    const known = names.get(name) ?? new Map<string, Set<string>>();
    names.set(name, known);
    for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="([^"]*)"/g)) {
      known.set(label, (known.get(label) ?? new Set()).add(value));
    }
  }
  return names;
}

/** Prometheus itself adds these. */
const ofTheTarget = ['job', 'instance'];

/** Each name that the query names has to be there, with each label and value that it asks for. */
export function expectThere(query: string, text: string): void {
  const names = labelsOf(text);
  const named = [...query.matchAll(/\b((?:widget_sync|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)];
  expect(named.length, `${query} names no metric`).toBeGreaterThan(0);
  for (const [, name = '', matchers = ''] of named) {
    const labels = names.get(name);
    expect(labels, `${name}, in ${query}`).toBeDefined();
    for (const [, label = '', , values = ''] of matchers.matchAll(/(\w+)(=~|!=|=)"([^"]*)"/g)) {
      if (ofTheTarget.includes(label)) continue;
      const known = [...(labels?.get(label) ?? [])];
      for (const value of values.split('|')) expect(known, `${label} of ${name}`).toContain(value);
    }
  }
}
