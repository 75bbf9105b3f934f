// What fragments cost: 10,000 files over 50 brands and a base, against flat files with the same bodies.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemClock } from '../../build/base/clock.js';
import { composeLayers } from '../../build/documents/compose/compose-layers.js';
import { findOrigin } from '../../build/documents/compose/find-origin.js';
import { openWidgetDirectory } from '../../build/documents/widget-directory.js';

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc');

const brands = 50;
const idOf = (n) => {
  const id = n.toString(16).padStart(8, '0');
  return `${id}-0000-4000-8000-0000${id}`;
};

const palette = (n) => [
  `header_color: "#${(0x100000 + n * 997).toString(16)}"`,
  'header_text_color: "#ffffff"',
  'bubble_color: "#14532d"',
  'user_message_color: "#14532d"',
  'bot_message_color: "#f3f4f6"',
  'user_text_message_color: "#ffffff"',
  'bot_text_message_color: "#111827"',
  'style_params:',
  '  position: bottom-right',
  '  bubble: { size: 56, shadow: true }',
];
const shared = [
  'widget_type: chat',
  'intro_message: Hello, how can we help you today?',
  'textbox_default_text: Write to us …',
  'user_opening_messages: [Where is my order?, Talk to a human]',
  'attributes: { locale: en, channel: web }',
];
const own = (n) => [`display_name: Widget ${n}`, `assistant_id: ${idOf(n + 1_000_000)}`];

const lines = (...parts) => `${parts.flat().join('\n')}\n`;

function makeTrees(root, count) {
  const [flat, layered] = ['flat', 'layered'].map((name) => join(root, name));
  mkdirSync(join(layered, '.git'), { recursive: true });
  mkdirSync(join(flat, '.git'), { recursive: true });
  writeFileSync(join(layered, '_base.yaml'), lines(shared));
  for (let brand = 0; brand < brands; brand += 1) {
    const folder = `client-${brand}`;
    for (const tree of [flat, layered]) mkdirSync(join(tree, folder));
    writeBrand(layered, brand, '');
  }
  for (let n = 0; n < count; n += 1) {
    const name = join(`client-${n % brands}`, `widget-${n}.yaml`);
    const id = `widget_id: ${idOf(n)}`;
    writeFileSync(join(layered, name), lines(id, 'extends: _brand.yaml', own(n)));
    writeFileSync(join(flat, name), lines(id, shared, palette(n % brands), own(n)));
  }
  return { flat, layered };
}

function writeBrand(tree, brand, more) {
  const text = lines('extends: ../_base.yaml', palette(brand), more === '' ? [] : [more]);
  writeFileSync(join(tree, `client-${brand}`, '_brand.yaml'), text);
}

