// The parts that `plan --snapshot` looks with: the snapshot and git stand for the account and the state. No key is
// looked for, no state is opened, and nothing is asked of the API.
import { resolve } from 'node:path';
import { UsageError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { version } from '../../base/version.ts';
import { type DeclaredHere, readDeclared } from '../../documents/git/since/read-declared.ts';
import { openWidgetDirectory } from '../../documents/widget-directory.ts';
import type { DeclaredContent } from '../../model/since/declared-then.ts';
import type { Snapshot } from '../../model/snapshot/snapshot.ts';
import type { WidgetId } from '../../model/widget.ts';
import { EventStream } from '../../observe/events.ts';
import { snapshotStates } from '../../plan/snapshot/snapshot-views.ts';
import { Applied } from '../../state/record-index.ts';
import type { ProcessContext } from '../process-context.ts';
import { openApiTarget, type Request } from '../wiring/account.ts';
import type { ReadingParts } from '../wiring/wire.ts';
import { ageOf, loadSnapshot, type SnapshotAsked } from './load-snapshot.ts';

export interface SeenSnapshot {
  readonly snapshot: Snapshot;
  /** When the plan is made from it. */
  readonly ageMs: number;
  /** Files of widgets of which the commit does not say what was applied. */
  readonly withoutValues: readonly string[];
}

export interface SnapshotParts extends Omit<ReadingParts, 'view'> {
  readonly view: Pick<ReadingParts['view'], 'allowedChanges' | 'earlierRequestsMs' | 'learntLimit'>;
  /** Absent where the account itself was looked at. */
  readonly seen?: SeenSnapshot;
}

/** Throws `UsageError`. */
export async function openSnapshot(
  request: Request & { readonly snapshot: SnapshotAsked },
  log: Log,
  context: ProcessContext,
): Promise<SnapshotParts> {
  const { account } = await openApiTarget(request, context);
  const { directory, root, policy, suspend = null } = account;
  const { clock } = context;
  const snapshot = await loadSnapshot(request.snapshot, account.timeoutMs, context);
  refuseOther(snapshot, context);
  const { declared, parsed } = declaredThen(request, snapshot, account);
  const { records, live, withoutValues } = snapshotStates(snapshot, declared);
  const state = new Applied([], { reader: version, root: resolve(directory), assumed: records });
  const remember = (digest: string) => state.knownContent(digest);
  const extendsOf = (widgetId: WidgetId) => records.get(widgetId)?.extends;
  const known = { remember, extendsOf, parsed: (digest: string) => parsed?.get(digest) };
  const looking = { ...root, ...known, suspend, clock, allow: policy.allow };
  const view = { widgets: live, total: null, requests: { list: 0, get: 0 } };
  return {
    ...{ account, state },
    directory: openWidgetDirectory(directory, { ...looking, notes: false }),
    events: new EventStream((err) => log.error({ err }, 'unexpected error; this is a bug')),
    view: {
      allowedChanges: async () => new Map(),
      earlierRequestsMs: async () => [],
      learntLimit: async () => null,
    },
    live: {
      readable: true,
      read: async () => view,
      readAccount: async () => ({ ...view, missing: 0 }),
    },
    seen: { snapshot, ageMs: ageOf(snapshot, context), withoutValues },
    close: async () => {},
  };
}

/** One of another account would be compared with this one's files. */
function refuseOther({ account: of }: Snapshot, { account }: ProcessContext): void {
  if (of === undefined || account === undefined || of === account.name) return;
  throw new UsageError(`--snapshot: it is of the account ${of}, and not of ${account.name}`);
}

interface DeclaredAt extends Partial<Pick<DeclaredHere, 'parsed'>> {
  readonly declared: ReadonlyMap<WidgetId, DeclaredContent>;
}

function declaredThen(
  { since, directory }: Pick<Request, 'since' | 'directory'>,
  { revision }: Snapshot,
  { root }: Pick<Awaited<ReturnType<typeof openApiTarget>>['account'], 'root'>,
): DeclaredAt {
  if (since === 'none') return { declared: new Map() };
  const commit = since ?? revision;
  if (commit === null) {
    throw new UsageError(
      '--snapshot: it was taken outside of a git checkout and names no commit: say which one was applied then by --since <commit>',
    );
  }
  const { widgets, parsed } = readDeclared(directory, {
    since: commit,
    root: root.root ?? null,
    of: 'written',
  });
  const contents = [...widgets].flatMap(([id, { declared }]) =>
    declared === null ? [] : [[id, declared] as const],
  );
  return { declared: new Map(contents), parsed };
}
