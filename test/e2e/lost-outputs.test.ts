// What becomes of the work when what is said of it cannot be written: the disk is full, whoever read has
// left, the terminal was closed.
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { FaultHook } from '../../src/sandbox/faults/carry-out-fault.ts';
import { runCommand, startCommand, writeFile } from '../support/command.ts';
import { runHere } from '../support/program.ts';
import { waitFor, widgetId } from '../support/sandbox.ts';
import { inSoak } from '../support/soak.ts';
import { hasTerminal, startOnTerminal, terminalNote } from '../support/terminal.ts';
import { deferred, generousMs, openWorkspace } from '../support/workspace.ts';

const isLinux = process.platform === 'linux';
const workGoesOn = 'what was begun is finished all the same\n';
const noRoom = `widget-sync: stdout cannot be written (no space is left, ENOSPC): ${workGoesOn}`;
const noReader = `widget-sync: stdout cannot be written (its reader has left, EPIPE): ${workGoesOn}`;

/** A shell line in which `$@` is the command. */
const inShell = (line: string) => ['sh', '-c', line, 'sh'] as const;

/** Something to say of it in every command. */
async function appliedPlace(options: { onWrite?: FaultHook } = {}) {
  const workspace = await openWorkspace({ widgets: 2, ...options });
  const target = ['--api-url', workspace.sandbox.url, '--rate', '100/s'];
  await workspace.quickly('apply');
  return { ...workspace, target };
}

describe.skipIf(!isLinux)('a full disk', () => {
  test('under what a command prints is said in one line, and ends it with 1', async () => {
    const { cwd, env, target } = await appliedPlace();
    const through = inShell('exec "$@" > /dev/full');
    const others = [
      ['apply', ...target],
      ['import', ...target, '--json'],
      ['status', ...target.slice(0, 2), '--json'],
    ];
    for (const words of [['validate'], ['--help'], ...(inSoak ? others : [])]) {
      const ended = await runCommand(words, { cwd, env, through });
      expect(ended, words[0]).toEqual({ code: 1, stdout: '', stderr: noRoom });
    }
  });

  test('that takes the first half of a text is one, and what was begun is finished', async () => {
    const { cwd, env, target, write, sandbox } = await appliedPlace();
    write(1, 'second', `intro_message: ${'long '.repeat(3000)}\n`);
    // The limit of a file's size stands in for a small disk, which only root can make.
    const through = inShell('ulimit -f 8; exec "$@" > out');
    const ended = await runCommand(['plan', ...target, '--json'], { cwd, env, through });
    expect(ended).toMatchObject({
      code: 1,
      stderr: `widget-sync: stdout cannot be written (the file may not grow, EFBIG): ${workGoesOn}`,
    });
    expect(readFileSync(join(cwd, 'out'), 'utf8')).toMatch(/^\{\n/);

    const full = { cwd, env, through: inShell('exec "$@" > /dev/full') };
    expect((await runCommand(['apply', ...target], full)).code).toBe(1);
    expect(sandbox.widget(widgetId(1))?.['display_name']).toBe('second');
  });

  test('under what is said on stderr ends a command with 1, without a word', async () => {
    const { cwd, env, target, write, sandbox } = await appliedPlace();
    writeFile(cwd, 'widgets/broken.yaml', 'widget_id: 1\n');
    write(0, 'second');
    const through = inShell('exec "$@" 2> /dev/full');
    const ended = await runCommand(['apply', ...target, '--json'], { cwd, env, through });
    expect(ended).toMatchObject({ code: 1, stderr: '' });
    expect(ended.stdout).toMatch(/"type":"summary".*\n$/);
    expect(sandbox.widget(widgetId(0))?.['display_name']).toBe('second');

    const fine = await runCommand(['validate', '--help'], { cwd, env, through });
    expect(fine.code, 'nothing was to be said').toBe(0);
  });

  test('under the log is said once, and the daemon goes on', async () => {
    const { cwd, env, target, write, arrival } = await appliedPlace();
    const through = inShell('exec "$@" > /dev/full');
    const daemon = startCommand(['run', ...target, '--resync', 'off'], { cwd, env, through });
    for (const name of ['second', 'third']) {
      write(0, name);
      await arrival(0, name);
    }
    daemon.signal('SIGTERM');
    expect(await daemon.finished).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'widget-sync: the log cannot be written (no space is left, ENOSPC): the run goes on, its lines wait\n',
    });
  });
});

describe('a reader that has left', () => {
  test.each(inSoak ? [[], ['--json']] : [[]])('is told to plan in one line %j', async (...json) => {
    const { cwd, env, target } = await appliedPlace();
    const plan = startCommand(['plan', ...target, ...json], { cwd, env });
    plan.child.stdout?.destroy();
    expect(await plan.finished).toMatchObject({ code: 1, stderr: noReader });
  });

  test.each(inSoak ? [[], ['--json']] : [['--json']])(
    'does not keep apply from its work %j',
    async (...json) => {
      const onWrite: FaultHook = () => ({ kind: 'delay', delayMs: 200 });
      const { apply, writes, recorded } = await openWorkspace({ widgets: 3, onWrite });
      const command = apply('--concurrency', '1', ...json);
      command.child.stdout?.destroy();
      expect(await command.finished).toMatchObject({ code: 1, stderr: noReader });
      expect(writes().map(({ status }) => status)).toEqual([200, 200, 200]);
      expect([0, 1, 2].map(recorded)).toEqual(['first', 'first', 'first']);
    },
  );

  test('of both outputs is told to nobody, and nothing is left undone', async () => {
    const onWrite: FaultHook = () => ({ kind: 'delay', delayMs: 200 });
    const { cwd, apply, recorded } = await openWorkspace({ widgets: 2, onWrite });
    writeFile(cwd, 'widgets/broken.yaml', 'widget_id: 1\n');
    const command = apply('--concurrency', '1');
    command.child.stdout?.destroy();
    command.child.stderr?.destroy();
    expect((await command.finished).code).toBe(1);
    expect([0, 1].map(recorded)).toEqual(['first', 'first']);
  });

  test('of the log ends the daemon, once what is in flight has ended', async () => {
    const held = deferred();
    const { run, sandbox, writes, write, recorded } = await openWorkspace({
      widgets: 1,
      onWrite: () => held.promise.then(() => undefined),
    });
    const daemon = run();
    await waitFor(sandbox, () => writes().length === 1, generousMs);
    daemon.child.stdout?.destroy();
    // The next line finds nobody.
    write(0, 'first # and a comment');
    held.resolve();
    const { code, stderr } = await daemon.finished;
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'widget-sync: the log cannot be written (its reader has left, EPIPE): stopping\n',
    });
    expect(recorded(0)).toBe('first');
  });
});

