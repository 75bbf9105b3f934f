import { describe, expect, test } from 'vitest';
import { stateOptions } from '../../state/fixtures/state-options.ts';
import { apiError } from '../../support/changes.ts';
import { settle } from '../../support/fake-clock.ts';
import { LoopWorld, stateWith, yaml } from '../../support/loop-world.ts';
import { memoryState } from '../../support/memory-state.ts';
import { widgetId } from '../../support/sandbox.ts';

const two = { 'ava.yaml': yaml(1, 'Ava'), 'ben.yaml': yaml(2, 'Ben') };
const unreadable = apiError({ status: 405 });

describe('the first pass', () => {
  test('adopts what is live as git has it, and writes only the rest', async () => {
    const world = await LoopWorld.make(two);
    world.edit(1, { display_name: 'Ava' });
    await world.startAndApply(1);
    await world.until(() => world.state.records.size === 2);
    expect(world.puts).toEqual(['Ben']);
    expect(world.plans[0]?.adopted).toMatchObject([{ file: 'ava.yaml' }]);
  });

  test('holds what the account lacks, and sends it once it is there', async () => {
    const world = await LoopWorld.make({ ...two, 'new.yaml': yaml(77, 'New') });
    await world.startAndApply(2);
    expect(world.plans[0]?.held).toMatchObject([{ file: 'new.yaml', code: 'not-in-account' }]);
    world.account.set(widgetId(77), { id: widgetId(77), widget_type: 'chat' });
    world.due();
    await world.until(() => world.outcomes.length === 3);
    expect(world.puts).toEqual(['Ava', 'Ben', 'New']);
  });

  test('writes what keeps the fields that no file declares', async () => {
    const world = await LoopWorld.make(two);
    const bodies: unknown[] = [];
    world.answer = (body) => {
      bodies.push(body);
      return { httpStatus: 200, widget: null };
    };
    await world.startAndApply(2);
    expect(bodies[0]).toEqual({ widget_type: 'chat', name: 'live 1', display_name: 'Ava' });
  });
});

describe('a sweep', () => {
  test('follows the first pass, and finds what drifted while nobody looked', async () => {
    const world = await LoopWorld.make(two);
    await world.startAndApply(2);
    await world.loop.stop({ deadlineMs: 0 });
    const again = await LoopWorld.make(two, { change: () => ({ state: world.state }) });
    for (const [id, body] of world.account) again.account.set(id, body);
    again.edit(2, { display_name: 'Someone else' });
    await again.clock.advance(60_000);
    await again.startAndApply(1);
    expect(again.passes()).toEqual(['start', 'start']);
    expect(again.reads).toEqual(['list', 'get']);
    expect(again.puts).toEqual(['Ben']);
    expect(again.outcomes[0]?.change.reason).toBe('drifted');
  });

  test.each([
    ['the schedule', 'resync', (world: LoopWorld) => world.due()],
    ['a signal', 'signal', (world: LoopWorld) => world.loop.sweep('signal')],
  ])('that %s asks for reads everything and writes only what drifted', async (_, trigger, ask) => {
    const world = await LoopWorld.make(two);
    await world.startAndApply(2);
    await world.clock.advance(60_000);
    const before = world.reads.length;
    world.edit(1, { display_name: 'Someone else', bubble_text: 'theirs' });
    ask(world);
    await world.until(() => world.outcomes.length === 3);
    expect(world.reads.slice(before)).toEqual(['list', 'get']);
    expect(world.passes()).toEqual(['start', trigger]);
    expect(world.puts.slice(2)).toEqual(['Ava']);
    expect(world.account.get(widgetId(1))).toMatchObject({
      display_name: 'Ava',
      bubble_text: 'theirs',
    });
    ask(world);
    await world.until(() => world.passes().length === 3);
    expect(world.puts).toHaveLength(3);
  });

  test('does not hold up an edit that comes while it reads', async () => {
    const world = await LoopWorld.make(two, { concurrency: 2 });
    await world.startAndApply(2);
    let answered = () => {};
    let reads = 0;
    world.onRead = () => {
      reads += 1;
      return reads === 1
        ? new Promise((resolve) => {
            answered = resolve;
          })
        : undefined;
    };
    world.due();
    await world.until(() => reads === 1);
    world.write('ava.yaml', yaml(1, 'Ada'));
    world.hint();
    await world.clock.advance(250);
    await world.until(() => world.outcomes.length === 3);
    expect(world.puts.slice(2)).toEqual(['Ada']);
    expect(world.passes()).toEqual(['start', 'files']);
    answered();
    await world.until(() => world.passes().includes('resync'));
    expect(world.puts).toHaveLength(3);
  });

  test('that fails is tried again as the sweep it was, and loses nothing', async () => {
    const world = await LoopWorld.make(two);
    await world.startAndApply(2);
    await world.loop.stop({ deadlineMs: 0 });
    const again = await LoopWorld.make(two, { change: () => ({ state: world.state }) });
    for (const [id, body] of world.account) again.account.set(id, body);
    again.edit(1, { display_name: 'Someone else' });
    again.onRead = () => {
      throw apiError({ status: 503, retry: 'later' }, 'not now');
    };
    await again.clock.advance(60_000);
    await again.loop.start();
    await again.until(() => again.told.includes('ApiError start 1500'));
    again.onRead = () => {};
    expect(again.sweeps).toBe(0);
    await again.clock.advance(1500);
    await again.until(() => again.outcomes.length === 1);
    expect(again.sweeps).toBe(1);
    expect(again.puts).toEqual(['Ava']);
  });
});

