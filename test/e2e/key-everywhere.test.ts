// The API key stands wherever a file, a folder and a live widget can have it. Every command is run over
// that, and all that was printed and written is searched. A new output, a new command or a new file of
// the state belongs into this walk.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startServer } from '../api/loopback.ts';
import { git, initRepository } from '../documents/repository.ts';
import { notifyDirectory, signingSecret } from '../observe/notify/messages.ts';
import { writeFile } from '../support/command.ts';
import { fastClock } from '../support/fast-clock.ts';
import { everythingBelow, piecesOfKey, plantedKey, plantKey } from '../support/planted-key.ts';
import { runIn } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';
import { inSoak } from '../support/soak.ts';
import { startHere } from '../support/start-here.ts';
import { hasTerminal, startOnTerminal, terminalNote, withoutColours } from '../support/terminal.ts';
import { generousMs, openWorkspace, said, type Workspace } from '../support/workspace.ts';

/** Widgets 0 and 1 are sound; the key stands in what the account has of them, and of widget 2. */
async function openPlanted(): Promise<Workspace & { readonly planted: readonly string[] }> {
  const workspace = await openWorkspace({ widgets: 3, apiKey: plantedKey });
  const { cwd, sandbox, write } = workspace;
  const told = `Ask with ${plantedKey} or ${encodeURIComponent(plantedKey)}`;
  sandbox.edit(widgetId(0), { description: told, attributes: { [plantedKey]: plantedKey } });
  sandbox.edit(widgetId(1), { user_opening_messages: ['first', told, `${'x'.repeat(60)}${told}`] });
  sandbox.edit(widgetId(2), { display_name: plantedKey, name: plantedKey });
  write(0, 'first', 'description: ask\nattributes: {a: 1}\n');
  write(1, 'first', 'user_opening_messages: [second, third]\n');
  const planted = plantKey(join(cwd, 'widgets'), 10);
  writeFile(cwd, 'widgets/w2.yaml', `# ${plantedKey}\nwidget_id: ${widgetId(2)}\n`);
  initRepository(cwd);
  writeFile(cwd, '.gitignore', '.widget-sync\nimported\n');
  git(cwd, 'add', '--all');
  const author = `--author=Mia ${plantedKey} <mia@example.org>`;
  git(cwd, 'commit', '-q', author, '-m', `Ask with ${plantedKey}`);
  return { ...workspace, planted };
}

const trace = ['--log-level', 'trace'];

test('no command shows the key, and none leaves it in the state', {
  timeout: 180_000,
}, async () => {
  const { cwd, env, sandbox, planted, write, runHere, arrival } = await openPlanted();
  const api = ['--api-url', sandbox.url];
  const outputs: string[] = [];
  const command = async (words: readonly string[], given: Record<string, string> = env) => {
    const { stdout, stderr } = await runIn({ cwd, env: given }, words);
    outputs.push(`$ ${words.join(' ')}\n${stdout}${stderr}`);
    return stdout;
  };

  const problems = JSON.parse(await command(['validate', '--json'])).diagnostics;
  const held = new Set(
    problems.flatMap(({ code, file }: { code: string; file: string }) =>
      code === 'holds-key' ? [file] : [],
    ),
  );
  // Each of them is held for the key, whatever else is wrong with it.
  const shown = planted.map((name) => name.replaceAll(plantedKey, '[api key]'));
  expect([...held].sort()).toEqual([...shown, 'w2.yaml'].sort());

  await command(['validate']);
  await command(['plan', ...api, ...trace]);
  await command(['plan', '--json', ...api, ...trace]);
  await command(['plan', '--format', 'markdown', ...api, ...trace]);
  await command(['plan', '--sandbox']);
  await command(['apply', ...api, ...trace]);
  write(0, 'second', 'description: ask\nattributes: {a: 1}\n');
  await command(['apply', '--json', ...api, ...trace]);
  const daemon = runHere(...trace);
  await daemon.waitForLog(said('watching for edits'));
  write(0, 'third', 'description: ask\nattributes: {a: 2}\n');
  await arrival(0, 'third');
  await daemon.waitForLog(said('applied', 0));
  outputs.push(await command(['status', ...api], {}));
  daemon.signal('SIGTERM');
  const { stdout, stderr } = await daemon.finished;
  outputs.push(stdout + stderr);
  const commit = git(cwd, 'rev-parse', 'HEAD');
  expect(await command(['where', commit, ...api])).toContain('Ask with [api key] (Mia [api key],');
  await command(['where', commit, '--json', ...api]);
  // Nobody who only looks has a key.
  rmSync(join(cwd, 'widgets/w1.yaml'));
  await command(['forget', 'w1.yaml', ...api], {});
  // The words that ask for such a file hold the key as well, and are not an output.
  for (const file of planted) {
    const { stdout, stderr } = await runIn({ cwd, env: {} }, ['explain', file, ...api]);
    outputs.push(stdout + stderr);
  }
  const looking = [
    ['status', ...api],
    ['explain', 'w2.yaml', ...api],
  ];
  for (const words of [...looking, ['history'], ['history', '--full']]) {
    await command(words, {});
    await command([...words, '--json'], {});
  }
  await command(['import', 'imported', ...api, ...trace]);
  await command(['import', '--update', '--json', ...api, ...trace]);

  for (const output of outputs) expect(piecesOfKey(output), output).toEqual([]);
  const state = everythingBelow(join(cwd, '.widget-sync'));
  expect(state).toContain('[api key]');
  expect(state).toContain(`${widgetId(0)}.json`);
  expect(piecesOfKey(state)).toEqual([]);
  const imported = everythingBelow(join(cwd, 'imported'));
  expect(imported).toContain('first');
  expect(piecesOfKey(imported)).toEqual([]);
  expectDeclaredOnly(sandbox.requests);
});

