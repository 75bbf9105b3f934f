// What the files are compared with: what was applied, what is live, or another directory of files.
import { StateError, UsageError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { openWidgetDirectory } from '../../documents/widget-directory.ts';
import type { LoadedTree, WidgetDocument } from '../../model/document.ts';
import { asJson, type WidgetId } from '../../model/widget.ts';
import type { AppliedState, StateView } from '../../state/state-store.ts';
import { priority } from '../../sync/rate/priority.ts';
import type { Output, ProcessContext } from '../process-context.ts';
import type { Request } from '../wiring/account.ts';
import { apiToShow, lookAtState, sayWhose } from '../wiring/account-state.ts';
import { openForReading } from '../wiring/wire.ts';
import type { BeforeView, BeforeWidget } from './make-model.ts';

export type BeforeWanted =
  | { readonly kind: 'applied' | 'live' }
  | { readonly kind: 'directory'; readonly directory: string };

/** Any other text is a directory; one that has such a name is named by its path. */
export function readBefore(text: string): BeforeWanted {
  if (text === 'applied' || text === 'live') return { kind: text };
  return { kind: 'directory', directory: text };
}

export interface BeforeSource {
  /**
   * As it is known now, of these widgets at least; the same view while nothing moves. Throws what stands
   * in the way.
   */
  read(tree: LoadedTree): Promise<BeforeView>;
  /** The state directory has moved: what is known of it is to be read again. */
  forget(): void;
  close(): Promise<void>;
}

/** Throws `UsageError` and `StateError` where there is nothing of that kind. */
export async function openBefore(
  wanted: BeforeWanted,
  request: Request,
  log: Log,
  context: ProcessContext,
): Promise<BeforeSource> {
  switch (wanted.kind) {
    case 'applied':
      return await openApplied(request, log, context);
    case 'live':
      return await openLive(request, log, context);
    case 'directory':
      return openOther(wanted.directory, context);
  }
}

async function openApplied(
  { settings }: Request,
  log: Log,
  { clock, stderr }: ProcessContext,
): Promise<BeforeSource> {
  const told = {
    clock,
    warn: (message: string, fields: object) => log.warn(fields, message),
  };
  const { state } = settings;
  if (settings.given.get('state') === 'flag') await sayMissing(lookAtState(settings, told), stderr);
  const owner = await apiToShow(settings, lookAtState(settings, told));
  sayWhose(owner, settings, { stderr });
  let known: Promise<BeforeView> | null = null;
  const look = async (): Promise<BeforeView> => {
    // Each view is of the moment in which it was asked first.
    const apiUrl = await apiToShow(settings, lookAtState(settings, told));
    const widgets = recordedIn(await lookAtState({ state, apiUrl }, told).applied());
    return {
      told: { kind: widgets.size === 0 ? 'nothing' : 'applied', state },
      widgets,
      unusable: [],
    };
  };
  return {
    read() {
      known ??= look();
      return known;
    },
    forget() {
      known = null;
    },
    close: async () => {},
  };
}

/** Nothing is to be had from a state that is not there; where one was named, the name may be wrong. */
async function sayMissing(view: StateView, stderr: Output): Promise<void> {
  try {
    await view.requireState();
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    stderr.write(`widget-sync: ${error.message}\n`);
  }
}

function recordedIn({ records }: AppliedState): Map<WidgetId, BeforeWidget> {
  return new Map(
    [...records].map(([widgetId, { spec, file, isGone = false }]) => [
      widgetId,
      { body: asJson(spec), declared: Object.keys(spec), file, isGone },
    ]),
  );
}

/** Each widget is read once: what people do in the dashboard meanwhile is not followed. */
async function openLive(
  request: Request,
  log: Log,
  context: ProcessContext,
): Promise<BeforeSource> {
  const settings = { ...request.settings, live: 'auto' as const };
  const parts = await openForReading({ ...request, settings }, log, context);
  const known = new Map<WidgetId, BeforeWidget | null>();
  let view: BeforeView | null = null;
  const read = async (tree: LoadedTree): Promise<void> => {
    const declared = [...tree.documents, ...tree.held].map(({ widgetId }) => widgetId);
    const wanted = declared.filter((id): id is WidgetId => id !== null && !known.has(id));
    if (wanted.length === 0) return;
    const asked = { priority: priority.edit, signal: context.stop };
    const found = await parts.live.read(new Set(wanted), asked);
    if (found === null) throw new UsageError('stopped before the account was read');
    if (!parts.live.readable) {
      throw new UsageError(
        'the account cannot be read with this key: compare with --before applied, or with a directory',
      );
    }
    for (const widgetId of wanted) {
      const live = found.widgets.get(widgetId);
      const isRead = live !== undefined && live !== 'absent' && 'body' in live;
      const record = parts.state.records.get(widgetId);
      const past = { declared: Object.keys(record?.spec ?? {}), file: record?.file ?? null };
      known.set(widgetId, isRead ? { body: live.body, ...past } : null);
    }
  };
  const { apiUrl } = parts.account;
  return {
    async read(tree) {
      const earlier = known.size;
      await read(tree);
      if (view !== null && known.size === earlier) return view;
      const widgets = new Map<WidgetId, BeforeWidget>();
      for (const [widgetId, one] of known) if (one !== null) widgets.set(widgetId, one);
      view = { told: { kind: 'live', apiUrl }, widgets, unusable: [] };
      return view;
    },
    forget: () => {},
    close: () => parts.close(),
  };
}

/** Of a widget whose file is broken there nothing is known, and it is not compared. */
function openOther(path: string, { clock }: ProcessContext): BeforeSource {
  // Most files are the same in both, and need to be parsed once.
  let declared: ReadonlyMap<string, WidgetDocument> = new Map();
  const remember = (digest: string) => declared.get(digest);
  const directory = openWidgetDirectory(path, { clock, remember, notes: false });
  const load = () => {
    try {
      return directory.load();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new UsageError(`--before: ${error.message}`);
    }
  };
  let known: { readonly tree: LoadedTree; readonly view: BeforeView } | null = null;
  return {
    async read({ documents }) {
      declared = new Map(documents.map((document) => [document.digest, document]));
      const tree = load();
      if (known?.tree.documents === tree.documents && known.tree.held === tree.held) {
        return known.view;
      }
      const usable = [...tree.documents, ...tree.held.flatMap(({ waiting }) => waiting ?? [])];
      const widgets = new Map<WidgetId, BeforeWidget>();
      for (const { widgetId, spec, file } of usable) {
        const earlier = known?.view.widgets.get(widgetId);
        const body = asJson(spec);
        const isSame = earlier?.body === body && earlier.file === file;
        widgets.set(widgetId, isSame ? earlier : { body, declared: Object.keys(spec), file });
      }
      const unusable = tree.held.filter(({ waiting }) => waiting === undefined);
      known = { tree, view: { told: { kind: 'directory', directory: path }, widgets, unusable } };
      return known.view;
    },
    forget: () => {},
    close: async () => {},
  };
}
