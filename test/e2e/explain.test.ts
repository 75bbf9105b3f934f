// Each gate stops a widget in a daemon that runs, and `explain` says the sentence that a person reads.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Fault, FaultHook } from '../../src/sandbox/faults/carry-out-fault.ts';
import { writeFile } from '../support/command.ts';
import { type ExplainOutput, readExplainJson } from '../support/json-shapes.ts';
import { runHere } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';
import {
  askEveryMs,
  generousMs,
  openWorkspace,
  said,
  type Workspace,
} from '../support/workspace.ts';

const time = String.raw`(?:\d{4}-\d\d-\d\dT)?\d\d:\d\d:\d\dZ`;

interface WorldOptions {
  /** So many widgets have a file, and are applied. The account has one more. */
  readonly widgets?: number;
  readonly flags?: readonly string[];
}

/** A daemon that has applied its widgets, and an API that does as the test says from then on. */
async function startWorld({ widgets = 2, flags = [] }: WorldOptions = {}) {
  const faults: { writes: FaultHook; reads: FaultHook } = {
    writes: () => undefined,
    reads: () => undefined,
  };
  const workspace = await openWorkspace({
    widgets: widgets + 1,
    onRequest: (request) => faults.reads(request),
    onWrite: (request) => faults.writes(request),
  });
  rmSync(join(workspace.cwd, `widgets/w${widgets}.yaml`));
  const daemon = workspace.runHere('--watch', 'poll', '--poll-interval', '100ms', ...flags);
  for (let n = 0; n < widgets; n += 1) await daemon.waitForLog(said('applied', n));
  return { ...workspace, daemon, faults };
}

function explainIn({ cwd }: Pick<Workspace, 'cwd'>, widget: string, ...flags: string[]) {
  return runHere(['explain', widget, '--state', join(cwd, '.widget-sync'), ...flags]);
}

/** Waits until the first line is the sentence; gives the whole as JSON. */
async function told(
  workspace: Pick<Workspace, 'cwd'>,
  widget: string,
  sentence: RegExp,
): Promise<ExplainOutput> {
  const first = async () => (await explainIn(workspace, widget)).stdout.split('\n')[0];
  await expect.poll(first, { timeout: generousMs, interval: askEveryMs }).toMatch(sentence);
  const json = readExplainJson((await explainIn(workspace, widget, '--json')).stdout);
  return json;
}

function sentence(file: string, says: string): RegExp {
  return new RegExp(`^${file.replace('.', '\\.')} ${says}$`);
}

/**
 * The widget stands at that gate: nothing behind it was reached. What stops it counts more than a wait
 * before.
 */
function expectGate(explanation: ExplainOutput, gate: string, state: string): void {
  expect(explanation.verdict).toMatchObject({ gate, state });
  const at = explanation.gates.findIndex((one) => one.gate === gate);
  expect(explanation.gates[at]).toMatchObject({ state });
  const open = ['passed', 'unknown', 'not-reached', ...(state === 'stopped' ? ['waits'] : [])];
  for (const one of explanation.gates.slice(0, at)) expect(open).toContain(one.state);
  for (const one of explanation.gates.slice(at + 1)) expect(one.state).toBe('not-reached');
}

async function expectCode(workspace: Workspace, widget: string, code: number): Promise<void> {
  expect((await explainIn(workspace, widget)).code, widget).toBe(code);
}

const dir = String.raw`\S+/widgets`;
/** The API is not the usual one, which commands that ask or send would take. */
const account = String.raw`--state \S+ --api-url http://127\.0\.0\.1:\d+`;

/** Runs what a person is told to type, as it stands there: the last command that is named. */
function follow(world: Workspace, { verdict }: ExplainOutput) {
  const [, words = ''] =
    /.* widget-sync (.*?)(?:\.|, or .*| tells .*)?$/.exec(verdict.do ?? '') ?? [];
  return runHere(words.split(' '), world.env);
}

interface Stop {
  readonly gate: string;
  readonly state: 'stopped' | 'waits';
  readonly code: 0 | 1;
  /** What `explain` says of the file, behind its name. */
  readonly says: string;
}