/** A part of the address of each target, which is as secret as the key. */
const hook = 'T0a1-part-of-a-hook';

/** Two targets, one of which fails; both answer with all that they were sent. */
async function openTargets() {
  const { baseUrl, received } = await startServer((response, { requestLine, body }) =>
    response.writeHead(requestLine.includes('fails') ? 500 : 200).end(requestLine + body),
  );
  const files = notifyDirectory();
  files.write('url', `${baseUrl}/works/${hook}`);
  files.write('slack', `${baseUrl}/fails/${hook}`);
  files.write('secret', signingSecret);
  const types = '[widgets.applied, file.held, widget.orphaned]';
  files.write(
    'notify.yaml',
    `targets:
  - { to: webhook, url_file: url, secret_file: secret, events: ${types} }
  - { to: slack, url_file: slack, events: ${types} }
`,
  );
  const posted = () => received.map(({ headers, body }) => JSON.stringify(headers) + body);
  return { path: files.path, posted };
}

test('nobody is notified of the key or of an address, and neither stands in what is kept of it', {
  timeout: 60_000,
}, async () => {
  const { cwd, env, sandbox } = await openPlanted();
  const { path, posted } = await openTargets();
  const state = join(cwd, '.widget-sync');
  const place = ['--state', state, '--api-url', sandbox.url];
  const outputs: string[] = [];
  const command = async (words: readonly string[]) => {
    const { stdout, stderr } = await runIn({ cwd, env: {} }, words);
    outputs.push(`$ ${words.join(' ')}\n${stdout}${stderr}`);
  };
  await command(['notify', '--test', '--notify', path]);
  expect(outputs[0]).toContain('slack 2 (slack): failed, it answered 500');

  // What lasts is told after ten seconds.
  const clock = fastClock(20);
  const flags = ['--rate', '100/s', '--timeout', '1h', '--resync', 'off'];
  const words = ['run', join(cwd, 'widgets'), ...place, ...flags];
  const daemon = startHere([...words, '--notify', path, ...trace], env, clock);
  await daemon.waitForLog(said('applied', 1));
  const watching = [[], ['--json']].map((more) =>
    startHere(['status', '--watch', ...more, ...place], {}, clock),
  );
  rmSync(join(cwd, 'widgets/w1.yaml'));
  const kept = () => readFileSync(join(state, 'notified.json'), 'utf8');
  for (const type of ['widgets.applied', 'file.held', 'widget.orphaned']) {
    await expect.poll(() => posted().join('\n'), { timeout: generousMs }).toContain(`"${type}"`);
  }
  await expect.poll(kept, { timeout: generousMs }).toContain('"widget.orphaned"');
  for (const running of [...watching, daemon]) {
    running.signal('SIGTERM');
    const { stdout, stderr } = await running.finished;
    expect(stdout).not.toBe('');
    outputs.push(stdout + stderr);
  }

  await command(['forget', '--orphans', ...place]);
  await command(['forget', '--orphans', '--json', ...place]);
  await command(['forget', '--orphans', '--yes', ...place]);
  expect(outputs.at(-1)).toContain('w1.yaml');

  const stored = everythingBelow(state);
  expect(stored).toContain('"file.held"');
  expect(posted().join('\n')).toContain('[api key]');
  for (const text of [...outputs, ...posted(), stored]) {
    expect(piecesOfKey(text), text).toEqual([]);
    expect(text).not.toContain(hook);
    expect(text).not.toContain(signingSecret.slice('whsec_'.length));
  }
});

/** What git says was sent as it says it, and of all the rest nothing. */
function expectDeclaredOnly(requests: Workspace['sandbox']['requests']): void {
  const bodies = requests.filter(({ method }) => method === 'PUT');
  expect(new Set(bodies.map((request) => request.widgetId))).toEqual(
    new Set([widgetId(0), widgetId(1)]),
  );
  for (const { body } of bodies) expect(JSON.stringify(body)).not.toContain('[api key]');
  expect(bodies.at(-1)?.body).toMatchObject({ display_name: 'third', attributes: { a: 2 } });
}

