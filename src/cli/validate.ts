// `validate`: the files only. Needs no key, no state and no network; a key that is at hand is looked
// for in them.
import { type KeySource, openApiKey } from '../api/api-key.ts';
import { renderCounts, toDiagnostics } from '../documents/render-problems.ts';
import type { LoadedTree } from '../documents/types.ts';
import { openWidgetDirectory } from '../documents/widget-directory.ts';
import { UsageError } from '../errors.ts';
import { count } from '../text.ts';
import { hasErrors, printProblems } from './print-problems.ts';
import { coloursFor, type ExitCode, exitCode, type Surroundings } from './surroundings.ts';

export interface ValidateRequest {
  readonly directory: string;
  readonly json: boolean;
}

export function validate(request: ValidateRequest, world: Surroundings): ExitCode {
  const { clock, stdout, env } = world;
  registerKeys(env);
  const directory = openWidgetDirectory(request.directory, { clock });
  const tree = directory.load();
  if (request.json) {
    stdout.write(`${JSON.stringify(validateJson(tree), null, 2)}\n`);
  } else {
    printProblems(tree.problems, { directory, output: stdout, env });
    const colours = coloursFor(stdout, env);
    const paint = hasErrors(tree.problems) ? colours.red : colours.green;
    stdout.write(`${paint(summary(tree))}\n`);
  }
  return hasErrors(tree.problems) ? exitCode.failed : exitCode.ok;
}

/** From now on they are found in files, and hidden. One that cannot be used stops only who needs it. */
function registerKeys({ INSIGHTO_API_KEY, INSIGHTO_API_KEY_FILE }: NodeJS.ProcessEnv): void {
  const sources: KeySource[] = [
    { kind: 'value', value: INSIGHTO_API_KEY ?? '' },
    { kind: 'file', path: INSIGHTO_API_KEY_FILE ?? '' },
  ];
  for (const source of sources) {
    try {
      openApiKey(source);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
    }
  }
}

function summary(tree: LoadedTree): string {
  const files = tree.documents.length + tree.held.length;
  return `${renderCounts(tree.problems) || 'no problems'} in ${count(files, 'widget file')}`;
}

function validateJson({ problems }: LoadedTree): object {
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  return {
    format_version: '1.0',
    valid: errors === 0,
    error_count: errors,
    warning_count: problems.length - errors,
    diagnostics: toDiagnostics(problems),
  };
}
