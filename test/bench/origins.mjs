// What it costs to tell where the values of a plan stand: 9 fields of each of 200 changed widgets, which extend a
// brand and a base, and have some fields of their own.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openWidgetDirectory } from '../../build/documents/widget-directory.js';
import { nothingLive } from '../../build/model/plan.js';
import { traceFromFiles } from '../../build/observe/trace-from-files.js';
import { makePlan } from '../../build/plan/make-plan.js';

const changed = 200;
const rounds = 15;
const policy = { send: 'changed', drift: 'correct', released: 'reset', nowMs: 0 };

const base = ['widget_type: chat', 'bubble_text: Need a hand?', 'textbox_default_text: Ask us'];
const brand = [
  'extends: _base.yaml',
  'header_color: "#14532d"',
  'header_text_color: "#ffffff"',
  'intro_message: Hello, how can we help you today?',
];

function makeTree(root) {
  const directory = join(root, 'origins');
  mkdirSync(join(directory, 'prod'), { recursive: true });
  writeFileSync(join(directory, '_base.yaml'), `${base.join('\n')}\n`);
  writeFileSync(join(directory, '_brand.yaml'), `${brand.join('\n')}\n`);
  for (let n = 0; n < changed; n += 1) {
    const id = n.toString(16).padStart(8, '0');
    const own = [
      `widget_id: ${id}-0000-4000-8000-0000${id}`,
      'extends: ../_brand.yaml',
      `display_name: Widget ${n}`,
      'user_opening_messages: [Where is my order?, Talk to a human]',
      'style_params: { position: bottom-right }',
    ];
    writeFileSync(join(directory, `prod/w${n}.yaml`), `${own.join('\n')}\n`);
  }
  return directory;
}

function planOf(directory) {
  const { documents, held, fragments } = directory.load();
  const views = { desired: documents, held, fragments, applied: new Map(), live: nothingLive };
  return makePlan({ ...views, revision: null, committedAtMs: null }, policy);
}

/** Throws where a place is not that of the field's own line. */
function check({ changes }) {
  const lines = { '_base.yaml': base, '_brand.yaml': brand };
  if (changes.length !== changed) throw new Error(`${changes.length} widgets change`);
  for (const { file, fields } of changes) {
    if (fields.length !== 9) throw new Error(`${file} changes in ${fields.length} fields`);
    for (const { path, origin } of fields) {
      const name = path.slice(1);
      const shared = Object.keys(lines).find((one) =>
        lines[one].some((line) => line.startsWith(`${name}:`)),
      );
      const own = { display_name: 3, user_opening_messages: 4, style_params: 5 }[name];
      const line = shared && lines[shared].findIndex((one) => one.startsWith(`${name}:`)) + 1;
      const wanted = `${shared ?? file}:${line ?? own}:1`;
      const { start } = origin.range;
      const found = `${origin.file}:${start.line}:${start.column}`;
      if (found !== wanted) throw new Error(`${path} of ${file} is at ${wanted}, not at ${found}`);
    }
  }
}

export function measureOrigins({ root, print }) {
  const dir = makeTree(root);
  const times = [];
  for (let round = 0; round < rounds; round += 1) {
    // Each time as in a process of its own: nothing that was parsed is left.
    const directory = openWidgetDirectory(dir);
    const plan = planOf(directory);
    const before = process.cpuUsage();
    const traced = traceFromFiles(plan, directory);
    // Of the processor: what else runs on the machine is not counted.
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
    check(traced);
  }
  const sorted = [...times].sort((a, b) => a - b);
  const [first, median] = [times[0], sorted[Math.floor(rounds / 2)]];
  print(
    `origins of 9 fields of ${changed} changed widgets: ${median.toFixed(0)} ms of the processor, the first time ${first.toFixed(0)} ms (at most 150)`,
  );
}
