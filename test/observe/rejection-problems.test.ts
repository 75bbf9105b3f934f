import { join } from 'node:path';
import { expect, test } from 'vitest';
import { StateError } from '../../src/base/errors.ts';
import { openWidgetDirectory } from '../../src/documents/widget-directory.ts';
import { nothingLive } from '../../src/model/plan.ts';
import { refusalProblems } from '../../src/observe/rejection-problems.ts';
import { planFrom } from '../../src/sync/loop/run-pass.ts';
import { apiError } from '../support/changes.ts';
import { makeCheckout, temporaryDirectory, writeFile } from '../support/command.ts';
import { widgetId } from '../support/sandbox.ts';

const text = `# A comment first.
widget_id: ${widgetId(1)}
widget_type: chat
user_opening_messages:
  - Hello
  - Where is my order?
`;

function planned() {
  const root = temporaryDirectory();
  writeFile(root, 'shop/ava.yaml', text);
  const directory = openWidgetDirectory(root);
  const sight = { tree: directory.load(), live: nothingLive };
  const policy = { send: 'changed', drift: 'correct', released: 'reset', nowMs: 0 } as const;
  const [change] = planFrom(sight, policy, { records: new Map() }).changes;
  if (change === undefined) throw new Error('nothing was planned');
  return { change, directory, path: join(root, 'shop/ava.yaml'), root };
}

const range = (line: number, from: number, to: number) => ({
  start: { line, column: from },
  end: { line, column: to },
});

test('each refused field is a problem at its value in the file', () => {
  const { change, directory } = planned();
  const error = apiError({
    refusedFields: [
      { path: '/widget_type', message: 'Not this one' },
      { path: '/user_opening_messages/1', message: 'Too long' },
    ],
  });
  const shared = { severity: 'error', code: 'refused-by-api', file: 'shop/ava.yaml' };
  expect(refusalProblems(change, error, directory)).toEqual([
    {
      ...shared,
      range: range(3, 14, 18),
      summary: 'the API refused widget_type',
      detail: 'Not this one',
    },
    {
      ...shared,
      range: range(6, 5, 23),
      summary: 'the API refused user_opening_messages[1]',
      detail: 'Too long',
    },
  ]);
});

test('a field that the file does not hold is told where the file could hold it', () => {
  const { change, directory } = planned();
  const error = apiError({ refusedFields: [{ path: '/header_color', message: 'Missing' }] });
  const [problem] = refusalProblems(change, error, directory);
  expect(problem?.range.start.line).toBe(2);
});

test('a refusal of the whole body says so', () => {
  const { change, directory } = planned();
  const error = apiError({ refusedFields: [{ path: '', message: 'No' }] });
  const [problem] = refusalProblems(change, error, directory);
  expect(problem).toMatchObject({ summary: 'the API refused this widget', detail: 'No' });
});

test('a file that was edited since is named without a place', () => {
  const { change, directory, root } = planned();
  writeFile(root, 'shop/ava.yaml', `${text}name: Ava\n`);
  const error = apiError({ refusedFields: [{ path: '/widget_type', message: 'No' }] });
  const [problem] = refusalProblems(change, error, directory);
  expect(problem).toMatchObject({ file: 'shop/ava.yaml', range: range(1, 1, 1) });
});

test.each([
  ['a failure that names no field', apiError({ status: 503, retry: 'later' })],
  ['a failure of the state directory', new StateError('the disk is full')],
])('%s is no problem of the file', (_, error) => {
  const { change, directory } = planned();
  expect(refusalProblems(change, error, directory)).toEqual([]);
});

test('a refused field whose value stands in a fragment is a problem there, of that widget', () => {
  const root = temporaryDirectory();
  makeCheckout(root);
  writeFile(
    root,
    '_brand.yaml',
    'widget_type: chat\nheader_color: "#14532d"\nstyle_params:\n  bubble: { size: 5 }\n',
  );
  writeFile(
    root,
    'shop/ava.yaml',
    `widget_id: ${widgetId(1)}\nextends: ../_brand.yaml\nname: Ava\n`,
  );
  const directory = openWidgetDirectory(join(root, 'shop'));
  const sight = { tree: directory.load(), live: nothingLive };
  const policy = { send: 'changed', drift: 'correct', released: 'reset', nowMs: 0 } as const;
  const [change] = planFrom(sight, policy, { records: new Map() }).changes;
  if (change === undefined) throw new Error('nothing was planned');
  const placesOf = (paths: readonly string[], of = directory) =>
    refusalProblems(
      change,
      apiError({ refusedFields: paths.map((path) => ({ path, message: 'No' })) }),
      of,
    ).map(({ file, range: at, affects }) => [file, at.start.line, at.start.column, affects]);
  const ava = { count: 1, files: ['ava.yaml'] };
  expect(placesOf(['/header_color', '/name', ''])).toEqual([
    ['../_brand.yaml', 2, 1, ava],
    ['ava.yaml', 3, 7, undefined],
    ['ava.yaml', 1, 1, undefined],
  ]);
  // What is missing in an object is told where the object stands, and what no file says in the widget's own.
  expect(placesOf(['/style_params/bubble/shadow', '/bubble_text'])).toEqual([
    ['../_brand.yaml', 4, 3, ava],
    ['ava.yaml', 1, 1, undefined],
  ]);

  const other = openWidgetDirectory(join(root, 'shop'));
  other.load();
  writeFile(root, '_brand.yaml', '# Another line.\nwidget_type: chat\nheader_color: "#14532d"\n');
  expect(placesOf(['/header_color'], other)).toEqual([['ava.yaml', 1, 1, undefined]]);
});
