// What a preview was asked for, from its flags: those that do not go together are refused.
import { UsageError } from '../../base/errors.ts';
import { nonEmpty, wholeNumber } from '../../config/option-values.ts';
import { readFlag } from '../read-flag.ts';
import type { Request } from '../wiring/account.ts';
import { readBefore } from './before-source.ts';
import type { PreviewRequest } from './previewing.ts';
import { findBrowser } from './take-pictures.ts';
import { readTarget, type Target } from './write-preview.ts';

export interface PreviewWords {
  readonly port?: string;
  readonly before: string;
  readonly changed?: true;
  readonly out?: string;
  readonly png?: true;
  readonly browser?: string;
  readonly json?: true;
}

const usualPort = 8090;

export function readPreview(
  words: PreviewWords,
  env: NodeJS.ProcessEnv,
): Omit<PreviewRequest, keyof Request> {
  const json = words.json === true;
  const out = targetOf(words, env);
  if (words.port !== undefined && (json || out !== null)) {
    throw new UsageError(
      '--port is for the page that is served: leave it away beside --out and --json',
    );
  }
  const before = readFlag('--before', words.before, nonEmpty('applied, live, or a directory'));
  return {
    before: readBefore(before),
    isChangedOnly: words.changed === true,
    json,
    out,
    port:
      words.port === undefined ? usualPort : readFlag('--port', words.port, wholeNumber(0, 65_535)),
  };
}

function targetOf({ out, png, browser }: PreviewWords, env: NodeJS.ProcessEnv): Target | null {
  const target = out === undefined ? null : readFlag('--out', out, readTarget);
  if (png === undefined) {
    if (browser !== undefined)
      throw new UsageError('--browser makes the pictures of --png: add that');
    return target && { ...target, browser: null };
  }
  if (target?.kind !== 'folder') {
    throw new UsageError('--png puts a picture beside each SVG of a folder: add --out <folder>/');
  }
  return { ...target, browser: findBrowser(browser ?? null, env) };
}
