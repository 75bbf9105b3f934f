// Snapshots as they follow one another, and what is believed of them. Times are milliseconds since the
// first look; the clock stands still in between.
import { describe, expect, test } from 'vitest';
import type { GitOperation } from '../../../src/documents/git/git-operation.ts';
import {
  SettleDetector,
  type Snapshot,
  stillMoving,
} from '../../../src/documents/tree/settle-detector.ts';
import type { Unsettled } from '../../../src/model/document.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { widgetId } from '../../support/sandbox.ts';

const startedAt = new Date('2026-03-01T08:00:00Z');
const startMs = startedAt.getTime();

const files = (...numbers: number[]) =>
  new Map(numbers.map((n) => [`w${n}.yaml`, widgetId(n)] as const));

/** Of two files that rest since long before the first look, where no git is at work. */
function snapshotOf(parts: Partial<Snapshot> = {}): Snapshot {
  const fragments = { there: new Set<string>(), missing: [] };
  const rest = {
    fragments,
    youngForMs: 0,
    isTorn: false,
    conflicts: [],
    changedAtMs: startMs - 3_600_000,
  };
  return { root: 'root', files: files(1, 2), ...rest, operation: null, ...parts };
}

const young = (youngForMs: number, parts: Partial<Snapshot> = {}) =>
  snapshotOf({ youngForMs, ...parts });

/** An operation that began so long after the first look, or so long before when negative. */
function operationOf(kind: GitOperation['kind'], beganMs: number): GitOperation {
  const name = kind === 'lock' ? 'git is writing' : 'a merge is in progress';
  const path = kind === 'lock' ? '/w/.git/index.lock' : '/w/.git/MERGE_HEAD';
  return { kind, name, path, sinceMs: startMs + beganMs };
}

/** `lost`: the directory is not there, or may not be read. */
type Look = readonly [atMs: number, Partial<Snapshot> | 'lost'];

const said = (unsettled: Unsettled | null) =>
  unsettled === null ? 'believed' : `${unsettled.code} ${unsettled.retryInMs}`;

/** What is said of each look in turn, before the files are read or after. */
async function saidOf(looks: readonly Look[]): Promise<string[]> {
  const clock = new FakeClock(startedAt);
  const detector = new SettleDetector(clock);
  const answers: string[] = [];
  for (const [atMs, parts] of looks) {
    await clock.advance(atMs - clock.monotonicMs());
    if (parts === 'lost') {
      detector.lost();
      answers.push('lost');
      continue;
    }
    const snapshot = snapshotOf(parts);
    const tooEarly = detector.beforeReading(snapshot.operation);
    answers.push(said(tooEarly ?? detector.unsettled(snapshot)));
  }
  return answers;
}

type Story = readonly [what: string, looks: readonly Look[], answers: readonly string[]];

