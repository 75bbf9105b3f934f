// Text on its way to the log of a job on GitHub, whose runner obeys lines in it: `::name::` after spaces, and
// `##[name]` anywhere (actions/runner, ActionCommand.cs). A text in a widget file could forge a finding, or
// switch the runner's own words off. Such a line is shown with a space in it.
import type { Output, ProcessContext } from '../process-context.ts';

/** `isForPeople`: whether the result is, too; a result for programs has no line that can be meant. */
export function harmlessOnRunner(
  context: ProcessContext,
  { isForPeople }: { readonly isForPeople: boolean },
): ProcessContext {
  if (context.env['GITHUB_ACTIONS'] !== 'true') return context;
  const stdout = isForPeople ? harmless(context.stdout) : context.stdout;
  return { ...context, stdout, stderr: harmless(context.stderr) };
}

function harmless(output: Output): Output {
  return { ...output, write: (text) => output.write(withoutCommands(text)) };
}

function withoutCommands(text: string): string {
  return text.replaceAll(/^([^\S\n]*):(?=:)/gm, '$1: ').replaceAll('##[', '## [');
}