describe('explain names the gate', () => {
  test('of files of every fate', async () => {
    const world = await startWorld({ widgets: 7 });
    const { cwd, write } = world;
    rmSync(join(cwd, 'widgets/w0.yaml'));
    writeFileSync(join(cwd, 'widgets/w1.yaml'), Buffer.from([0x61, 0xff, 0xfe]));
    writeFile(cwd, 'widgets/w2.yaml', 'widget_type: chat\nname: "open\n');
    writeFile(cwd, 'widgets/copy.yaml', `widget_id: ${widgetId(3)}\nwidget_type: chat\n`);
    write(4, 'second', 'sync: {suspend: true, reason: a campaign runs}\n');
    write(5, 'second', 'sync: {suspend: true, until: "2099-01-02T03:04:05Z"}\n');
    writeFile(cwd, 'widgets/w6.yaml', `widget_id: ${widgetId(404)}\nwidget_type: chat\n`);
    const stops: Record<string, Stop> = {
      'w0.yaml': {
        ...{ gate: 'files', state: 'stopped', code: 0 },
        says: String.raw`is not live: no file declares the widget any more, and it stays as it is in the account; put the file back, or let its record go: widget-sync forget 00000000 ${account}\.`,
      },
      'w1.yaml': {
        ...{ gate: 'read', state: 'stopped', code: 1 },
        says: String.raw`is not live: not-utf8: .*; make w1\.yaml readable as a text\.`,
      },
      'w2.yaml': {
        ...{ gate: 'valid', state: 'stopped', code: 1 },
        says: String.raw`is not live: w2\.yaml, line \d: .* \(yaml-syntax\); mend it; widget-sync validate ${dir} tells when it is well\.`,
      },
      'w3.yaml': {
        ...{ gate: 'alone', state: 'stopped', code: 1 },
        says: String.raw`is not live: copy\.yaml too declares the widget ${widgetId(3)} \(duplicate-id\); keep one of the files: delete the other, or give it a widget_id of its own\.`,
      },
      'copy.yaml': {
        ...{ gate: 'alone', state: 'stopped', code: 1 },
        says: String.raw`is not live: w3\.yaml too declares the widget ${widgetId(3)} \(duplicate-id\); .*\.`,
      },
      'w4.yaml': {
        ...{ gate: 'suspended', state: 'stopped', code: 0 },
        says: String.raw`is suspended: a campaign runs; take sync\.suspend out of w4\.yaml once it may go\.`,
      },
      'w5.yaml': {
        ...{ gate: 'suspended', state: 'waits', code: 0 },
        says: String.raw`is suspended: .*2099-01-02T03:04:05.*; take sync\.suspend out of w5\.yaml to have it sooner\.`,
      },
      'w6.yaml': {
        ...{ gate: 'account', state: 'stopped', code: 1 },
        says: String.raw`is not live: .*; correct its widget_id, or make the widget in the dashboard first\.`,
      },
      'w9.yaml': {
        ...{ gate: 'files', state: 'stopped', code: 1 },
        says: String.raw`is not live: the last look at ${time} found 7 files in ${dir}, and not w9\.yaml; see that it is committed, pushed and below ${dir}, and that its name ends with \.yaml\.`,
      },
    };
    for (const [file, { gate, state, code, says }] of Object.entries(stops)) {
      expectGate(await told(world, file, sentence(file, says)), gate, state);
      await expectCode(world, file, code);
    }
    const check = await follow(
      world,
      readExplainJson((await explainIn(world, 'w2.yaml', '--json')).stdout),
    );
    expect(check).toMatchObject({ code: 1, stdout: expect.stringContaining('yaml-syntax') });
    const go = await follow(
      world,
      readExplainJson((await explainIn(world, 'w0.yaml', '--json')).stdout),
    );
    expect(go).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Forgot w0\.yaml /) });
  });

  test('of a directory that is gone', async () => {
    const world = await startWorld();
    rmSync(join(world.cwd, 'widgets'), { recursive: true });
    const says = String.raw`is not live: the files cannot be believed since ${time}: .*; bring the files in ${dir} back\.`;
    expectGate(await told(world, 'w0.yaml', sentence('w0.yaml', says)), 'files', 'stopped');
    await expectCode(world, 'w0.yaml', 1);
  });

  test('of what is live', async () => {
    const world = await startWorld();
    const waits = String.raw`is live since ${time}: no read has shown it yet, and none is planned; nothing to do\.`;
    const written = await told(world, 'w0.yaml', sentence('w0.yaml', waits));
    expectGate(written, 'seen', 'waits');
    expect(written.live).toMatchObject({ came_by: 'write' });
    expect(written.gates.find(({ gate }) => gate === 'applied')?.says).toMatch(/^nothing differs/);
    expect(written.gates.find(({ gate }) => gate === 'live')?.says).toMatch(/^nothing differs/);
    await expectCode(world, 'w0.yaml', 0);

    world.sandbox.edit(widgetId(2), { widget_type: 'chat', display_name: 'theirs' });
    world.write(2, 'theirs');
    const says = String.raw`is live since ${time}\.`;
    const adopted = await told(world, 'w2.yaml', sentence('w2.yaml', says));
    expect(adopted.verdict).toMatchObject({ gate: null, state: 'passed' });
    expect(adopted.live).toMatchObject({ came_by: 'adoption' });
  });

  test('of drift that is only reported', async () => {
    const world = await startWorld({ flags: ['--drift', 'report'] });
    world.sandbox.edit(widgetId(0), { widget_type: 'chat', display_name: 'theirs' });
    world.daemon.signal('SIGHUP');
    const says = String.raw`is not live as declared: display_name was changed in the dashboard, and that is only reported; take it over with widget-sync import ${dir} --update --only 00000000 ${account}, or declare sync: \{drift: correct\}\.`;
    const explanation = await told(world, 'w0.yaml', sentence('w0.yaml', says));
    expectGate(explanation, 'drift', 'stopped');
    await expectCode(world, 'w0.yaml', 0);
    expect(await follow(world, explanation)).toMatchObject({ code: 0 });
    expect(readFileSync(join(world.cwd, 'widgets/w0.yaml'), 'utf8')).toContain('theirs');
  });

  test('of drift that is fought over', async () => {
    const world = await startWorld();
    const theirs = (n: number) => {
      world.sandbox.edit(widgetId(0), { widget_type: 'chat', display_name: `theirs ${n}` });
      world.daemon.signal('SIGHUP');
    };
    for (const n of [1, 2]) {
      theirs(n);
      await world.arrival(0, 'first');
      await expect.poll(() => world.writes(0).length, { timeout: generousMs }).toBe(1 + n);
    }
    theirs(3);
    const says = String.raw`is not live as declared: display_name was changed in the dashboard again and again: corrected from ${time} on; see who edits it there; take it over with widget-sync import ${dir} --update --only 00000000 ${account}, or leave it to the dashboard: sync: \{ignore: \["/display_name"\]\}\.`;
    expectGate(await told(world, 'w0.yaml', sentence('w0.yaml', says)), 'drift', 'waits');
    await expectCode(world, 'w0.yaml', 0);
    // What it advises ends it: the field is the dashboard's from then on.
    world.write(0, 'first', 'sync: {ignore: ["/display_name"]}\n');
    await told(world, 'w0.yaml', /^w0\.yaml is live /);
  });

  test('of a live widget that is too deep to be compared', async () => {
    const world = await startWorld();
    const attributes = JSON.parse(`${'{"a":'.repeat(300)}1${'}'.repeat(300)}`);
    world.sandbox.edit(widgetId(0), { widget_type: 'chat', display_name: 'first', attributes });
    world.write(0, 'second');
    const says = String.raw`is not live: .*deep.*; make the live widget flatter in the dashboard\.`;
    expectGate(await told(world, 'w0.yaml', sentence('w0.yaml', says)), 'live', 'stopped');
    await expectCode(world, 'w0.yaml', 1);
  });

  test('of a plan that changes too much', async () => {
    const world = await startWorld({ flags: ['--max-changes', '2'] });
    for (const n of [0, 1, 2]) world.write(n, 'second');
    const says = String.raw`is not live: 3 widgets would change, and --max-changes allows 2; look at widget-sync plan ${dir} ${account}, and if it is meant: widget-sync apply ${dir} --checksum [0-9a-f]{64} ${account}\.`;
    const explanation = await told(world, 'w0.yaml', sentence('w0.yaml', says));
    expectGate(explanation, 'limit', 'stopped');
    await expectCode(world, 'w0.yaml', 1);
    expect(await follow(world, explanation)).toMatchObject({ code: 0 });
    for (const n of [0, 1, 2]) await world.arrival(n, 'second');
  });

  test('of writes of every fate', async () => {
    const world = await startWorld({ widgets: 4 });
    const detail = [{ loc: ['body', 'display_name'], msg: 'too dull', type: 'value_error' }];
    const fates = new Map<string | null, Fault>([
      [widgetId(0), { kind: 'answer', status: 503 }],
      [widgetId(1), { kind: 'hang' }],
      [widgetId(2), { kind: 'answer', status: 422, body: { detail } }],
      [widgetId(3), { kind: 'not-stored', echo: 'unchanged' }],
    ]);
    world.faults.writes = ({ widgetId: id }) => fates.get(id);
    for (const n of [0, 1, 2, 3]) world.write(n, 'second');
    const stops: Record<string, Stop> = {
      'w2.yaml': {
        ...{ gate: 'answered', state: 'stopped', code: 1 },
        says: String.raw`is not live: .*422.*too dull.*; mend w2\.yaml, line 3; the same content is not sent again before a full resync or SIGHUP\.`,
      },
      'w1.yaml': {
        ...{ gate: 'answered', state: 'waits', code: 0 },
        says: String.raw`is not live yet: the request is under way, and no answer has come yet; nothing to do\.`,
      },
      'w3.yaml': {
        ...{ gate: 'confirmed', state: 'stopped', code: 1 },
        says: String.raw`is not live as declared: the API confirmed the write and keeps display_name "second" → "first"; declare in w3\.yaml what the API keeps, or ask its makers\.`,
      },
      'w0.yaml': {
        ...{ gate: 'queue', state: 'waits', code: 0 },
        says: String.raw`is not live yet: tried (?:once|\d times): .*503.*; the next try is at ${time}; nothing to do\.`,
      },
    };
    for (const [file, { gate, state, code, says }] of Object.entries(stops)) {
      expectGate(await told(world, file, sentence(file, says)), gate, state);
      await expectCode(world, file, code);
    }
    fates.clear();
    await world.sandbox.close();
  });

  test('of a wait that the API asks for, and of a process that ended before it was over', async () => {
    const world = await startWorld();
    const headers = { 'retry-after': '600' };
    world.faults.writes = () => ({ kind: 'answer', status: 429, headers });
    world.write(0, 'second');
    const waits = String.raw`is not live yet: the API asks to wait until ${time} \(Retry-After\); nothing to do\.`;
    const waiting = await told(world, 'w0.yaml', sentence('w0.yaml', waits));
    expectGate(waiting, 'rate', 'waits');
    const leftMs = Date.parse(waiting.verdict.until ?? '') - Date.now();
    expect(leftMs).toBeGreaterThan(500_000);
    expect(leftMs).toBeLessThan(601_000);

    world.daemon.signal('SIGTERM');
    await world.daemon.finished;
    const ends = String.raw`is not live: the process ended before it was sent; send it: widget-sync run ${dir} ${account}\.`;
    expectGate(await told(world, 'w0.yaml', sentence('w0.yaml', ends)), 'sent', 'stopped');
    await expectCode(world, 'w0.yaml', 1);
  });

  test('of a service that is down', async () => {
    const world = await startWorld();
    world.faults.writes = () => ({ kind: 'answer', status: 503 });
    world.faults.reads = world.faults.writes;
    for (const n of [0, 1]) world.write(n, 'second');
    const says = String.raw`is not live yet: the service has been failing since \S+, one request at a time tries it.*; nothing to do\.`;
    expectGate(await told(world, 'w0.yaml', sentence('w0.yaml', says)), 'service', 'waits');
    await expectCode(world, 'w0.yaml', 0);
  });

  test('of a key that is refused before a plan could be made', async () => {
    const world = await startWorld();
    world.faults.reads = () => ({ kind: 'answer', status: 401 });
    world.faults.writes = world.faults.reads;
    world.write(0, 'second');
    const says = String.raw`is not live: the API refuses the key: .*401.*; put another key there: .*\.`;
    expectGate(await told(world, 'w0.yaml', sentence('w0.yaml', says)), 'key', 'stopped');
    await expectCode(world, 'w0.yaml', 1);
  });

  test('of a refused key', async () => {
    const world = await startWorld({ flags: ['--live', 'off'] });
    world.faults.writes = () => ({ kind: 'answer', status: 401 });
    world.write(0, 'second');
    const says = String.raw`is not live: the API refuses the key: .*401.*; put another key there: the daemon reads one in a file within a second.*\.`;
    expectGate(await told(world, 'w0.yaml', sentence('w0.yaml', says)), 'key', 'stopped');
    await expectCode(world, 'w0.yaml', 1);
  });
});

