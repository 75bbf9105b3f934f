// `validate`: the files only. Needs no key, no state and no network; a key that is at hand is looked
// for in them.
import { writeOutputs } from '../formats/write-outputs.ts';
import { jsonText } from '../print-json.ts';
import type { ExitCode, ProcessContext } from '../process-context.ts';
import { type CheckRequest, check, checkedJson } from './check.ts';
import { noteUnreached, printChecked } from './print-checked.ts';
import { renderReport } from './print-report.ts';
import type { FileFormat, ValidateFormat } from './read-validate-format.ts';
import { toReport } from './to-report.ts';

export type ValidateRequest = CheckRequest & ValidateFormat;

/** Throws `UsageError` where a file of `--output` cannot be written. */
export async function validate(
  request: ValidateRequest,
  context: ProcessContext,
): Promise<ExitCode> {
  const { format, outputs } = request;
  const checked = check(request, context);
  const render = (wanted: FileFormat): string =>
    wanted === 'json'
      ? jsonText(checkedJson(checked), context)
      : renderReport(wanted, toReport([checked], request));
  if (format === 'text') printChecked(checked, context);
  else context.stdout.write(render(format));
  noteUnreached(checked, context);
  await writeOutputs(outputs, render);
  return checked.end.code;
}
