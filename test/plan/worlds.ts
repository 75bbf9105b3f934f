// Worlds of one widget in which desired, applied and live really collide: few fields, few values.

import fc from 'fast-check';
import type { JsonObject } from '../../src/base/json/json.ts';
import type { AppliedRecord } from '../../src/model/applied-record.ts';
import type { WidgetDocument } from '../../src/model/document.ts';
import type { Policy } from '../../src/model/plan.ts';
import { certain } from '../../src/model/write-trail.ts';
import { echoOf } from '../../src/plan/uncertain/server-echo.ts';
import { unconfirmed } from '../support/trails.ts';
import { changed, documentOf, ignoring, nowMs, recordOf } from './fixtures.ts';
import type { Look, Read } from './model-account.ts';
import { anyServer, type Server, spelled } from './model-server.ts';

export interface World {
  readonly server: Server;
  readonly document: WidgetDocument;
  readonly applied: AppliedRecord | null;
  readonly live: JsonObject;
  readonly policy: Policy;
}

const text = fc.constantFrom('A', 'a', '', null);
const size = fc.constantFrom<string | number | null | object>(
  1,
  'S',
  null,
  {},
  { w: 1 },
  { w: 'W', h: 2 },
);
const settings = fc.record(
  { size, kind: fc.constantFrom('A', 'b') },
  { requiredKeys: [], noNullPrototype: true },
);
const fields = {
  widget_type: fc.constantFrom('chat', null),
  name: text,
  bubble_text: text,
  remove_branding: fc.constantFrom(true, false, null),
  user_opening_messages: fc.constantFrom<string[]>([], ['A'], ['b', 'A']),
  attributes: settings,
  style_params: fc.option(settings),
};

const declared = fc.record(fields, {
  requiredKeys: ['widget_type'],
  noNullPrototype: true,
}) as fc.Arbitrary<JsonObject>;

/** The API answers every field, and null where it would not take it. */
const held = fc.record({
  ...fields,
  id: fc.constant('kept-by-the-server'),
  attributes: fc.option(settings),
  user_opening_messages: fc.option(fields.user_opening_messages),
}) as fc.Arbitrary<JsonObject>;

const pointers = fc.subarray(
  [
    '/widget_type',
    '/name',
    '/remove_branding',
    '/user_opening_messages',
    '/attributes',
    '/attributes/size/w',
    '/style_params/size',
    '/style_params/size/w',
    '/style_params/kind',
  ],
  { maxLength: 3 },
);

const past = fc.record({
  spec: declared,
  /** Some servers confirm without saying what they made of a body. */
  isEchoed: fc.boolean(),
  isConfirmed: fc.boolean(),
  isTouched: fc.boolean(),
});

const policy = fc.record({
  send: fc.constantFrom('changed' as const, 'all' as const),
  released: fc.constantFrom('reset' as const, 'leave' as const),
});

/** Live is anything, or what the last write left, but for what was set beside it. */
export const anyWorld: fc.Arbitrary<World> = fc
  .record({
    server: anyServer,
    desired: declared,
    ignore: pointers,
    past: fc.option(past),
    isUnedited: fc.boolean(),
    live: held,
    policy,
  })
  .map(({ server, desired, ignore, past, isUnedited, live, policy }) => {
    const body = past !== null && isUnedited ? past.spec : desired;
    const before = past === null ? {} : past.spec;
    const set = past !== null && !past.isTouched ? before : {};
    return {
      server,
      document: ignoring(documentOf(1, body), ...ignore),
      applied: past === null ? null : appliedOf(past, server),
      live: spelled(server, { ...live, ...set }) as JsonObject,
      policy: { ...changed, ...policy },
    };
  });

interface Past {
  readonly spec: JsonObject;
  readonly isEchoed: boolean;
  readonly isConfirmed: boolean;
}

