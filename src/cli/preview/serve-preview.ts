// The preview as a page that follows the files, until it is told to stop.
import { ApiError, messageOf, StateError, UsageError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { LoadedTree } from '../../model/document.ts';
import { startPreviewServer } from '../../observe/preview/start-preview-server.ts';
import { type ExitCode, exitCode, type ProcessContext, stopRequested } from '../process-context.ts';
import { isInFiles } from '../wiring/account-state.ts';
import { FollowFiles } from './follow-files.ts';
import type { BeforeView } from './make-model.ts';
import { type Previewing, sayUncompared, summaryOf, whyNothingLeft } from './previewing.ts';
import { ShownPage } from './shown-page.ts';

/** A file that was being written is at rest by then. */
const writingMs = 500;

export async function servePreview(
  previewing: Previewing,
  log: Log,
  context: ProcessContext,
): Promise<ExitCode> {
  const { request, directory, before, maker } = previewing;
  const { clock, stdout, stderr, stop } = context;
  const tree = directory.load();
  const page = new ShownPage(
    maker.make(tree, await before.read(tree)),
    clock.now().getTime(),
    directory,
  );
  sayUncompared(page.model, stderr);
  let code: ExitCode = exitCode.ok;
  const onBug = (error: unknown) => {
    log.error({ err: error }, 'unexpected error; this is a bug');
    code = exitCode.failed;
  };
  const server = await startPreviewServer(page, { port: request.port, clock, onBug });
  const follower = follow(
    { previewing, page, onChanged: () => server.changed(), onBug },
    log,
    context,
  );
  try {
    stdout.write(`Preview of ${request.directory} at ${server.url}/: ${summaryOf(page.model)}.\n`);
    await follower.start();
    stdout.write('Save a file, and the page shows it. Ctrl-C ends the preview.\n');
    await stopRequested(stop);
  } finally {
    await follower.stop();
    await server.close();
  }
  return code;
}

interface Followed {
  readonly previewing: Previewing;
  readonly page: ShownPage;
  readonly onChanged: () => void;
  readonly onBug: (error: unknown) => void;
}

function follow(
  { previewing, page, onChanged, onBug }: Followed,
  log: Log,
  context: ProcessContext,
) {
  const { request, directory, before, maker } = previewing;
  const { clock, random } = context;
  const { settings } = request;
  let shown: { readonly tree: LoadedTree; readonly view: BeforeView } | null = null;
  /** What is shown stays, and beside it stands why it may be old. */
  const showTrouble = (why: string) => {
    if (page.model.unsettled === why) return;
    page.show({ ...page.model, unsettled: why });
    onChanged();
  };
  const show = async (tree: LoadedTree) => {
    const view = await before.read(tree);
    const why = whyNothingLeft(tree, view, directory);
    if (why !== null) {
      showTrouble(why);
      return;
    }
    const isSame = shown?.view === view && isSameTree(shown.tree, tree);
    shown = { tree, view };
    // Most looks find nothing new: nobody is told of them.
    if (isSame && page.model.unsettled === null) return;
    page.show(maker.make(tree, view));
    onChanged();
  };
  return new FollowFiles({
    directory: request.directory,
    state:
      request.before.kind === 'applied' && isInFiles(settings.state)
        ? { directory: settings.state, onMoved: () => before.forget() }
        : null,
    settings,
    clock,
    random,
    onBug,
    onTrouble: (error) => log.warn({ error: messageOf(error) }, 'watching files failed'),
    async look(files) {
      const startedMs = clock.monotonicMs();
      const seen = directory.look();
      if ('unsettled' in seen) {
        const { retryInMs, message } = seen.unsettled;
        if (retryInMs === null) {
          files.looked(0, null);
          showTrouble(message);
        }
        return retryInMs;
      }
      const { tree } = seen;
      files.looked(clock.monotonicMs() - startedMs, tree);
      try {
        await show(tree);
      } catch (error) {
        if (!isExpected(error)) throw error;
        showTrouble(messageOf(error));
      }
      return againInMs(tree, clock.now());
    },
  });
}

function isSameTree(a: LoadedTree, b: LoadedTree): boolean {
  return a.documents === b.documents && a.held === b.held && a.revision === b.revision;
}

/** Though nothing tells of it: a suspension ends, or a file was being written. */
function againInMs({ held, nextUntil }: LoadedTree, now: Date): number | null {
  if (held.some(({ code }) => code === 'changing-file')) return writingMs;
  return nextUntil === null ? null : Math.max(0, nextUntil.getTime() - now.getTime());
}

function isExpected(error: unknown): boolean {
  return error instanceof UsageError || error instanceof StateError || error instanceof ApiError;
}
