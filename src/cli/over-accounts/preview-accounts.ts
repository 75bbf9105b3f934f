// `preview` over several accounts, as files or as JSON. A page that is served is of one.
import { mkdir } from 'node:fs/promises';
import { messageOf, UsageError } from '../../base/errors.ts';
import { count, printable } from '../../base/text.ts';
import { previewOne } from '../preview/preview.ts';
import type { PreviewRequest } from '../preview/previewing.ts';
import type { Target } from '../preview/write-preview.ts';
import type { ExitCode, ProcessContext } from '../process-context.ts';
import type { Request } from '../wiring/account.ts';
import type { SeveralAccounts } from '../wiring/asked-accounts.ts';
import { overAccounts } from './over-accounts.ts';
import { printAccountsJson, printSections, type Words } from './print-accounts.ts';

export async function previewAccounts(
  options: Omit<PreviewRequest, keyof Request>,
  accounts: SeveralAccounts,
  context: ProcessContext,
): Promise<ExitCode> {
  const { out, json, before } = options;
  const which = 'say which one, with --account <name>';
  if (out === null && !json)
    throw new UsageError(`the page that is served is of one account: ${which}`);
  if (out?.kind === 'file') {
    throw new UsageError(
      `--out ${printable(out.path)} is a page of one account: ${which}, or name a folder, with a slash at its end`,
    );
  }
  if (before.kind === 'directory') {
    throw new UsageError(
      `--before ${printable(before.directory)} is a directory of one account: ${which}`,
    );
  }
  if (out !== null) await makeFolder(out);
  const done = await overAccounts(
    accounts,
    (request, section) => {
      const own = out === null ? out : { ...out, path: `${out.path}${section.account?.name}/` };
      return previewOne({ ...options, ...request, out: own }, section);
    },
    context,
  );
  return json ? printAccountsJson(done, context) : printSections(done, words, context);
}

/** Each account has a folder in it. */
async function makeFolder({ path }: Target): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw new UsageError(`--out ${printable(path)}: ${messageOf(error)}`);
  }
}

const words: Words = {
  lively: 'with changes',
  totals(sums) {
    const { changed = 0, new: fresh = 0, same = 0, alone = 0, waiting = 0, broken = 0 } = sums;
    const all = count(changed + fresh + same + alone + waiting + broken, 'widget');
    const others = [
      ...(alone > 0 ? [`${alone} with nothing to compare with`] : []),
      ...(waiting > 0 ? [`${waiting} waiting`] : []),
      ...(broken > 0 ? [`${broken} to be mended`] : []),
    ];
    const parts = [`${changed} changed`, `${fresh} new`, `${same} as before`, ...others];
    return `${all}: ${parts.join(', ')}`;
  },
};
