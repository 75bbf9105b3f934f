// What holds over several passes, whatever the files say in turn, however late the reads come, and
// whatever the API tells of a write.
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json/json.ts';
import { fromPointer } from '../../src/base/json/json.ts';
import type { Plan } from '../../src/model/plan.ts';
import { isRespelling } from '../../src/model/unapplied-fields.ts';
import { asJson } from '../../src/model/widget.ts';
import { law } from '../support/law.ts';
import { nowMs } from './fixtures.ts';
import { type Look, ModelAccount } from './model-account.ts';
import { shownAs } from './model-server.ts';
import { anyStory, type Story } from './worlds.ts';

const runs = { numRuns: 500 };
const hourMs = 3_600_000;

interface Told {
  readonly account: ModelAccount;
  readonly plans: readonly Plan[];
  /** As the last chapter has it, and reads that come in time. */
  readonly calm: Look;
}

async function tell({ server, live, chapters }: Story): Promise<Told> {
  const account = new ModelAccount(server, { live, applied: null, nowMs });
  const plans: Plan[] = [];
  for (const { afterMs, touched, ...look } of chapters) {
    await account.clock.advance(afterMs);
    account.touch(touched);
    plans.push(await account.pass(look));
  }
  await account.clock.advance(hourMs);
  const last = chapters.at(-1);
  if (last === undefined) throw new Error('a story has chapters');
  return { account, plans, calm: { ...last, read: 'in time', isUnconfirmed: false } };
}

describe('once things are calm, whatever passes there were', () => {
  law.prop([anyStory], runs)('every field is what its story says', async (story) => {
    const { account, calm } = await tell(story);
    const before = account.live;
    for (const [name, values] of expectations(story)) {
      expect(values, name).toContainEqual(before[name]);
    }
    await account.pass(calm);
    expect(account.live).toEqual(before);
  });

  law.prop([anyStory], runs)('nothing is left to send, to record or to say', async (story) => {
    const { account, calm } = await tell(story);
    const { changes, drifted } = await account.pass(calm);
    // What was never confirmed is sent again.
    if (!isLossy(story)) expect({ changes, drifted }).toEqual({ changes: [], drifted: [] });
    await account.clock.advance(hourMs);
    if (changes.length > 0) await account.pass(calm);
    const settled = { changes: [], adopted: [], drifted: [], learned: [] };
    expect(account.plan(calm)).toMatchObject(settled);
  });
});

describe('whatever passes there were', () => {
  law.prop([anyStory], runs)('nobody is blamed who has done nothing', async (story) => {
    fc.pre(!isLossy(story));
    const { plans } = await tell(story);
    const blamed = plans.flatMap(({ changes, drifted }) => [
      ...changes.filter(({ reason }) => reason === 'drifted'),
      ...drifted,
    ]);
    expect(blamed).toEqual([]);
    const fields = plans.flatMap(({ changes }) => changes.flatMap((change) => change.fields));
    expect(fields.filter(({ by }) => by !== 'git')).toEqual([]);
  });

  law.prop([anyStory], runs)(
    'each content is sent once, and names what it changes',
    async (story) => {
      fc.pre(!isLossy(story));
      const { account, plans } = await tell(story);
      const { chapters } = story;
      const edits = chapters.filter(
        ({ document }, index) => document.hash !== chapters[index - 1]?.document.hash,
      );
      expect(account.sent.length).toBeLessThanOrEqual(edits.length);
      for (const { fields } of plans.flatMap(({ changes }) => changes)) {
        if (chapters.some(({ read }) => read === 'not at all')) continue;
        expect(fields).not.toEqual([]);
      }
    },
  );
});

function isLossy({ chapters }: Story): boolean {
  return chapters.some(({ isUnconfirmed }) => isUnconfirmed);
}

/** A write was not confirmed, and has not arrived, or the read that the next one is laid upon may hide it. */
function mayUndo(chapters: Story['chapters']): boolean {
  return (
    chapters.some(({ isUnconfirmed }) => isUnconfirmed) &&
    chapters.some((one) => one.isLost || readOf(one) === 'one write late')
  );
}

/** What its write is laid upon. */
function readOf({ read, readForWrite }: Look) {
  return read === 'not at all' ? readForWrite : read;
}

// The oracle knows what files said in turn, and nothing of plans and records.

const empty: Record<string, readonly Json[]> = {
  // Nothing is left in the spelling that it has.
  remove_branding: [false, null, ''],
  user_opening_messages: [[], null, ''],
  attributes: [{}, null, ''],
};

/** Every field that may be judged, with the values that it may have. */
function expectations({ server, live, released, chapters }: Story): [string, readonly Json[]][] {
  const last = chapters.at(-1)?.document;
  const ignored = new Set((last?.sync.ignore ?? []).map((pointer) => fromPointer(pointer)[0]));
  const touched: JsonObject = Object.assign({}, live, ...chapters.map((one) => one.touched));
  const names = Object.keys(live).filter((name) => !ignored.has(name) && name !== server.stubborn);
  return names.map((name) => {
    const declaring = chapters.filter(({ document }) => Object.hasOwn(document.spec, name));
    const value = asJson(declaring.at(-1)?.document.spec ?? ({} as never))[name];
    if (value === undefined) return [name, [touched[name] ?? null]];
    const isReleased = last !== undefined && !Object.hasOwn(last.spec, name);
    if (!isReleased) return [name, shownAs(server, value)];
    // A write that is laid upon a read which was too early to show an unconfirmed one undoes what that did.
    const confirmed = declaring.findLastIndex(({ isUnconfirmed }) => !isUnconfirmed);
    const undone = mayUndo(chapters) && confirmed === -1 ? [touched[name] ?? null] : [];
    if (released === 'reset') return [name, [...(empty[name] ?? [null, '']), ...undone]];
    const since = declaring.slice(mayUndo(chapters) ? Math.max(0, confirmed) : -1);
    const left = since.map(({ document }) => asJson(document.spec)[name] ?? null);
    // What the dashboard had before may pass for the unconfirmed value, where it is spelled much like it.
    const alike = [touched[name] ?? null].filter(
      (one) => mayUndo(chapters) && left.some((sent) => isRespelling(sent, one)),
    );
    return [name, [...left.flatMap((one) => shownAs(server, one)), ...undone, ...alike]];
  });
}