describe('after kill -9', () => {
  test('the daemon is what stops, and what stopped the widget is still named', async () => {
    const world = await openWorkspace({ widgets: 2 });
    const daemon = world.run();
    for (const n of [0, 1]) await daemon.waitForLog(said('applied', n));
    writeFile(world.cwd, 'widgets/w1.yaml', `widget_id: ${widgetId(1)}\nwidget_type: [\n`);
    await told(world, 'w1.yaml', /yaml-syntax/);
    daemon.signal('SIGKILL');
    await daemon.finished;

    const gone = `^w0\\.yaml is not looked at: the daemon does not run any more \\(last seen to work at ${time}\\); start it: widget-sync run \\S+ ${account}\\.$`;
    const explanation = await told(world, 'w0.yaml', new RegExp(gone));
    expect(explanation).toMatchObject({ daemon: 'gone', verdict: { gate: 'daemon' } });
    expect(explanation.live).toMatchObject({ came_by: 'write' });
    expect((await explainIn(world, 'w0.yaml')).code).toBe(1);

    const broken = await told(
      world,
      'w1.yaml',
      /^w1\.yaml is not live: w1\.yaml, line 2: .*yaml-syntax/,
    );
    expect(broken.verdict.gate).toBe('valid');
    expect((await explainIn(world, 'w1.yaml')).stdout).toContain('Also: the daemon does not run');
  });
});

