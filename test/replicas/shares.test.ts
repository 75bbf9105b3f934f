import { describe, expect, test } from 'vitest';
import { ownerOf } from '../../src/replicas/rendezvous.ts';
import { replicaRules } from '../../src/replicas/replica.ts';
import type { Beat, LivingSession, UnheldAccount } from '../../src/replicas/replica-store.ts';
import { Shares } from '../../src/replicas/shares.ts';

const names = Array.from({ length: 40 }, (_, n) => `account-${n}`);
const wanted = new Set(names);
const nothing: ReadonlySet<string> = new Set();

const session = (replica: string, command: 'run' | 'apply' = 'run'): LivingSession => ({
  ...{ number: `of ${replica}`, replica, host: 'here', pid: 1, version: '1', command },
});
const free = (name: string, last: UnheldAccount['last'] = null): UnheldAccount => ({ name, last });
const beatOf = (living: string[], unheld: UnheldAccount[]): Beat => ({
  sessions: living.map((replica) => session(replica)),
  unheld,
});

const ownedBy = (replica: string, living: string[]) =>
  names.filter((name) => ownerOf(name, living) === replica);

function look(beat: Beat, nowMs = 0, held = nothing) {
  return { beat, nowMs, wanted, held };
}

/** It has looked once, and seen nothing. */
function newShares(): Shares {
  const shares = new Shares('me', replicaRules);
  shares.toClaim({ ...look(beatOf(['me'], [])), wanted: nothing });
  return shares;
}

describe('what is claimed', () => {
  test('its own share at once, and no other', () => {
    const beat = beatOf(
      ['me', 'other'],
      names.map((name) => free(name)),
    );
    expect(newShares().toClaim(look(beat))).toEqual(ownedBy('me', ['me', 'other']));
  });

  test('nothing at the first look of all: others may be about to come', () => {
    const shares = new Shares('me', replicaRules);
    const beat = beatOf(
      ['me'],
      names.map((name) => free(name)),
    );
    expect(shares.toClaim(look(beat))).toEqual([]);
    expect(shares.toClaim(look(beat))).toEqual(names);
  });

  test('accounts that the store does not know yet, as those that are free', () => {
    const beat = beatOf(['me', 'other'], []);
    expect(newShares().toClaim(look(beat))).toEqual(ownedBy('me', ['me', 'other']));
  });

  test('its own share once more after a while, since somebody may have deleted what the store knew', () => {
    const shares = newShares();
    for (const name of names) shares.isHeld(name);
    const beat = beatOf(['me', 'other'], []);
    const { askAgainMs } = replicaRules;
    expect(shares.toClaim(look(beat, askAgainMs - 1))).toEqual([]);
    expect(shares.toClaim(look(beat, askAgainMs))).toEqual(ownedBy('me', ['me', 'other']));
    for (const name of names) shares.isHeld(name);
    expect(shares.toClaim(look(beat, 2 * askAgainMs - 1))).toEqual([]);
    // Nobody need ask for what it holds.
    expect(shares.toClaim(look(beat, 2 * askAgainMs, wanted))).toEqual([]);
  });

  test('nothing that is held, once the store has said so', () => {
    const shares = newShares();
    for (const name of names) shares.isHeld(name);
    expect(shares.toClaim(look(beatOf(['me'], [])))).toEqual([]);
  });

  test('what stays free for five beats, whoever owns it', () => {
    const shares = newShares();
    const beat = beatOf(
      ['me', 'other'],
      names.map((name) => free(name)),
    );
    const mine = ownedBy('me', ['me', 'other']);
    for (let n = 1; n < 5; n += 1) expect(shares.toClaim(look(beat))).toEqual(mine);
    expect(shares.toClaim(look(beat))).toEqual(names);
  });

  test('what was held meanwhile is free anew', () => {
    const shares = newShares();
    const beat = beatOf(
      ['me', 'other'],
      names.map((name) => free(name)),
    );
    for (let n = 1; n < 5; n += 1) shares.toClaim(look(beat));
    shares.toClaim(look(beatOf(['me', 'other'], [])));
    expect(shares.toClaim(look(beat))).toEqual(ownedBy('me', ['me', 'other']));
  });

  test('an apply has no share', () => {
    const unheld = names.map((name) => free(name));
    const beat = { sessions: [session('me'), session('other', 'apply')], unheld };
    expect(newShares().toClaim(look(beat))).toEqual(names);
  });

  test('after a restart of the store what was its own at once, and of others after 4 s', () => {
    const shares = new Shares('me', replicaRules);
    shares.lost('of me before');
    const [first = '', ...others] = names;
    const mine = { session: 'of me before', replica: 'me', byRestart: true };
    const theirs = { session: 'of other before', replica: 'other', byRestart: true };
    const unheld = [free(first, mine), ...others.map((name) => free(name, theirs))];
    const beat = beatOf(['me'], unheld);
    expect(shares.toClaim(look(beat, 0))).toEqual([first]);
    expect(shares.toClaim(look(beat, 3999))).toEqual([first]);
    expect(shares.toClaim(look(beat, 4000))).toEqual(names);
  });

  test('where a session was lost, nothing of others at the first look', () => {
    const shares = newShares();
    shares.lost('of me before');
    const [first = '', ...others] = names;
    const unheld = [
      free(first, { session: 'of me before', replica: 'me', byRestart: false }),
      ...others.map((name) =>
        free(name, { session: 'of other', replica: 'other', byRestart: false }),
      ),
    ];
    expect(shares.toClaim(look(beatOf(['me'], unheld)))).toEqual([first]);
    expect(shares.toClaim(look(beatOf(['me'], unheld)))).toEqual(names);
  });

  test('of who was killed at once', () => {
    const killed = { session: 'of other', replica: 'other', byRestart: false };
    const beat = beatOf(
      ['me'],
      names.map((name) => free(name, killed)),
    );
    expect(newShares().toClaim(look(beat))).toEqual(names);
  });
});

describe('what is given back', () => {
  const held = new Set(names);
  const theirs = ownedBy('other', ['me', 'other']);
  const beat = beatOf(['me', 'other'], []);

  test('nothing to who has come only now', () => {
    const shares = newShares();
    shares.toClaim(look(beat, 0, held));
    expect(shares.toGiveBack(look(beat, 59_999, held), nothing)).toEqual([]);
  });

  test('ten at a time, once it has lived for a minute', () => {
    const shares = newShares();
    shares.toClaim(look(beat, 0, held));
    shares.toClaim(look(beat, 60_000, held));
    const given = shares.toGiveBack(look(beat, 60_000, held), nothing);
    expect(given).toEqual(theirs.slice(0, 10));
    expect(shares.toGiveBack(look(beat, 60_000, held), new Set(given))).toEqual([]);
  });

  test('not what its owner has let lie, as long as that lives', () => {
    const shares = newShares();
    const unheld = names.map((name) => free(name));
    for (let n = 1; n <= 5; n += 1) shares.toClaim(look(beatOf(['me', 'other'], unheld), n));
    shares.toClaim(look(beat, 60_001, held));
    expect(shares.toGiveBack(look(beat, 60_001, held), nothing)).toEqual([]);
    // Another process in its place is asked again.
    const again = beatOf(['me', 'another'], []);
    shares.toClaim(look(again, 60_002, held));
    shares.toClaim(look(again, 120_002, held));
    const given = shares.toGiveBack(look(again, 120_002, held), nothing);
    expect(given).toEqual(ownedBy('another', ['me', 'another']).slice(0, 10));
  });
});