describe('files', () => {
  const one = { files: files(1) };
  const none = { files: files() };

  test.each<Story>([
    ['at rest are believed at once', [[0, {}]], ['believed']],
    [
      'that are young are waited for as long as the youngest needs',
      [
        [0, young(180)],
        [180, {}],
      ],
      ['moving 180', 'believed'],
    ],
    [
      'of which one is always young are taken as they are after two seconds',
      [
        [0, young(250)],
        [1000, young(250)],
        [1900, young(250)],
        [2000, young(250)],
      ],
      ['moving 250', 'moving 250', 'moving 100', 'believed'],
    ],
    [
      'that have come to rest are given two seconds anew when they move again',
      [
        [0, young(250)],
        [1900, {}],
        [2100, young(250)],
        [4000, young(250)],
        [4100, young(250)],
      ],
      ['moving 250', 'believed', 'moving 250', 'moving 100', 'believed'],
    ],
    [
      'that were never seen are not missed',
      [
        [0, one],
        [10, {}],
      ],
      ['believed', 'believed'],
    ],
    [
      'that are gone are looked for once more',
      [
        [0, {}],
        [1000, one],
        [1200, one],
        [1210, one],
      ],
      ['believed', 'moving 200', 'believed', 'believed'],
    ],
    [
      'that are back at the second look were never gone',
      [
        [0, {}],
        [1000, one],
        [1200, {}],
        [1300, one],
      ],
      ['believed', 'moving 200', 'believed', 'moving 200'],
    ],
    [
      'that go one after the other are each looked for once more',
      [
        [0, {}],
        [1000, one],
        [1200, none],
        [1400, none],
      ],
      ['believed', 'moving 200', 'moving 200', 'believed'],
    ],
    [
      'that went in a snapshot which was not believed are still missed from the one before',
      [
        [0, {}],
        [1000, young(50)],
        [1050, one],
      ],
      ['believed', 'moving 50', 'moving 200'],
    ],
    [
      'that are gone while another is young are waited for as long as the slower needs',
      [
        [0, {}],
        [1000, young(1500, one)],
        [1100, young(30, one)],
      ],
      ['believed', 'moving 1500', 'moving 100'],
    ],
    [
      'that were renamed are not gone',
      [
        [0, {}],
        [1000, { files: new Map([...files(1), ['team/two.yaml', widgetId(2)]]) }],
      ],
      ['believed', 'believed'],
    ],
    [
      'of which one was renamed and another is gone are looked for once more',
      [
        [0, {}],
        [1000, { files: new Map([['team/two.yaml', widgetId(2)]]) }],
      ],
      ['believed', 'moving 200'],
    ],
    [
      'that said no widget are missed when they are gone, whatever else says none',
      [
        [0, { files: new Map([['broken.yaml', null]]) }],
        [1000, { files: new Map([['other.yaml', null]]) }],
      ],
      ['believed', 'moving 200'],
    ],
    [
      'of another root are published at once: none of the former is missed',
      [
        [0, {}],
        [1000, { root: 'another', ...one }],
        [2000, { root: 'another', ...none }],
      ],
      ['believed', 'believed', 'moving 200'],
    ],
    [
      'that vanish one by one are believed gone after ten seconds',
      [
        [0, { files: files(1, 2, 3, 4) }],
        [1000, { files: files(1, 2, 3) }],
        [5000, { files: files(1, 2) }],
        [10_900, one],
        [11_000, one],
      ],
      ['believed', 'moving 200', 'moving 200', 'moving 100', 'believed'],
    ],
  ])('%s', async (_, looks, answers) => {
    expect(await saidOf(looks)).toEqual(answers);
  });
});

describe('files that were lost, all at once', () => {
  const all = { files: files(1, 2, 3, 4) };
  const one = { files: files(1) };
  const two = { files: files(1, 2) };
  const three = { files: files(1, 2, 3) };
  const none = { files: files() };

  test.each<Story>([
    [
      'and come back one by one are not reported gone before all are back',
      [
        [0, all],
        [1000, 'lost'],
        [1150, one],
        [1300, two],
        [1450, three],
        [1600, all],
      ],
      ['believed', 'lost', 'moving 2000', 'moving 2000', 'moving 2000', 'believed'],
    ],
    [
      'from a directory that stayed are waited for as well',
      [
        [0, all],
        [1000, none],
        [1200, none],
        [1350, one],
        [1500, three],
        [1650, all],
      ],
      ['believed', 'moving 200', 'believed', 'moving 2000', 'moving 2000', 'believed'],
    ],
    [
      'are gone for good when none has come for two seconds',
      [
        [0, all],
        [1000, 'lost'],
        [1150, one],
        [2150, two],
        [4149, two],
        [4150, two],
        [4160, two],
      ],
      ['believed', 'lost', 'moving 2000', 'moving 2000', 'moving 1', 'believed', 'believed'],
    ],
    [
      'are waited for no longer than a minute, however slowly they come',
      [
        [0, all],
        [1000, 'lost'],
        [2000, one],
        [61_000, two],
        [62_000, three],
      ],
      ['believed', 'lost', 'moving 2000', 'moving 1000', 'believed'],
    ],
    [
      'are still waited for after the directory was lost once more',
      [
        [0, all],
        [1000, 'lost'],
        [1150, one],
        [1300, 'lost'],
        [1450, three],
        [1600, all],
      ],
      ['believed', 'lost', 'moving 2000', 'lost', 'moving 2000', 'believed'],
    ],
    [
      'and come back under other names are back',
      [
        [0, { files: files(1) }],
        [1000, 'lost'],
        [1150, { files: new Map([['team/one.yaml', widgetId(1)]]) }],
      ],
      ['believed', 'lost', 'believed'],
    ],
  ])('%s', async (_, looks, answers) => {
    expect(await saidOf(looks)).toEqual(answers);
  });
});