/** The narrowest cuts the most words. */
const widths = inSoak ? [40, 80, 200] : [40];

test.skipIf(!hasTerminal).each(widths)(
  `on a terminal of %i columns no key is cut in two${terminalNote}`,
  { timeout: 120_000 },
  async (columns) => {
    const { cwd, env, sandbox } = await openPlanted();
    const api = ['--api-url', sandbox.url];
    for (const words of [
      ['validate'],
      ['plan', ...api],
      ['apply', ...api],
      ['status', ...api],
      ['history'],
      ['where', 'HEAD', ...api],
    ]) {
      const session = startOnTerminal(words, { cwd, env, columns });
      const { output } = await session.finished;
      expect(output).not.toBe('');
      expect(piecesOfKey(withoutLayout(output)), output).toEqual([]);
    }
  },
);

/** A key with a colour in the middle, or over the end of a line, is one all the same. */
function withoutLayout(output: string): string {
  return withoutColours(output).replace(/[\r\n ]/g, '');
}

test.each<[string, (place: { cwd: string; url: string }) => string[], string]>([
  ['a widget directory', () => ['apply', plantedKey], 'the path of the widget directory holds'],
  ['--api-url', ({ url }) => ['apply', '--api-url', `${url}/${plantedKey}`], '--api-url'],
])('%s that is named after the key is refused', async (_, words, reason) => {
  const { cwd, env, sandbox } = await openWorkspace({ widgets: 1, apiKey: plantedKey });
  mkdirSync(join(cwd, plantedKey));
  const { code, stderr, stdout } = await runIn({ cwd, env }, words({ cwd, url: sandbox.url }));
  expect(code).toBe(1);
  expect(stderr).toContain(reason);
  expect(piecesOfKey(stdout + stderr)).toEqual([]);
  expect(sandbox.requests).toEqual([]);
});

test.each([
  ['history', '--widget', plantedKey],
  ['import', '--only', plantedKey],
  ['status', '--state', plantedKey],
  ['plan', '--rate', plantedKey],
  ['validate', `nowhere/${plantedKey}`],
  ['sandbox', '--seed', plantedKey],
  ['sandbox', '--faults', plantedKey],
  [plantedKey],
  ['plan', `--${plantedKey}`],
  ['where', plantedKey],
  ['where', `${'x'.repeat(90)}${plantedKey}`],
])('an argument is not repeated where the key stands in it: %s %s', async (...words) => {
  const { cwd, env } = await openWorkspace({ widgets: 0, apiKey: plantedKey });
  initRepository(cwd);
  const { code, stdout, stderr } = await runIn({ cwd, env }, words);
  expect(code).toBe(words[0] === 'where' ? 2 : 1);
  expect(stderr).toContain('[api key]');
  expect(piecesOfKey(stdout + stderr)).toEqual([]);
});

test('a state directory that is named after the key is used, and named nowhere', async () => {
  const { cwd, env, sandbox } = await openWorkspace({ widgets: 1, apiKey: plantedKey });
  const place = ['--api-url', sandbox.url, '--state', plantedKey];
  const { code, stdout, stderr } = await runIn({ cwd, env }, ['apply', ...place, ...trace]);
  expect(code).toBe(0);
  expect(piecesOfKey(stdout + stderr)).toEqual([]);
  expect(piecesOfKey(everythingBelow(join(cwd, plantedKey)))).toEqual([]);
});

test('a short key stands in texts by chance: they are recorded, remembered and sent as they are', async () => {
  const { cwd, env, sandbox, write } = await openWorkspace({ widgets: 1, apiKey: 'in-one' });
  const place = ['--api-url', sandbox.url];
  const more =
    'description: "Main-one, in-one"\nattributes: {in-one: 1}\nsync: {ignore: [/style_params/in-one]}\n';
  write(0, 'built-in-one', more);
  expect((await runIn({ cwd, env }, ['apply', ...place])).code).toBe(0);
  const text = readFileSync(join(cwd, `.widget-sync/widgets/${widgetId(0)}.json`), 'utf8');
  const declared = { display_name: 'built-in-one', description: 'Main-one, in-one' };
  const record = JSON.parse(text);
  expect(record.spec).toMatchObject({ ...declared, attributes: { 'in-one': 1 } });
  expect(record.sync.ignore).toEqual(['/style_params/in-one']);
  // The file is not parsed again: what is sent now comes out of the record.
  sandbox.edit(widgetId(0), { description: 'moved' });
  expect((await runIn({ cwd, env }, ['apply', ...place])).code).toBe(0);
  expect(sandbox.widget(widgetId(0))).toMatchObject({ ...declared, attributes: { 'in-one': 1 } });
});