function appliedOf({ spec, isEchoed, isConfirmed }: Past, server: Server): AppliedRecord {
  const document = documentOf(1, spec);
  const echo = isEchoed ? echoOf(document, spelled(server, spec) as JsonObject) : null;
  const appliedAt = new Date(nowMs - 3_600_000);
  return {
    ...recordOf(document),
    echo,
    appliedAt,
    trail: isConfirmed ? certain : unconfirmed(),
  };
}

/** A pass over the file as it is by then. */
export interface Chapter extends Look {
  /** Since the pass before; within 15 s, reads may lag. */
  readonly afterMs: number;
  /** What somebody has set in the dashboard meanwhile: nothing that any file declares. */
  readonly touched: JsonObject;
}

/** A widget over several passes, with a file that changes and reads that lag. */
export interface Story {
  readonly server: Server;
  readonly live: JsonObject;
  readonly released: Policy['released'];
  readonly chapters: readonly Chapter[];
}

/** How a file comes to say what it says: anew, without its last field, as before, or as before that. */
type Edit = 'anew' | 'less' | 'same' | 'back';

const chapter = fc.record({
  spec: declared,
  isUnconfirmed: fc.boolean(),
  isLost: fc.boolean(),
  edit: fc.constantFrom<Edit>('anew', 'anew', 'less', 'same', 'back'),
  afterMs: fc.constantFrom(1, 4_000, 4_000, 3_600_000),
  read: fc.constantFrom<Read>('in time', 'one write late', 'one write late', 'not at all'),
  readForWrite: fc.constantFrom<'in time' | 'one write late'>('in time', 'one write late'),
  touched: held,
});

export const anyStory: fc.Arbitrary<Story> = fc
  .record({
    server: fc.tuple(anyServer, fc.constantFrom(false, false, true)).map(
      ([server, leavesOut]): Server => ({
        ...server,
        // One that says nothing of a field, whether it took it or not, cannot be told from one that lags.
        leavesOutNulls: leavesOut && server.stubborn === null,
      }),
    ),
    live: held,
    released: policy.map(({ released }) => released),
    ignore: fc.oneof(fc.constant([]), pointers),
    /** Answers get lost, and requests. */
    isLossy: fc.constantFrom(false, false, true),
    chapters: fc.array(chapter, { minLength: 2, maxLength: 6 }),
  })
  .map(({ server, live, released, ignore, isLossy, chapters }) => {
    const specs: JsonObject[] = [];
    for (const { spec, edit } of chapters) specs.push(edited(specs, spec, edit));
    return {
      server,
      live: spelled(server, live) as JsonObject,
      released,
      chapters: chapters.map(({ spec: _, edit: __, touched, ...rest }, index) => ({
        ...rest,
        // Without a read, a file that leaves places to the dashboard is held.
        read: ignore.length > 0 && rest.read === 'not at all' ? 'in time' : rest.read,
        // The first write of a widget is not recorded before it is confirmed: see docs/limits.md.
        isUnconfirmed: isLossy && rest.isUnconfirmed && index > 0,
        // What has not arrived waits for another pass.
        isLost: rest.isLost && index < chapters.length - 1,
        document: ignoring(documentOf(1, specs[index] ?? {}), ...ignore),
        policy: { ...changed, released },
        touched:
          rest.afterMs < 15_000 ? {} : omitDeclared(spelled(server, touched) as JsonObject, specs),
      })),
    };
  });

function edited(before: readonly JsonObject[], anew: JsonObject, edit: Edit): JsonObject {
  const last = before.at(-1);
  if (last === undefined || edit === 'anew') return anew;
  if (edit === 'same') return last;
  if (edit === 'back') return before.at(-2) ?? last;
  const [, ...others] = Object.entries(last).reverse();
  return { widget_type: last['widget_type'] ?? null, ...Object.fromEntries(others.reverse()) };
}

function omitDeclared(body: JsonObject, specs: readonly JsonObject[]): JsonObject {
  const isDeclared = (name: string) => specs.some((spec) => Object.hasOwn(spec, name));
  return Object.fromEntries(Object.entries(body).filter(([name]) => !isDeclared(name)));
}