describe('while git is at work', () => {
  const lock = operationOf('lock', 0);
  const merge = operationOf('halfway', 0);
  const conflicts = ['a.yaml'];
  const justNow = (atMs: number) => ({ changedAtMs: startMs + atMs });

  test.each<Story>([
    [
      'a lock is waited for a minute, less and less often, and then until the files have rested',
      [
        [0, { operation: lock }],
        [10_000, { operation: lock }],
        [59_999, { operation: lock }],
        [60_000, { operation: lock }],
        [69_999, { operation: lock }],
        [70_000, { operation: lock }],
      ],
      ['git 100', 'git 500', 'git 2000', 'git 2000', 'git 2000', 'believed'],
    ],
    [
      'a minute is not enough while files change',
      [
        [0, { operation: lock }],
        [60_000, { operation: lock }],
        [69_000, { operation: lock, ...justNow(68_000) }],
        [78_999, { operation: lock, ...justNow(68_000) }],
        [79_000, { operation: lock, ...justNow(68_000) }],
      ],
      ['git 100', 'git 2000', 'git 2000', 'git 2000', 'believed'],
    ],
    [
      'a minute is not enough while files go or come',
      [
        [0, { operation: lock }],
        [60_000, { operation: lock, files: files(1, 2, 3) }],
        [69_000, { operation: lock }],
        [78_999, { operation: lock }],
        [79_000, { operation: lock }],
      ],
      ['git 100', 'git 2000', 'git 2000', 'git 2000', 'believed'],
    ],
    [
      'a change in the future holds nothing up for longer: its time is of another clock',
      [
        [0, { operation: lock }],
        [60_000, { operation: lock, ...justNow(3_600_000) }],
        [70_000, { operation: lock, ...justNow(3_600_000) }],
      ],
      ['git 100', 'git 2000', 'believed'],
    ],
    [
      'ten minutes are enough for a lock, whatever changes beside it',
      [
        [0, { operation: lock }],
        [599_999, { operation: lock, ...justNow(599_000) }],
        [600_000, { operation: lock, ...justNow(599_500) }],
      ],
      ['git 100', 'git 2000', 'believed'],
    ],
    [
      'ten minutes are enough for a merge, whatever changes beside it',
      [
        [0, { operation: merge }],
        [599_999, { operation: merge, ...justNow(599_000) }],
        [600_000, { operation: merge, ...justNow(599_500) }],
      ],
      ['git 100', 'git 2000', 'believed'],
    ],
    [
      'a lock that was gone in between is another one',
      [
        [0, { operation: operationOf('lock', 3_600_000) }],
        [30_000, {}],
        [60_000, { operation: operationOf('lock', 3_600_000) }],
      ],
      ['git 100', 'believed', 'git 100'],
    ],
    [
      'a merge without conflicts is waited for until the files have rested for ten seconds',
      [
        [0, { operation: merge }],
        [10_000, { operation: merge, ...justNow(9000) }],
        [19_000, { operation: merge, ...justNow(18_000) }],
        [28_999, { operation: merge, ...justNow(18_000) }],
        [29_000, { operation: merge, ...justNow(18_000) }],
      ],
      ['git 100', 'git 500', 'git 950', 'git 1450', 'believed'],
    ],
    [
      'a merge with conflicts waits for a person, however long',
      [
        [0, { operation: merge, conflicts }],
        [3_600_000, { operation: merge, conflicts }],
        [3_600_001, {}],
      ],
      ['git null', 'git null', 'believed'],
    ],
    [
      'conflict markers without an operation are a matter of their files',
      [[0, { conflicts }]],
      ['believed'],
    ],
    [
      'conflict markers under a lock are waited for as long as the lock',
      [
        [0, { operation: lock, conflicts }],
        [60_000, { operation: lock, conflicts }],
        [70_000, { operation: lock, conflicts }],
      ],
      ['git 100', 'git 2000', 'believed'],
    ],
    [
      'what is wrong with files is not asked before git is done',
      [[0, young(250, { operation: lock })]],
      ['git 100'],
    ],
    [
      'an operation that is no longer waited for leaves young files their time',
      [
        [0, { operation: lock }],
        [60_000, { operation: lock }],
        [70_000, young(250, { operation: lock })],
      ],
      ['git 100', 'git 2000', 'moving 250'],
    ],
  ])('%s', async (_, looks, answers) => {
    expect(await saidOf(looks)).toEqual(answers);
  });

  // Once, the mark's own time counted: a clock that ran behind made a fresh lock a stale one.
  test.each([
    ['a minute behind', -61_000],
    ['a day behind', -86_400_000],
    ['an hour ahead', 3_600_000],
  ])('a lock whose own time is %s is timed from when it was seen first', async (_, beganMs) => {
    const operation = operationOf('lock', beganMs);
    const looks = [0, 59_999, 60_000, 70_000].map((atMs): Look => [atMs, { operation }]);
    expect(await saidOf(looks)).toEqual(['git 100', 'git 2000', 'git 2000', 'believed']);
  });

  test('a merge without conflicts is believed after ten seconds of rest', async () => {
    const looks = [0, 9999, 10_000].map((atMs): Look => [atMs, { operation: merge }]);
    expect(await saidOf(looks)).toEqual(['git 100', 'git 500', 'believed']);
  });

  test.each<[string, GitOperation | null, number, string]>([
    ['nothing is read while there is a fresh lock', lock, 5000, 'git 250'],
    ['a lock of a minute does not keep from reading', lock, 60_000, 'believed'],
    ['a merge does not keep from reading: it may wait for a person', merge, 0, 'believed'],
    ['nothing keeps from reading without an operation', null, 0, 'believed'],
  ])('%s', async (_, operation, atMs, answer) => {
    const clock = new FakeClock(startedAt);
    const detector = new SettleDetector(clock);
    detector.beforeReading(operation);
    await clock.advance(atMs);
    expect(said(detector.beforeReading(operation))).toBe(answer);
  });
});