test('what a sweep has found stands in later passes, until something is written', async () => {
  const world = await LoopWorld.make(two, {
    change: ({ policy }) => ({ policy: { ...policy, drift: 'report' } }),
  });
  await world.startAndApply(2);
  await world.clock.advance(60_000);
  world.edit(1, { display_name: 'Someone else' });
  world.due();
  await world.until(() => world.passes().includes('resync'));
  await world.clock.advance(30_000);
  expect(world.plans.at(-1)?.drifted).toMatchObject([{ file: 'ava.yaml', why: 'policy' }]);
  world.write('ava.yaml', yaml(1, 'Ada'));
  world.hint();
  await world.clock.advance(250);
  await world.until(() => world.outcomes.length === 3);
  await world.clock.advance(30_000);
  expect(world.plans.at(-1)?.drifted).toEqual([]);
  expect(world.puts).toEqual(['Ava', 'Ben', 'Ada']);
});

describe('an account that cannot be read', () => {
  test('is said once, and decided on by what was applied', async () => {
    const world = await LoopWorld.make(two);
    world.onRead = () => {
      throw unreadable;
    };
    await world.startAndApply(2);
    world.due();
    await world.until(() => world.outcomes.length === 4);
    world.write('ava.yaml', yaml(1, 'Ada'));
    world.hint();
    await world.clock.advance(250);
    await world.until(() => world.outcomes.length === 5);
    expect(world.told).toEqual(['unreadable', 'passed start', 'passed resync', 'passed files']);
    // At the start and by the resync.
    expect(world.reads).toEqual(['list', 'get', 'get', 'list', 'get', 'get']);
    expect(world.puts).toEqual(['Ava', 'Ben', 'Ava', 'Ben', 'Ada']);
  });

  test('is tried again with another key', async () => {
    const world = await LoopWorld.make(two);
    world.onRead = (key) => {
      if (key === 'in-first') throw apiError({ status: 403 });
    };
    await world.startAndApply(2);
    world.write('../key', 'in-second');
    await world.clock.advance(1000);
    await world.until(() => world.passes().includes('key'));
    world.due();
    await world.until(() => world.passes().includes('resync'));
    expect(world.reads).toEqual(['list', 'get', 'get', 'list', 'get']);
    expect(world.puts).toEqual(['Ava', 'Ben']);
  });

  test('is read by the next sweep once it can be, and nothing is sent blindly any more', async () => {
    const world = await LoopWorld.make(two);
    world.onRead = () => {
      throw unreadable;
    };
    await world.startAndApply(2);
    world.onRead = () => {};
    await world.clock.advance(60_000);
    world.edit(1, { display_name: 'Someone else', bubble_text: 'theirs' });
    world.due();
    await world.until(() => world.outcomes.length === 3);
    expect(world.told).toEqual(['unreadable', 'passed start', 'readable', 'passed resync']);
    expect(world.puts).toEqual(['Ava', 'Ben', 'Ava']);
    expect(world.bodies.at(-1)).toMatchObject({ name: 'live 1', bubble_text: 'theirs' });
  });
});