describe('the words that name a widget', () => {
  test('may be its file, its id, the beginning of it, or its name', async () => {
    const world = await startWorld();
    await told(world, 'w0.yaml', /is live/);
    for (const words of ['./w0.yaml', widgetId(0), widgetId(0).toUpperCase()]) {
      expect((await explainIn(world, words)).stdout).toMatch(/^w0\.yaml is live/);
    }
    expect((await explainIn(world, widgetId(1).slice(0, 8))).stdout).toMatch(/^w1\.yaml is live/);
    const several = await explainIn(world, 'FIRST');
    expect(several).toMatchObject({ code: 2, stdout: '' });
    expect(several.stderr).toBe(
      'widget-sync: FIRST means 2 widgets, name one of them by its id or its file: w0.yaml (00000000), w1.yaml (00000001)\n',
    );
    const unnamed = await runHere(['explain', '--state', join(world.cwd, '.widget-sync')]);
    expect(unnamed).toMatchObject({ code: 2, stdout: '' });
    expect(unnamed.stderr).toMatch(/^widget-sync: name the widget to explain: its file, its id/);
    const none = await explainIn(world, 'nobody');
    expect(none).toMatchObject({ code: 2, stdout: '' });
    expect(none.stderr).toMatch(/^widget-sync: no widget is known by the file, id or name nobody/);
  });
});