describe('what is said', () => {
  const detector = () => new SettleDetector(new FakeClock(startedAt));
  const merge = operationOf('halfway', 0);

  test('names the operation and its mark', () => {
    const unsettled = detector().beforeReading(operationOf('lock', 0));
    expect(unsettled?.message).toBe(
      'git is writing (/w/.git/index.lock); if no git is at work there, remove that file',
    );
  });

  test.each([
    [['a.yaml'], 'a merge is in progress, and a.yaml has conflict markers: finish or abort it'],
    [['a.yaml', 'b.yaml', 'c.yaml'], 'a.yaml and 2 more files'],
  ])('names the first file with conflict markers of %j', (conflicts, words) => {
    const unsettled = detector().unsettled(snapshotOf({ operation: merge, conflicts }));
    expect(unsettled?.message).toContain(words);
  });

  test('remarks on an operation that is no longer waited for, and on nothing else', () => {
    expect(detector().remark({ operation: null })).toBeNull();
    expect(detector().remark({ operation: operationOf('lock', -60_000) })).toMatchObject({
      severity: 'warning',
      code: 'stale-lock',
      detail: expect.stringContaining('/w/.git/index.lock'),
    });
  });

  test('of files that move is when to look again', () => {
    expect(said(stillMoving())).toBe('moving 100');
    expect(said(stillMoving(40))).toBe('moving 40');
  });
});

// Each went wrong once.
describe('one reason to wait after another', () => {
  const one = { files: files(1) };

  test.each<Story>([
    [
      'time that was spent on waiting for git is none that files were unsettled for',
      [
        [0, young(250)],
        [100, { operation: operationOf('lock', 100) }],
        [3000, { operation: operationOf('lock', 100) }],
        [3200, young(250)],
      ],
      ['moving 250', 'git 100', 'git 145', 'moving 250'],
    ],
    [
      'a file that is gone is not believed gone sooner because something else asks for a look',
      [
        [0, {}],
        [1000, one],
        [1001, one],
        [1200, one],
      ],
      ['believed', 'moving 200', 'moving 199', 'believed'],
    ],
    [
      'a lock that follows another one is as old as itself',
      [
        [0, { operation: operationOf('lock', 0) }],
        [59_000, { operation: operationOf('lock', 58_990) }],
        [60_000, { operation: operationOf('lock', 59_990) }],
      ],
      ['git 100', 'git 100', 'git 100'],
    ],
  ])('%s', async (_, looks, answers) => {
    expect(await saidOf(looks)).toEqual(answers);
  });

  test('nobody is told to remove the mark of a merge: that would lose the merge', () => {
    const detector = new SettleDetector(new FakeClock(startedAt));
    const remark = detector.remark({ operation: operationOf('halfway', -60_000) });
    expect(remark?.detail).not.toContain('remove');
  });
});
