// `preview`: what the files will look like, as a page that follows them or as files of its own. Needs no
// key and no network, unless it is to compare with what is live.

import { UsageError } from '../../base/errors.ts';
import { parseJsonText, stringifyJson } from '../../base/json/json-text.ts';
import { hideSecrets } from '../../base/secrets.ts';
import { openWidgetDirectory } from '../../documents/widget-directory.ts';
import { previewJson } from '../../render/page/preview-json.ts';
import { hasErrors, isError, mayHoldKey, printProblems } from '../commands/print-problems.ts';
import { openLog } from '../logging.ts';
import type { AccountEnd } from '../over-accounts/over-accounts.ts';
import { printJson } from '../print-json.ts';
import { type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';
import { rootWords } from '../wiring/root-words.ts';
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
  return (await previewOne(request, context)).code;
}

/** Of a page that is served the end is that of the command. */
export async function previewOne(
  request: PreviewRequest,
  context: ProcessContext,
): Promise<AccountEnd> {
  const { settings, json } = request;
  const directory = openWidgetDirectory(request.directory, {
    clock: context.clock,
    allow: settings.allow,
    ...rootWords(settings),
    notes: false,
  });
  const log = openLog(settings, context, json ? 'json' : 'text');
  const before = await openBefore(request.before, request, log, context);
  try {
    const asked = { ...request, released: settings.released };
    const previewing = { request, directory, before, maker: new ModelMaker(asked) };
    if (request.out === null && !json) {
      return { code: await servePreview(previewing, log, context), isCalm: true, sums: {} };
    }
    return await previewOnce(previewing, context);
  } finally {
    await before.close();
  }
}

/** Fails where a file cannot be used: its widget is shown, and would not be applied. */
async function previewOnce(
  { request, directory, before, maker }: Previewing,
  context: ProcessContext,
): Promise<AccountEnd> {
  const { stdout, stderr, env } = context;
  const { json, out } = request;
  const tree = directory.load();
  printProblems(tree.problems.filter(isError), { directory, output: stderr, env });
  const view = await before.read(tree);
  const refusal = whyNothingLeft(tree, view, directory);
  if (refusal !== null) throw new UsageError(refusal);
  const model = maker.make(tree, view);
  sayUncompared(model, stderr);
  if (out !== null) await writePreview(model, directory, out);
  const value = previewJson(model, () => null);
  if (json) printJson(mayHoldKey(tree.problems) ? withoutKeys(value) : value, context);
  else if (out !== null) stdout.write(`Wrote ${out.path}: ${summaryOf(model)}.\n`);
  const { summary } = value;
  const isCalm = summary.same + summary.alone === model.widgets.length;
  const code = hasErrors(tree.problems) ? exitCode.failed : exitCode.ok;
  return { code, isCalm, sums: { ...summary } };
}

/** As pages and pictures are without them. */
function withoutKeys(value: object): object {
  return Object(parseJsonText(hideSecrets(stringifyJson(value))));
}
