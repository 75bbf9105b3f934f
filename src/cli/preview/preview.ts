// `preview`: what the files will look like, as a page that follows them or as files of its own. Needs no
// key and no network, unless it is to compare with what is live.

import { UsageError } from '../../base/errors.ts';
import { stringifyJson } from '../../base/json/json-text.ts';
import { openWidgetDirectory } from '../../documents/widget-directory.ts';
import { previewJson } from '../../render/page/preview-json.ts';
import { hasErrors, isError, printProblems } from '../commands/print-problems.ts';
import { openLog } from '../logging.ts';
import { type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';
import { openBefore } from './before-source.ts';
import { ModelMaker } from './make-model.ts';
import {
  type Previewing,
  type PreviewRequest,
  sayUncompared,
  summaryOf,
  whyNothingLeft,
} from './previewing.ts';
import { servePreview } from './serve-preview.ts';
import { writePreview } from './write-preview.ts';

export async function preview(request: PreviewRequest, context: ProcessContext): Promise<ExitCode> {
  const { settings, json } = request;
  const directory = openWidgetDirectory(request.directory, {
    clock: context.clock,
    allow: settings.allow,
    root: settings.root,
    notes: false,
  });
  const log = openLog(settings, context, json ? 'json' : 'text');
  const before = await openBefore(request.before, request, log, context);
  try {
    const asked = { ...request, released: settings.released };
    const previewing = { request, directory, before, maker: new ModelMaker(asked) };
    if (request.out === null && !json) return await servePreview(previewing, log, context);
    return await previewOnce(previewing, context);
  } finally {
    await before.close();
  }
}

/** Fails where a file cannot be used: its widget is shown, and would not be applied. */
async function previewOnce(
  { request, directory, before, maker }: Previewing,
  { stdout, stderr, env }: ProcessContext,
): Promise<ExitCode> {
  const { json, out } = request;
  const tree = directory.load();
  printProblems(tree.problems.filter(isError), { directory, output: stderr, env });
  const view = await before.read(tree);
  const refusal = whyNothingLeft(tree, view, directory);
  if (refusal !== null) throw new UsageError(refusal);
  const model = maker.make(tree, view);
  sayUncompared(model, stderr);
  if (out !== null) await writePreview(model, directory, out);
  if (json)
    stdout.write(
      `${stringifyJson(
        previewJson(model, () => null),
        2,
      )}\n`,
    );
  else if (out !== null) stdout.write(`Wrote ${out.path}: ${summaryOf(model)}.\n`);
  return hasErrors(tree.problems) ? exitCode.failed : exitCode.ok;
}