describe.skipIf(!isLinux)('a reader that takes nothing', () => {
  const fill = 'mkfifo pipe; exec 3<>pipe; head -c 65536 /dev/zero >&3';
  const fullPipe = inShell(`${fill}; exec "$@" >&3`);

  async function daemonOnFullPipe() {
    const place = await appliedPlace();
    const { cwd, env, target, write, arrival } = place;
    const words = ['run', ...target, '--resync', 'off'];
    const daemon = startCommand(words, { cwd, env, through: fullPipe });
    for (const name of ['second', 'third']) {
      write(0, name);
      await arrival(0, name);
    }
    return { ...place, daemon };
  }

  test('of the log keeps the daemon neither from its work nor from its end', async () => {
    const { daemon } = await daemonOnFullPipe();
    daemon.signal('SIGTERM');
    expect(await daemon.finished).toMatchObject({
      code: 1,
      stderr: `widget-sync: the log cannot be written (its reader takes nothing, EAGAIN): ${workGoesOn}`,
    });
  });

  test('of the log for a while gets every line once it reads', async () => {
    const { daemon, cwd } = await daemonOnFullPipe();
    let text = '';
    const reader = createReadStream(join(cwd, 'pipe'), { encoding: 'utf8' });
    reader.on('data', (part) => {
      text += part;
    });
    const shown = () => /"msg":"applied".*"msg":"applied"/s.test(text);
    while (!shown()) await setTimeout(20);
    daemon.signal('SIGTERM');
    expect(await daemon.finished).toMatchObject({ code: 0, stderr: '' });
    while (!text.endsWith('"msg":"stopped"}\n')) await setTimeout(20);
    reader.destroy();
    const lines = text.replace(/^\0+/, '').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(
      expect.arrayContaining(['started', 'applied', 'stopped']),
    );
  });

  test('of the messages does not outlast the word to stop', async () => {
    const { cwd, env, target } = await appliedPlace();
    writeFile(cwd, 'widgets/broken.yaml', 'widget_id: 1\n');
    const through = inShell(`${fill}; exec "$@" 2>&3`);
    const command = startCommand(['apply', ...target, '--json'], { cwd, env, through });
    while (!command.stdout().includes('"summary"')) await setTimeout(20);
    command.signal('SIGTERM');
    expect((await command.finished).code).toBe(1);
  });
});

describe.skipIf(!hasTerminal)(`a terminal that is closed${terminalNote}`, () => {
  test('ends the daemon in it, once what is in flight has ended', async () => {
    const held = deferred();
    const { cwd, env, sandbox, writes, recorded } = await openWorkspace({
      widgets: 1,
      onWrite: () => held.promise.then(() => undefined),
    });
    const run = ['run', '--api-url', sandbox.url, '--resync', 'off'];
    const stderrTo = join(cwd, 'stderr');
    const session = startOnTerminal(run, { cwd, env, stderrTo });
    await waitFor(sandbox, () => writes().length === 1, generousMs);
    const { pid } = (await holder(cwd, env)) as { pid: number };
    session.close();
    held.resolve();
    const isThere = () => existsSync(`/proc/${pid}/exe`);
    await expect.poll(isThere, { timeout: generousMs, interval: 100 }).toBe(false);
    expect(recorded(0)).toBe('first');
    // Node 20 aborts when it exits without the terminal that it began with.
    expect(readFileSync(stderrTo, 'utf8')).not.toMatch(/assert|stack/i);
  });

  test('ends an apply in it, once what is in flight has ended', async () => {
    const held = deferred();
    const { cwd, env, sandbox, writes, recorded } = await openWorkspace({
      widgets: 3,
      onWrite: () => held.promise.then(() => undefined),
    });
    const apply = ['apply', '--api-url', sandbox.url, '--concurrency', '1'];
    const session = startOnTerminal(apply, { cwd, env });
    await waitFor(sandbox, () => writes().length === 1, generousMs);
    session.close();
    // Time for the signal to arrive; without it, two more would be sent.
    await setTimeout(500);
    held.resolve();
    await expect.poll(() => holder(cwd, env), { timeout: generousMs, interval: 100 }).toBe(null);
    expect(writes()).toHaveLength(1);
    expect([0, 1, 2].map(recorded).filter((name) => name === 'first')).toHaveLength(1);
  });
});

/** The process that has the state directory open. */
async function holder(cwd: string, env: Record<string, string>): Promise<unknown> {
  const state = ['--state', join(cwd, '.widget-sync')];
  const { stdout } = await runHere(['status', '--json', ...state], env);
  return JSON.parse(stdout).process;
}
