// What the history says of a write is what the write has done, whatever was declared, applied and live before it,
// and also where only the read of the write itself has shown what was live.
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import type { JsonObject } from '../../src/base/json/json.ts';
import { equalJson } from '../../src/base/json/json.ts';
import { asJson } from '../../src/model/widget.ts';
import type { HistoryEntry } from '../../src/status/history-entry.ts';
import { law } from '../support/law.ts';
import { ModelAccount, type Read } from './model-account.ts';
import { shown } from './model-server.ts';
import { anyWorld, type World } from './worlds.ts';

interface Written {
  readonly entry: HistoryEntry;
  /** The widget as a read would have shown it, and as it is afterwards. */
  readonly before: JsonObject;
  readonly after: JsonObject;
}

/** Null where there is nothing to write. */
async function write(world: World, read: Read): Promise<Written | null> {
  const { server, live, applied, document, policy } = world;
  const account = new ModelAccount(server, { live, applied, nowMs: policy.nowMs });
  await account.pass({ document, policy, read, readForWrite: 'in time' });
  const [entry] = account.entries;
  if (entry === undefined) return null;
  return { entry, before: shown(server, live), after: account.live };
}

const anyRead = fc.constantFrom<Read>('in time', 'not at all');

/** Nothing, in any of its spellings: an API may leave it out or spell it anew. */
const nothing = [null, '', [], {}, false];
const isNothing = (value: JsonObject[string]) => nothing.some((one) => equalJson(one, value));

describe('an entry of the history', () => {
  law.prop([anyWorld, anyRead], { numRuns: 300 })(
    'has the values that stood there, and those that stand there now',
    async (world, read) => {
      const written = await write(world, read);
      if (written === null) return;
      const { entry, before, after } = written;
      expect(entry.isBeforeAsApplied).toBeUndefined();
      const names = Object.keys(entry.after ?? {});
      for (const name of names) {
        expect(entry.before?.[name], `${name} before`).toEqual(before[name]);
        if (world.server.tells !== 'all') continue;
        expect(entry.after?.[name], `${name} after`).toEqual(after[name]);
      }
      expect(names).toEqual(expect.arrayContaining(Object.keys(entry.before ?? {})));
      expect(Object.keys(entry.by ?? {}).sort()).toEqual([...entry.fields].sort());
    },
  );

  law.prop([anyWorld, anyRead], { numRuns: 300 })(
    'names every declared field that is otherwise afterwards',
    async (world, read) => {
      const written = await write(world, read);
      if (written === null) return;
      const { entry, after } = written;
      for (const name of Object.keys(asJson(world.document.spec))) {
        const [was = null, is = null] = [world.live[name], after[name]];
        if (equalJson(was, is) || isNothing(is)) continue;
        expect(Object.keys(entry.after ?? {}), name).toContain(name);
      }
    },
  );
});
