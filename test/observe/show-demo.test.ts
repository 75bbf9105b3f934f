import picocolors from 'picocolors';
import { expect, test } from 'vitest';
import type { LoadedTree } from '../../src/model/document.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import type { Change, Plan } from '../../src/model/plan.ts';
import { showDemo } from '../../src/observe/show-demo.ts';
import { changeOf, planOf, unavailable } from '../support/changes.ts';

const facts = { trigger: 'files', durationMs: 1 } as const;
const range = { start: { line: 1, column: 1 }, end: { line: 1, column: 2 } };

/** A demo at noon, and what it has said since that was last taken. */
function demoOf() {
  let said = '';
  const demo = showDemo({
    colours: picocolors.createColors(false),
    color: false,
    swatches: false,
    dir: 'widgets',
    apiUrl: 'http://127.0.0.1:1',
    stateDirectory: '/tmp/state',
    command: 'npx --no -- widget-sync',
    sourceLine: () => null,
    print: (text) => {
      said += text;
    },
    timeOfDay: () => '12:00:00',
  });
  const taken = () => {
    const text = said;
    said = '';
    return text;
  };
  const pass = ({
    problems = [],
    held = [],
    documents = [],
    ...plan
  }: Partial<LoadedTree & Plan>) => {
    const none = {
      notes: [],
      fragments: [],
      nextUntil: null,
      committedAt: null,
      folders: new Map(),
    } as const;
    const tree = { documents, problems, held, ...none, revision: null, source: 'plain' } as const;
    const made = planOf({ ...plan, held });
    demo.hear({ kind: 'plan-made', tree, plan: made, refusal: null, ...facts });
    return taken();
  };
  const applied = (change: Change) => {
    demo.hear({
      kind: 'change-ended',
      outcome: { ...ended(change), status: 'applied', httpStatus: 200, kept: [] },
    });
    return taken();
  };
  return { demo, pass, applied, taken };
}

const ended = (
  change: Change,
): Pick<Outcome & { attempts: number }, 'change'> & {
  attempts: number;
  durationMs: number;
} => ({ change, attempts: 1, durationMs: 5 });

function edit(n: number, fields: Record<string, [from: string, to: string]>): Change {
  const spec = Object.fromEntries(Object.entries(fields).map(([name, [, to]]) => [name, to]));
  return changeOf(
    n,
    { widget_type: 'chat', ...spec },
    {
      fields: Object.entries(fields)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, [from, to]]) => ({ path: `/${name}`, from, to, by: 'git', released: false })),
    },
  );
}

const one = edit(1, { display_name: ['Old', 'New'] });

test('invites once all of the first push has ended, whatever became of it', () => {
  const { demo, pass, applied, taken } = demoOf();
  const other = edit(2, { display_name: ['Was', 'Is'] });
  expect(pass({ changes: [one, other] })).toBe('');
  expect(applied(one)).toBe(
    '✓ widgets/w1.yaml  1 field pushed and live\n    ~ display_name  "Old" → "New"\n\n',
  );
  demo.hear({
    kind: 'change-ended',
    outcome: { ...ended(other), status: 'failed', error: unavailable },
  });
  expect(taken()).toMatch(/^Try: {2}edit widgets\/w1\.yaml and save: another display_name/);
  expect(pass({}), 'once').toBe('');
});

test('invites at once where nothing is to be pushed, and without an example where there is none', () => {
  expect(demoOf().pass({})).toBe(
    'Try:  put a widget file into widgets and save it. Ctrl-C ends the demo.\n',
  );
});

test('a first push shows what reads at a glance, in the order of the file, and counts the rest', () => {
  const { pass, applied } = demoOf();
  const long = 'x'.repeat(60);
  const change = edit(1, {
    intro_message: [`${long} (old)`, long],
    name: ['Line (old)', 'Line'],
    display_name: ['Ava (old)', 'Ava'],
    bubble_text: ['Hi (old)', 'Hi'],
  });
  pass({ changes: [change] });
  expect(applied(change).split('\n').slice(0, 4)).toEqual([
    '✓ widgets/w1.yaml  4 fields pushed and live, among them:',
    '    ~ name          "Line (old)" → "Line"',
    '    ~ display_name  "Ava (old)" → "Ava"',
    '',
  ]);
});

test('of many files a first push shows some and counts the rest', () => {
  const { pass, applied } = demoOf();
  const changes = Array.from({ length: 30 }, (_, n) => edit(n, { display_name: ['Old', 'New'] }));
  pass({ changes });
  const said = changes.map(applied).join('');
  expect(said.match(/✓/g)).toHaveLength(8);
  expect(said).toContain('… and 22 more files pushed and live\n\nTry:');
});

test('each event afterwards stands below a blank line and bears the time', () => {
  const { pass, applied } = demoOf();
  pass({});
  pass({ changes: [one] });
  expect(applied(one)).toBe(
    '\n12:00:00 ✓ widgets/w1.yaml  1 field pushed and live\n    ~ display_name  "Old" → "New"\n',
  );
});

test('a mistake is said once for as long as it lasts, and so is its end', () => {
  const { pass } = demoOf();
  const { widgetId, file, digest, spec, hash, sync } = one;
  const document = { widgetId, file, digest, spec, hash, sync };
  const said = {
    code: 'unknown-field',
    summary: 'unknown field nme',
    detail: 'Remove it.',
  } as const;
  const problems = [{ ...said, severity: 'error', file, range }] as const;
  const held = [{ file, widgetId, code: 'unknown-field', message: said.summary }] as const;
  const whole = { documents: [document], unchanged: [document] };
  expect(pass(whole)).toContain('Try:');
  expect(pass({ problems, held })).toMatch(
    /^\n12:00:00 ! widgets\/w1\.yaml {2}held \(unknown-field\): its widget stays as it is\nerror: unknown field nme/,
  );
  expect(pass({ problems, held })).toBe('');
  expect(pass(whole)).toBe('\n12:00:00 = widgets/w1.yaml  nothing to push: its values are live\n');
  expect(pass(whole)).toBe('');
});

test('a file that is being written is nothing to speak of', () => {
  const { pass } = demoOf();
  pass({});
  const { file, widgetId } = one;
  expect(pass({ held: [{ file, widgetId, code: 'changing-file', message: 'changing' }] })).toBe('');
});

test('the name of a file cannot steer the terminal', () => {
  const { pass, applied } = demoOf();
  const hostile = { ...one, file: 'a\u001b[2J.yaml' };
  pass({ changes: [hostile] });
  expect(applied(hostile)).toContain('✓ widgets/a\\u001b[2J.yaml  ');
});
