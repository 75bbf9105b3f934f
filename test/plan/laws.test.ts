// What holds after one pass, whatever was declared, applied and live before it.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json/json.ts';
import { fromPointer, isJsonObject } from '../../src/base/json/json.ts';
import type { AppliedRecord } from '../../src/model/applied-record.ts';
import type { Plan, Policy } from '../../src/model/plan.ts';
import { asJson } from '../../src/model/widget.ts';
import { law } from '../support/law.ts';
import { documentOf, ignoring, nowMs } from './fixtures.ts';
import { ModelAccount } from './model-account.ts';
import { shownAs } from './model-server.ts';
import { anyWorld, type World } from './worlds.ts';

const runs = { numRuns: 300 };

interface Passed {
  readonly plan: Plan;
  readonly after: JsonObject;
  readonly record: AppliedRecord | null;
}

function accountOf({ server, live, applied, policy }: World): ModelAccount {
  return new ModelAccount(server, { live, applied, nowMs: policy.nowMs });
}

function planOf(world: World): Plan {
  const { document, policy } = world;
  return accountOf(world).plan({ document, policy, read: 'in time' });
}

async function pass(world: World): Promise<Passed> {
  const account = accountOf(world);
  const { document, policy } = world;
  const plan = await account.pass({ document, policy, read: 'in time' });
  return { plan, after: account.live, record: account.applied };
}

describe('after one pass', () => {
  law.prop([anyWorld], runs)('every declared value is what the API makes of it', async (world) => {
    const { after } = await pass(world);
    for (const [path, value] of declaredLeaves(world)) {
      if (path[0] === world.server.stubborn) continue;
      expect(shownAs(world.server, value), path.join('/')).toContainEqual(at(after, path));
    }
  });

  law.prop([anyWorld], runs)('a declared object has nothing else in it', async (world) => {
    const { after } = await pass(world);
    for (const path of leafPaths(after).filter(([name]) => isDeclared(world, name))) {
      if (path[0] === world.server.stubborn || isTouchedByIgnore(world, path)) continue;
      expect(at(asJson(world.document.spec), path), path.join('/')).toBeDefined();
    }
  });

  law.prop([anyWorld], runs)(
    'every field that is neither declared nor released is as it was',
    async (world) => {
      const { after } = await pass(world);
      for (const name of Object.keys(world.live)) {
        if (isDeclared(world, name) || isReleased(world, name)) continue;
        expect(after[name], name).toEqual(world.live[name]);
      }
    },
  );

  law.prop([anyWorld], runs)('every ignored value is as it was', async (world) => {
    const { after } = await pass(world);
    for (const path of ignoredPaths(world)) {
      expect(at(after, path), path.join('/')).toEqual(at(world.live, path));
    }
  });

  law.prop([anyWorld], runs)('every released field is set back', async (world) => {
    const { after } = await pass(world);
    for (const name of Object.keys(world.live)) {
      if (name === world.server.stubborn) continue;
      if (!isReleased(world, name) || isTouchedByIgnore(world, [name])) continue;
      expect(restingValues[name], name).toContainEqual(after[name]);
    }
  });

  law.prop([anyWorld], runs)('a second one has nothing to write or to record', async (world) => {
    const { after, record } = await pass(world);
    for (const ageMs of [1, 3_600_000]) {
      const policy: Policy = { ...world.policy, send: 'changed', nowMs: nowMs + ageMs };
      const again = planOf({ ...world, live: after, applied: record, policy });
      expect(again).toMatchObject({ changes: [], adopted: [], drifted: [] });
    }
  });

  law.prop([anyWorld], runs)(
    'a read that is too early to show the write changes nothing',
    async (world) => {
      const { plan, record } = await pass(world);
      if (plan.changes.length === 0) return;
      const policy: Policy = { ...world.policy, send: 'changed', nowMs: nowMs + 1 };
      expect(planOf({ ...world, applied: record, policy })).toMatchObject({
        changes: [],
        adopted: [],
      });
    },
  );
});