describe('an account that is refused after it was read', () => {
  const refuse = () => {
    throw apiError({ status: 403 }, 'not now');
  };
  const says = 'ApiError resync 1500';

  test('is not written blindly by a resync, which is tried again until it can be read', async () => {
    const world = await LoopWorld.make(two);
    await world.startAndApply(2);
    await world.clock.advance(60_000);
    world.edit(1, { display_name: 'Someone else', bubble_text: 'theirs' });
    world.onRead = refuse;
    world.due();
    await world.until(() => world.told.includes(says));
    expect(world.puts).toHaveLength(2);
    expect(world.told).not.toContain('unreadable');
    world.onRead = () => {};
    await world.clock.advance(1500);
    await world.until(() => world.outcomes.length === 3);
    expect(world.bodies.at(-1)).toMatchObject({ display_name: 'Ava', bubble_text: 'theirs' });
    expect(world.puts).toEqual(['Ava', 'Ben', 'Ava']);
  });

  test('holds an edit until it can be read', async () => {
    const world = await LoopWorld.make(two);
    await world.startAndApply(2);
    world.edit(1, { bubble_text: 'theirs' });
    world.onRead = refuse;
    world.write('ava.yaml', yaml(1, 'Ada'));
    world.hint();
    await world.clock.advance(250);
    await world.until(() => world.told.includes('ApiError files 1500'));
    expect(world.puts).toHaveLength(2);
    world.onRead = () => {};
    await world.clock.advance(1500);
    await world.until(() => world.outcomes.length === 3);
    expect(world.bodies.at(-1)).toMatchObject({ display_name: 'Ada', bubble_text: 'theirs' });
  });
});

test('a list that is refused costs nobody what single reads still tell', async () => {
  const world = await LoopWorld.make(two);
  world.onRead = (_key, what) => {
    if (what === 'list') throw unreadable;
  };
  await world.startAndApply(2);
  expect(world.told).toEqual(['passed start']);
  expect(world.reads).toEqual(['list', 'get', 'get']);
  expect(world.bodies).toMatchObject([{ name: 'live 1' }, { name: 'live 2' }]);
});

describe('a key that is refused when what is live is to be read', () => {
  const refuseFirst = (key: string) => {
    if (key === 'in-first') throw apiError({ status: 401, scope: 'account' });
  };

  test('halts everything, and the pass is made once the key is another', async () => {
    const world = await LoopWorld.make(two);
    world.onRead = refuseFirst;
    await world.loop.start();
    await world.until(() => world.told.includes('halted'));
    await world.clock.advance(120_000);
    expect(world.reads).toEqual(['list']);
    expect(world.puts).toEqual([]);
    world.write('../key', 'in-second');
    await world.clock.advance(1000);
    await world.until(() => world.outcomes.length === 2);
    expect(world.told.slice(0, 3)).toEqual(['halted', 'key changed', 'resumed']);
    expect(world.puts).toEqual(['Ava', 'Ben']);
  });

  test('does not keep the loop from being stopped', async () => {
    const world = await LoopWorld.make(two);
    world.onRead = refuseFirst;
    await world.loop.start();
    await world.until(() => world.told.includes('halted'));
    await world.clock.advance(31_000);
    await world.loop.stop({ deadlineMs: 10_000 });
    expect(world.puts).toEqual([]);
    expect(world.clock.sleeping).toBe(0);
    expect(world.bugs).toEqual([]);
  });
});

