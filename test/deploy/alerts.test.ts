// The alert rules: Prometheus takes them, their own tests raise and clear each of them, they name metrics and
// commands that there are, and the runbook says of each what to do.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { addCommands } from '../../src/cli/command-line.ts';
import type { ProcessContext } from '../../src/cli/process-context.ts';
import { pageOf, root, sectionOf } from '../docs/pages.ts';
import { hasPromtool, promtool } from '../support/promtool.ts';
import { expectThere, rendered } from './metric-names.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<'summary' | 'description' | 'runbook_url', string>>;
}

interface RuleTest {
  readonly alert_rule_test: readonly {
    readonly eval_time: string;
    readonly alertname: string;
    readonly exp_alerts?: readonly unknown[];
  }[];
}

const read = (file: string) => parse(readFileSync(join(root, 'deploy', file), 'utf8'));
const rules: readonly Rule[] = read('alerts.yaml').groups[0].rules;
const ruleTests: readonly RuleTest[] = read('alerts.test.yaml').tests;
const runbook = pageOf('docs/runbook.md');
const alerts = rules.map(({ alert }) => alert);

describe.skipIf(!hasPromtool)('promtool', () => {
  test('takes the rules', () => {
    const { code, said } = promtool(['check', 'rules', 'alerts.yaml'], join(root, 'deploy'));
    expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining('14 rules found') });
  });

  test('raises and clears each alert as the tests of the rules say', () => {
    const { code, said } = promtool(['test', 'rules', 'alerts.test.yaml'], join(root, 'deploy'));
    expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining('SUCCESS') });
  });
});

describe.each(rules)('$alert', ({ alert, expr, labels, annotations }) => {
  test('is tested: not raised, raised, and cleared again', () => {
    const courses = ruleTests.map((one) =>
      one.alert_rule_test
        .filter(({ alertname }) => alertname === alert)
        .map(({ eval_time, exp_alerts = [] }) => ({
          atMs: msOf(eval_time),
          isRaised: exp_alerts.length > 0,
        }))
        .sort((a, b) => a.atMs - b.atMs)
        .map(({ isRaised }) => (isRaised ? 'raised' : 'quiet'))
        .join(' '),
    );
    expect(courses).toContainEqual(expect.stringMatching(/quiet (raised )+quiet/));
  });

  test('asks for metrics and labels that there are', async () => {
    expectThere(expr, await rendered());
  });

  test('says how bad it is, and which command to run next', () => {
    expect(['critical', 'warning', 'info']).toContain(labels.severity);
    expect(annotations.summary).not.toBe('');
    expect(annotations.description).toMatch(/`widget-sync \w+/);
  });

  test('leads to its section of the runbook, which says what to do', () => {
    expect(annotations.runbook_url).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
    const section = sectionOf(runbook, alert);
    for (const part of ['**Means:**', '**Look:**', '**Do:**']) expect(section).toContain(part);
    expect(section).toMatch(/`widget-sync \w+/);
  });
});

test('the runbook has a section for each alert and no other, and lists them by severity', () => {
  const sections = [...runbook.prose.matchAll(/^## (\S+)$/gm)].map(([, name]) => name);
  expect(sections).toEqual(alerts);
  const listed = [...runbook.prose.matchAll(/^\| \[(\w+)\]\([^)]*\) \| [^|]* \| (\w+) \|$/gm)];
  expect(listed.map(([, alert, severity]) => [alert, severity])).toEqual(
    rules.map(({ alert, labels }) => [alert, labels.severity]),
  );
});

test('alerts and runbook name only commands that there are', () => {
  const program = new Command();
  const nobody: Partial<ProcessContext> = {};
  addCommands(program, nobody as ProcessContext, () => {});
  const known = program.commands.map((command) => command.name());
  const texts = [runbook.prose, ...rules.map(({ annotations }) => annotations.description)];
  const named = texts.flatMap((text) => [...text.matchAll(/`widget-sync\s+([a-z]+)/g)]);
  expect(
    [...new Set(named.map(([, name]) => name))].filter((name) => !known.includes(name ?? '')),
  ).toEqual([]);
});

/** Such as `1h`, `21m`. */
function msOf(duration: string): number {
  return Number.parseInt(duration, 10) * (duration.endsWith('h') ? 60 : 1) * 60_000;
}
