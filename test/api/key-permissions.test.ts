import { describe, expect, test } from 'vitest';
import { describeLoosePermissions } from '../../src/api/key-permissions.ts';

const root = 0;
const us = 1000;
const somebody = 1001;

describe('a key file is warned of', () => {
  test.each<[number, number, number, string]>([
    [0o644, us, us, 'has mode 0644: every user may read it, its group may read it; chmod 600 '],
    [0o640, us, us, 'has mode 0640: its group may read it; chmod 600 '],
    [0o440, us, us, 'has mode 0440: its group may read it; chmod 600 '],
    [0o604, us, us, 'has mode 0604: every user may read it; chmod 600 '],
    [0o602, us, us, 'has mode 0602: every user may change it; chmod 600 '],
    [0o620, us, us, 'has mode 0620: its group may change it; chmod 600 '],
    [0o004, us, us, 'has mode 0004: every user may read it; chmod 600 '],
    [0o644, root, root, 'has mode 0644: every user may read it; chmod 600 '],
    // As a Kubernetes secret is mounted where nobody says otherwise.
    [
      0o644,
      root,
      us,
      'has mode 0644: every user may read it; chmod 640, and a group for this user',
    ],
    [
      0o660,
      root,
      us,
      'has mode 0660: its group may change it; chmod 640, and a group for this user',
    ],
    [0o100644, us, us, 'has mode 0644: every user'],
  ])('mode %o of user %i, seen by user %i', (mode, ownerUid, ownUid, warning) => {
    const said = describeLoosePermissions({ mode, ownerUid }, ownUid);
    expect(said?.slice(0, warning.length)).toBe(warning);
    expect(said).not.toContain('\n');
  });
});

describe('a key file is fine', () => {
  test.each<[string, number, number, number | null]>([
    ['for its owner alone', 0o600, us, us],
    ['for its owner to read', 0o400, us, us],
    ['a Kubernetes secret with an fsGroup', 0o440, root, us],
    ['a Kubernetes secret with an fsGroup, read by root', 0o440, root, root],
    ['of somebody who shares it with our group', 0o640, somebody, us],
    ['run by others, which is no reading', 0o711, us, us],
    ['where there are no users, as on Windows', 0o666, us, null],
  ])('%s', (_, mode, ownerUid, ownUid) => {
    expect(describeLoosePermissions({ mode, ownerUid }, ownUid)).toBeNull();
  });
});
