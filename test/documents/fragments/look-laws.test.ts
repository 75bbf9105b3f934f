// However files and fragments are edited from look to look: what was remembered changes nothing in what is seen.
import { rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { Snapshots } from '../../../src/documents/tree/snapshot-reader.ts';
import type { LoadedTree, WidgetDocument } from '../../../src/model/document.ts';
import { law } from '../../support/law.ts';
import { widgetId } from '../../support/sandbox.ts';
import { HandClock } from '../hand-clock.ts';
import { put, temporaryDirectory } from '../temporary-directory.ts';

/** Each says where a fragment stands, is wrong in a way of its own, or is another text with the same meaning. */
const lines = [
  'widget_type: chat',
  'display_name: Ava',
  'display_name: "Ava"',
  'header_color: grene',
  'header_color: "#ffffff"',
  'header_text_color: "#fffffe"',
  'style_params: { bubble: { size: 56 } }',
  'sync: { suspend: true, reason: Holiday }',
  'sync: { suspend: true, until: SOON }',
  'nope: 1',
  '# A comment.',
  '',
  'name: [',
];
const entries = [
  '_base.yaml',
  '_brand.yaml',
  'in/_own.yaml',
  '../_brand.yaml',
  '_own.yaml',
  '_no.yaml',
];
const fragments = ['_base.yaml', '_brand.yaml', 'in/_own.yaml'];
const widgets = ['a.yaml', 'b.yaml', 'in/c.yaml', 'in/d.yaml'];

const extending = fc.option(fc.uniqueArray(fc.constantFrom(...entries), { maxLength: 3 }), {
  nil: null,
});
const textOf = fc
  .record({
    extended: extending,
    omitted: fc.constantFrom('', '', '', 'omit: [/header_color]', 'omit: [/nothing]'),
    said: fc.uniqueArray(fc.constantFrom(...lines), { maxLength: 4 }),
    isEnded: fc.boolean(),
  })
  .map(({ extended, omitted, said, isEnded }) => {
    const first = extended === null ? [] : [`extends: [${extended.join(', ')}]`];
    return (
      [...first, ...(omitted === '' ? [] : [omitted]), ...said].join('\n') + (isEnded ? '\n' : '')
    );
  });
const ofWidget = fc
  .tuple(fc.integer({ min: 1, max: 5 }), textOf)
  .map(([n, text]) => `widget_id: ${widgetId(n)}\n${text}`);

/** Null: the file is removed. `touched`: it is written again as it is. */
const edit = fc.oneof(
  fc.tuple(fc.constantFrom(...fragments), fc.option(textOf, { nil: null, freq: 6 })),
  fc.tuple(fc.constantFrom(...widgets), fc.option(ofWidget, { nil: null, freq: 6 })),
);
const step = fc.record({
  edits: fc.array(edit, { maxLength: 3 }),
  passesMs: fc.constantFrom(0, 0, 0, 6000),
  /** Whether it is looked at as a daemon does, which waits for what is gone, before the trees are compared. */
  isLookedAt: fc.boolean(),
});

/** All that is seen; not when, or in which folders. */
function seenIn({ documents, held, fragments: reached, problems, notes, nextUntil }: LoadedTree) {
  return { documents, held, reached, problems, notes, nextUntil };
}

/** What is recorded is not parsed again, so that its warnings are not told. */
function ofErrors({ documents, held, fragments: reached, problems }: LoadedTree) {
  const errors = problems.filter(({ severity }) => severity === 'error');
  return { documents, held, reached, errors };
}

function snapshotsOf(dir: string, clock: HandClock, recorded: readonly WidgetDocument[] = []) {
  return new Snapshots(dir, {
    clock,
    remember: (digest) => recorded.find((one) => one.digest === digest),
    extendsOf: (id) => recorded.find((one) => one.widgetId === id)?.extends,
  });
}

describe('a look after others', () => {
  const trees = fc.tuple(fc.tuple(textOf, textOf, textOf), fc.tuple(ofWidget, ofWidget, ofWidget));
  law.prop([trees, fc.array(step, { minLength: 1, maxLength: 6 })], { numRuns: 1000 })(
    'sees what a first look sees, after a restart as well',
    ([ofFragments, ofWidgets], steps) => {
      const dir = temporaryDirectory();
      const clock = new HandClock();
      const soon = new Date(clock.now().getTime() + 5000).toISOString();
      let writes = 0;
      const write = (name: string, text: string) => {
        const path = put(dir, name, text.replace('SOON', soon));
        // Times have a grain: two edits of one length within it would be one.
        writes += 1;
        utimesSync(path, writes, writes);
      };
      for (const [n, text] of ofFragments.entries()) write(fragments[n] ?? '', text);
      for (const [n, text] of ofWidgets.entries()) write(widgets[n] ?? '', text);
      const kept = snapshotsOf(dir, clock);
      const restarted = snapshotsOf(dir, clock, kept.load().documents);
      for (const { edits, passesMs, isLookedAt } of steps) {
        for (const [name, text] of edits) {
          if (text === null) rmSync(join(dir, name), { force: true });
          else write(name, text);
        }
        clock.pass(passesMs);
        if (isLookedAt) kept.look();
        const fresh = snapshotsOf(dir, clock).load();
        expect(seenIn(kept.load())).toEqual(seenIn(fresh));
        expect(ofErrors(restarted.load())).toEqual(ofErrors(fresh));
      }
    },
  );
});