describe('where an ignored place is in a list', () => {
  const withLists = fc
    .tuple(anyWorld, fc.constantFrom<Json[]>([], ['a'], [{ w: 1 }]), fc.boolean())
    .map(([world, list, isDeclared]): World => {
      const { document, live } = world;
      const spec = asJson(document.spec);
      const size = isDeclared ? { style_params: { kind: 'A', size: list } } : {};
      const body = documentOf(1, { ...spec, ...size });
      return {
        ...world,
        document: ignoring(body, '/style_params/size/w', '/style_params/size/0'),
        live: isDeclared ? live : { ...live, style_params: { kind: 'b', size: list } },
      };
    });

  law.prop([withLists], runs)('nothing differs that is called equal', async (world) => {
    const { plan, after } = await pass(world);
    if (plan.held.length > 0) {
      expect(plan.held).toMatchObject([{ code: 'ignored-in-list' }]);
      expect(after).toEqual(world.live);
      return;
    }
    const declared = at(asJson(world.document.spec), ['style_params', 'size']);
    const inLists = Array.isArray(declared) || Array.isArray(at(after, ['style_params', 'size']));
    if (declared === undefined || !inLists || world.server.stubborn === 'style_params') return;
    expect(shownAs(world.server, declared)).toContainEqual(at(after, ['style_params', 'size']));
  });
});

describe('a plan', () => {
  law.prop([anyWorld], runs)('changes exactly the fields that it names', async (world) => {
    const { plan, after } = await pass(world);
    const named = (plan.changes[0]?.fields ?? []).map(({ path }) => fromPointer(path)[0]);
    for (const name of Object.keys(world.live)) {
      if (isDeepStrictEqual(after[name], world.live[name])) continue;
      // Nothing, as the API shows it where it would not take it.
      const before = world.live[name] as Json;
      if (shownAs(world.server, after[name] as Json).includes(before)) continue;
      expect(named).toContain(name);
    }
  });

  law.prop([anyWorld], runs)('blames the dashboard for nothing that was never applied', (world) => {
    const { changes } = planOf({ ...world, applied: null });
    for (const { by } of changes.flatMap(({ fields }) => fields)) expect(by).toBe('git');
  });
});

// The oracle below knows bodies and pointers only, and nothing of how a plan is made.

const restingValues: Record<string, readonly Json[]> = {
  name: [null, ''],
  bubble_text: [null, ''],
  style_params: [null, ''],
  // Nothing is left in the spelling that it has.
  remove_branding: [false, null, ''],
  user_opening_messages: [[], null, ''],
  attributes: [{}, null, ''],
};

function isDeclared({ document }: World, name = ''): boolean {
  return Object.hasOwn(document.spec, name);
}

function isReleased({ document, applied, policy }: World, name: string): boolean {
  if (policy.released === 'leave' || applied === null) return false;
  return Object.hasOwn(applied.spec, name) && !Object.hasOwn(document.spec, name);
}

function declaredLeaves(world: World): [string[], Json][] {
  const spec = asJson(world.document.spec);
  return leafPaths(spec)
    .filter((path) => !isTouchedByIgnore(world, path))
    .map((path) => [path, at(spec, path) as Json]);
}

/** At, below or above an ignored place. */
function isTouchedByIgnore(world: World, path: readonly string[]): boolean {
  return ignoredPaths(world).some((ignored) =>
    ignored.every((key, index) => path[index] === undefined || path[index] === key),
  );
}

function ignoredPaths({ document }: World): string[][] {
  return document.sync.ignore.map(fromPointer);
}

function leafPaths(value: Json | undefined, parents: string[] = []): string[][] {
  const entries = isJsonObject(value) ? Object.entries(value) : [];
  if (entries.length === 0) return [parents];
  return entries.flatMap(([key, item]) => leafPaths(item, [...parents, key]));
}

function at(body: Json | undefined, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (value, key) => (isJsonObject(value) ? value[key] : undefined),
    body,
  );
}