/** Milliseconds of the processor: what else the machine does is not counted. */
function timed(act) {
  const before = process.cpuUsage();
  const made = act();
  const { user, system } = process.cpuUsage(before);
  return { ms: (user + system) / 1000, made };
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

function heapMb() {
  collectGarbage();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** A directory that is kept, and what it takes. */
function opened(dir, options = {}) {
  const before = heapMb();
  const directory = openWidgetDirectory(dir, { notes: false, ...options });
  const { ms, made: tree } = timed(() => directory.load());
  return { directory, ms, tree, mb: heapMb() - before };
}

export async function measureFragments({ root, print }) {
  origins(print);
  const { flat, layered } = makeTrees(root, 10_000);
  const rounds = { flat: [], layered: [] };
  let kept = null;
  for (let round = 0; round < 3; round += 1) {
    const one = opened(flat);
    if (one.tree.documents.length !== 10_000) throw new Error('flat files are held');
    rounds.flat.push(one);
    kept = opened(layered);
    if (kept.tree.documents.length !== 10_000) throw new Error('layered files are held');
    rounds.layered.push(kept);
    const hashes = (tree) => new Map(tree.documents.map(({ widgetId, hash }) => [widgetId, hash]));
    const same = hashes(one.tree);
    for (const [id, hash] of hashes(kept.tree))
      if (same.get(id) !== hash) throw new Error('other bodies');
  }
  const of = (name, key) => median(rounds[name].map((one) => one[key]));
  print(
    `10,000 files over ${brands} brands and a base: first look ${of('layered', 'ms').toFixed(0)} ms, flat with the same bodies ${of('flat', 'ms').toFixed(0)}, ratio ${(of('layered', 'ms') / of('flat', 'ms')).toFixed(2)}; memory ${of('layered', 'mb').toFixed(1)} MB beside ${of('flat', 'mb').toFixed(1)}`,
  );
  await edits(layered, print);
  restart(layered, kept, print);
}

/** A fragment is edited, and a look is taken: what that costs beyond a look where nothing moved. */
async function edits(layered, print) {
  let asked = 0;
  const remember = () => {
    asked += 1;
    return undefined;
  };
  const directory = openWidgetDirectory(layered, { notes: false, remember });
  directory.load();
  // Files younger than a second are read again.
  await systemClock.sleep(1200);
  directory.load();
  const idle = median(Array.from({ length: 9 }, () => timed(() => directory.load()).ms));
  const specs = () => new Set(directory.load().documents.map(({ spec }) => spec));
  const after = async (edit) => {
    const before = specs();
    asked = 0;
    edit();
    const { ms } = timed(() => directory.load());
    const read = asked;
    const composed = [...specs()].filter((spec) => !before.has(spec)).length;
    await systemClock.sleep(1200);
    directory.load();
    return { ms: ms - idle, read, composed };
  };
  const brand = await after(() => writeBrand(layered, 7, 'bubble_text: Edited'));
  const changed = directory.load().documents.filter(({ file }) => file.startsWith('client-7/'));
  printOrigins(directory, changed, print);
  const comment = await after(() => writeBrand(layered, 8, '# A comment.'));
  const base = await after(() =>
    writeFileSync(join(layered, '_base.yaml'), lines(shared, 'bubble_text: Hi')),
  );
  const told = ({ ms, composed, read }) =>
    `${ms.toFixed(0)} ms (${composed} composed, ${read} widget files read)`;
  print(
    `a fragment edited, beyond a look where nothing moved (${idle.toFixed(0)} ms): one that reaches 200 ${told(brand)}; its comment ${told(comment)}; one that reaches 10,000 ${told(base)}`,
  );
}

const nine = [
  ...['header_color', 'header_text_color', 'bubble_color', 'bubble_text', 'display_name'],
  ...['intro_message', 'style_params/bubble/size', 'attributes/locale', 'user_opening_messages/1'],
];

function printOrigins(directory, documents, print) {
  const { ms, made } = timed(() =>
    documents.flatMap(({ file, digest }) => {
      const composed = directory.compose(file, digest);
      return nine.map((pointer) => composed?.origin(`/${pointer}`) ?? null);
    }),
  );
  if (made.length !== 200 * 9 || made.includes(null)) throw new Error('an origin is missing');
  print(`origins of 9 fields of 200 changed widgets: ${ms.toFixed(0)} ms`);
}

function restart(layered, { tree }, print) {
  // The base was edited since.
  tree = openWidgetDirectory(layered, { notes: false }).load();
  const byDigest = new Map(tree.documents.map((document) => [document.digest, document]));
  const byId = new Map(tree.documents.map((document) => [document.widgetId, document.extends]));
  const recorded = {
    remember: (digest) => byDigest.get(digest),
    extendsOf: (widgetId) => byId.get(widgetId),
  };
  const files = tree.documents.map(({ file }) => join(layered, file));
  const ours = [];
  const bare = [];
  let parsed = 0;
  for (let round = 0; round < 3; round += 1) {
    bare.push(
      timed(() => {
        for (const file of files) createHash('sha256').update(readFileSync(file)).digest('hex');
      }).ms,
    );
    const again = opened(layered, recorded);
    ours.push(again.ms);
    const specs = new Map(tree.documents.map(({ file, spec }) => [file, spec]));
    parsed = again.tree.documents.filter(({ file, spec }) => specs.get(file) !== spec).length;
  }
  print(
    `restart with 10,000 records: first look ${median(ours).toFixed(0)} ms, read and SHA-256 ${median(bare).toFixed(0)} ms, ratio ${(median(ours) / median(bare)).toFixed(2)}; ${parsed} widget files parsed`,
  );
}

/** 20,000 drawn triples: each leaf in the layer that its origin names; and how often grouping would matter. */
function origins(print) {
  let seed = 1;
  const dice = (sides) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % sides;
  };
  const value = (depth) => {
    const kind = dice(depth > 2 ? 5 : 8);
    if (kind < 5) return [null, 1, 'x', [1], [{ a: 1 }]][kind];
    return object(depth + 1);
  };
  const object = (depth) =>
    Object.fromEntries(Array.from({ length: dice(4) }, () => ['abc'[dice(3)], value(depth)]));
  const leaves = (at, path = '') =>
    Object.entries(at).flatMap(([name, member]) =>
      typeof member === 'object' && member !== null && !Array.isArray(member)
        ? leaves(member, `${path}/${name}`)
        : [[`${path}/${name}`, member]],
    );
  const valueAt = (from, pointer) =>
    pointer
      .split('/')
      .slice(1)
      .reduce((at, name) => at?.[name], from);
  let wrong = 0;
  let count = 0;
  let grouped = 0;
  for (let n = 0; n < 20_000; n += 1) {
    const [a, b, c] = ['a', 'b', 'c'].map((file) => ({ file, value: object(0) }));
    const composed = composeLayers([a, b], [], c);
    for (const [pointer, member] of leaves(composed)) {
      count += 1;
      const { layer } = findOrigin([a, b], [], c, pointer) ?? {};
      if (layer === undefined || valueAt(layer.value, pointer) !== member) wrong += 1;
    }
    const right = { file: 'bc', value: composeLayers([b], [], c) };
    if (JSON.stringify(sorted(composeLayers([a], [], right))) !== JSON.stringify(sorted(composed)))
      grouped += 1;
  }
  print(
    `20,000 drawn triples: ${count} leaves, ${wrong} not where their origin says; ${grouped} would differ grouped from the right`,
  );
}

function sorted(value) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}
