// The ways out to the terminal or a pipe, each with the filter that hides the key. Here rather than in
// main.ts, so that the self-test sends its made-up key through these very filters.
import { hideRegistered, hideSecrets } from '../base/secrets.ts';
import { withoutHidden } from '../base/text.ts';
import type { Output } from './process-context.ts';
import { describeSystemTrouble } from './system-trouble.ts';

/** The part of a stream that an output needs. */
export interface TextStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Results are data: a file called in-season-promo-2026.yaml only looks like a key. */
export function resultsTo(stream: TextStream): Output {
  return outputTo(stream, hideRegistered);
}

export function messagesTo(stream: TextStream): Output {
  return outputTo(stream, hideSecrets);
}

/** The message for an error that was not thrown on purpose. */
export function describeBug(what: string, error: unknown): string {
  const trouble = describeSystemTrouble(error);
  if (trouble !== null) return `widget-sync: ${trouble}\n`;
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return hideSecrets(`widget-sync: ${what}; this is a bug\n${stack}\n`);
}

function outputTo(stream: TextStream, hide: (text: string) => string): Output {
  return {
    write: (text) => {
      stream.write(withoutHidden(hide(text)));
    },
    isTerminal: stream.isTTY === true,
    // Some terminals say that they are 0 columns wide.
    columns: stream.columns || 80,
  };
}
