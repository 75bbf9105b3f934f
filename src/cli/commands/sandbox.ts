// `sandbox`: the API on loopback, until told to stop.

import { UsageError } from '../../base/errors.ts';
import { count, printable, shellText, shellWord } from '../../base/text.ts';
import { openWidgetDirectory } from '../../documents/widget-directory.ts';
import { briefItem, type ListMode } from '../../sandbox/brief-item.ts';
import type { FaultPlan } from '../../sandbox/faults/fault-rules.ts';
import { readFaults } from '../../sandbox/faults/read-faults.ts';
import { seedFromDocuments } from '../../sandbox/seed.ts';
import {
  describeSandbox,
  type Sandbox,
  sandboxKey,
  startSandbox,
} from '../../sandbox/start-sandbox.ts';
import type { SeedWidget } from '../../sandbox/widget-store.ts';
import {
  type ExitCode,
  exitCode,
  ownCommand,
  type ProcessContext,
  stopRequested,
} from '../process-context.ts';

export interface SandboxRequest {
  readonly port: number;
  /** Whether an update resets the fields that it leaves out (`replace`). */
  readonly put: 'merge' | 'replace';
  /** How much the list has of each widget. */
  readonly list: ListMode;
  /** Directory of widget files to start with. */
  readonly seed: string | null;
  /** Below which its fragments may lie, where it was said. */
  readonly root: string | null;
  /** File that says what is to go wrong. */
  readonly faults: string | null;
}

export async function sandbox(request: SandboxRequest, context: ProcessContext): Promise<ExitCode> {
  const { port, put, list, seed, root } = request;
  // Both are read before the port is taken: a mistake in a file leaves no server behind.
  const faults = request.faults === null ? null : readFaults(request.faults);
  const widgets = seed === null ? [] : seedFrom(seed, root, context);
  const server = await startSandbox({
    port,
    put,
    widgets,
    ...(list === 'brief' && { listItem: briefItem }),
    ...(faults !== null && { faults }),
  });
  const told = examples(server, { ...request, first: widgets[0] }, context);
  for (const line of [...describeSandbox(server), ...told]) {
    context.stdout.write(`${printable(line)}\n`);
  }
  if (faults !== null) printFaults(server, faults, context);
  await stopRequested(context.stop);
  await server.close();
  if (faults !== null) context.stdout.write(`${summaryOf(server)}\n`);
  return exitCode.ok;
}

/** To be copied into a shell: what the dashboard would do, and what brings the files back. */
function examples(
  { url }: Sandbox,
  {
    seed,
    root,
    put,
    first,
  }: Pick<SandboxRequest, 'seed' | 'root' | 'put'> & {
    first: SeedWidget | undefined;
  },
  { env }: ProcessContext,
): string[] {
  if (seed === null || first === undefined) {
    return ['There is no widget to change: --seed <dir> starts with those that files declare.'];
  }
  const { widgetId, fields } = first;
  const address = `${url}/api/v1/widget/${widgetId}?api_key=${sandboxKey}`;
  // If an update resets what it leaves out, one that is to change one field has to hold them all.
  const rest = put === 'replace' ? fields : { widget_type: fields['widget_type'] };
  const body = shellText(JSON.stringify({ ...rest, display_name: 'Set elsewhere' }));
  // The state of a sandbox on another port says nothing of this one, and would be refused.
  const state = `--state .widget-sync-sandbox-${new URL(url).port}`;
  const files = `${shellWord(seed)}${root === null ? '' : ` --root ${shellWord(root)}`}`;
  return [
    'Each widget holds what its file says, so there is nothing to push yet: edit a file, or change a widget as below.',
    `Change a widget: curl -X PUT '${address}' -H 'content-type: application/json' -d ${body}`,
    `Push the files: INSIGHTO_API_KEY=${sandboxKey} ${ownCommand(env)} apply ${files} --api-url ${url} ${state}`,
  ];
}

/** A line for each fault as it begins: some of them last as long as the client's patience. */
function printFaults(server: Sandbox, plan: FaultPlan, { stdout, stderr }: ProcessContext): void {
  stdout.write(`Faults: ${count(plan.rules.length, 'rule')}, seed ${plan.seed ?? 0}.\n`);
  const told = new WeakSet<object>();
  server.observe((request) => {
    if (request.fault === null || told.has(request)) return;
    told.add(request);
    stderr.write(`fault: ${request.fault}: ${request.method} ${printable(request.path)}\n`);
  });
}

/** `Faults: 3 reset, 1 stale in 20 requests.` */
function summaryOf({ faultCounts, requests }: Sandbox): string {
  const kinds = [...faultCounts].sort(([a], [b]) => a.localeCompare(b));
  const told = kinds.map(([kind, times]) => `${times} ${kind}`).join(', ');
  return `Faults: ${told === '' ? 'none' : told} in ${count(requests.length, 'request')}.`;
}

function seedFrom(directory: string, root: string | null, { clock, stderr }: ProcessContext) {
  const tree = openWidgetDirectory(directory, { clock, root, notes: false }).load();
  for (const { file, message } of tree.held)
    stderr.write(`${printable(`left out: ${file}: ${message}`)}\n`);
  if (tree.documents.length === 0) {
    throw new UsageError(
      `--seed ${directory}: no usable widget file there; run validate to see why`,
    );
  }
  return seedFromDocuments(tree.documents, 'declared');
}