test('files are looked at again every 30 seconds or somewhat earlier, whatever the watcher says', async () => {
  const world = await LoopWorld.make(two);
  await world.startAndApply(2);
  world.write('ava.yaml', yaml(1, 'Ada'));
  await world.clock.advance(27_999);
  expect(world.rescans).toBe(0);
  await world.clock.advance(251);
  await world.until(() => world.outcomes.length === 3);
  expect(world.puts.at(-1)).toBe('Ada');
  await settle();
  await world.clock.advance(90_000);
  expect(world.rescans).toBe(4);
  expect(world.puts).toHaveLength(3);
});

test('a rescan that finds all as it was asks no record what is left to record; an edit has it asked', async () => {
  const inner = await memoryState().open(stateOptions('memory'));
  let asked = 0;
  const knownContent = (digest: string) => {
    asked += 1;
    return inner.knownContent(digest);
  };
  const world = await LoopWorld.make(two, { state: stateWith(inner, { knownContent }) });
  // Files that are younger than the look are read anew.
  const pastFiles = () => world.clock.step(Date.now() + 10_000 - world.clock.now().getTime());
  pastFiles();
  await world.startAndApply(2);
  const rescansUntil = async (count: number) => {
    while (world.rescans < count) {
      await world.clock.advance(1000);
      await settle();
    }
  };
  await rescansUntil(2);
  const before = asked;
  expect(before).toBeGreaterThan(0);
  await rescansUntil(4);
  expect(asked).toBe(before);

  // Other bytes of the same content: nothing is sent, and the record says which bytes they are.
  const { digest } = world.state.records.get(widgetId(1)) ?? {};
  world.write('ava.yaml', `# Ava\n${yaml(1, 'Ava')}`);
  pastFiles();
  await rescansUntil(6);
  expect(asked).toBeGreaterThan(before);
  expect(world.state.records.get(widgetId(1))?.digest).not.toBe(digest);
  expect(world.puts).toHaveLength(2);
});

test('a suspension ends at its time, without an edit', async () => {
  const suspended = `${yaml(2, 'Ben')}sync:\n  suspend: true\n  until: 2026-03-01T08:00:10Z\n`;
  const world = await LoopWorld.make({ ...two, 'ben.yaml': suspended });
  await world.startAndApply(1);
  await world.clock.advance(9_999);
  expect(world.puts).toEqual(['Ava']);
  await world.clock.advance(1);
  await world.until(() => world.outcomes.length === 2);
  expect(world.passes()).toEqual(['start', 'until']);
  expect(world.puts).toEqual(['Ava', 'Ben']);
});

// Once, a pass that read for long remembered anew what it had known before that.
test('what a sweep has read is not forgotten for a pass that reads meanwhile', async () => {
  const world = await LoopWorld.make(
    { 'ava.yaml': yaml(1, 'Ava'), 'ben.yaml': yaml(2, 'Ben') },
    { concurrency: 10 },
  );
  await world.startAndApply(2);
  await world.clock.advance(1000);
  world.loop.sweep('signal');
  await world.until(() => world.passes().at(-1) === 'signal');
  let answer = () => {};
  world.onRead = () => {
    world.onRead = () => {};
    return new Promise((resolve) => {
      answer = resolve;
    });
  };
  world.write('cleo.yaml', yaml(3, 'Cleo'));
  world.hint();
  const reads = world.reads.length;
  await world.clock.advance(250);
  await world.until(() => world.reads.length > reads);
  world.edit(2, { display_name: 'by hand' });
  const { sweeps } = world;
  world.loop.sweep('signal');
  await world.until(() => world.sweeps > sweeps);
  answer();
  await world.until(() => world.outcomes.length === 4);
  expect(world.puts.slice(2).sort()).toEqual(['Ben', 'Cleo']);
});
