// `status`: what is applied and what stands in the way, from the state directory alone. Needs no key,
// no network and no lock: it can be asked beside a running daemon.

import { stringifyJson } from '../../base/json/json-text.ts';
import { printable } from '../../base/text.ts';
import type { Settings } from '../../config/settings.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { StatusRecord } from '../../model/status-record.ts';
import { statusJson } from '../../state/status-format.ts';
import { openLog } from '../logging.ts';
import { type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';
import { apiToShow, lookAtState, sayWhose } from '../wiring/account-state.ts';
import { isToMend } from './print-problems.ts';
import type { Recorded } from './status-text.ts';
import { holderLine, statusText } from './status-text.ts';

export interface StatusRequest {
  readonly settings: Settings;
  readonly json: boolean;
}

/**
 * Fails when something failed, is held for a reason to mend, nothing can be sent at all, or none of it
 * is known. A suspension does not count: it must not alarm a monitor that watches this exit code.
 */
export async function status(request: StatusRequest, context: ProcessContext): Promise<ExitCode> {
  const { stdout } = context;
  const recorded = await readRecorded(request, context);
  const { applied, lastPass, damaged } = recorded;
  sayWhose(recorded.apiUrl, request.settings, context);
  if (damaged !== null) {
    context.stderr.write(
      `widget-sync: what the last pass found is not known: ${printable(damaged)} is damaged or of another version; the next pass writes it anew\n`,
    );
  }
  if (request.json) {
    stdout.write(`${stringifyJson(recordedJson(recorded), 2)}\n`);
  } else if (applied.length === 0 && lastPass === null && damaged === null) {
    stdout.write(`${nothingRecorded(request.settings, recorded)}\n`);
  } else {
    stdout.write(`${statusText(recorded, context)}\n`);
  }
  return damaged === null && isHealthy(lastPass) ? exitCode.ok : exitCode.failed;
}

async function readRecorded(
  { settings, json }: StatusRequest,
  context: ProcessContext,
): Promise<Recorded> {
  const log = openLog(settings, context, json ? 'json' : 'text');
  const told = {
    clock: context.clock,
    warn: (message: string, fields: object) => log.warn(fields, message),
  };
  const found = lookAtState(settings, told);
  await found.requireState();
  const apiUrl = await apiToShow(settings, found);
  const view = lookAtState({ state: settings.state, apiUrl }, told);
  const { records } = await view.applied();
  const applied = [...records.values()].sort(byFile);
  const holder = await view.holder();
  const { status: lastPass, damaged } = await view.status();
  return { applied, lastPass, damaged, apiUrl, holder };
}

function byFile(a: AppliedRecord, b: AppliedRecord): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.widgetId < b.widgetId ? -1 : 1;
}

function isHealthy(lastPass: StatusRecord | null): boolean {
  if (lastPass === null) return true;
  const { blocked, failed, held } = lastPass;
  return blocked === null && failed.length === 0 && !held.some(isToMend);
}

function nothingRecorded({ state }: Settings, { apiUrl, holder }: Recorded): string {
  const nothing = printable(
    `Nothing is recorded in the state directory ${state} for ${apiUrl} yet.`,
  );
  return holder === null ? nothing : `${nothing}\n${holderLine({ holder })}`;
}

const noPass = {
  time: null,
  command: null,
  directory: null,
  revision: null,
  source: null,
  blocked: null,
  waiting: null,
  api_rate: null,
  blind: null,
  refused_checksum: null,
  pending: null,
};
const noFindings = { held: [], failed: [], drifted: [], orphaned: [], kept: [] };

function recordedJson({ applied, lastPass, holder }: Recorded): object {
  const found = lastPass === null ? { ...noPass, ...noFindings } : statusJson(lastPass);
  const { held, failed, drifted, orphaned, kept, ...pass } = found;
  return {
    format_version: '1.0',
    ...pass,
    process: holder,
    applied: applied.map(({ widgetId, file, hash, revision, appliedAt }) => ({
      widget_id: widgetId,
      file,
      hash,
      revision,
      applied_at: appliedAt.toISOString(),
    })),
    held,
    failed,
    drifted,
    orphaned,
    kept,
    summary: {
      applied: applied.length,
      held: held.length,
      failed: failed.length,
      drifted: drifted.length,
      orphaned: orphaned.length,
      kept: kept.length,
    },
  };
}
