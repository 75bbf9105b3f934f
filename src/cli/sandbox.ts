// `sandbox`: the API on loopback, until told to stop.
import { openWidgetDirectory } from '../documents/widget-directory.ts';
import { UsageError } from '../errors.ts';
import { seedFromDocuments } from '../sandbox/seed.ts';
import { describeSandbox, startSandbox } from '../sandbox/start-sandbox.ts';
import { type ExitCode, exitCode, type Surroundings, stopRequested } from './surroundings.ts';

export interface SandboxRequest {
  readonly port: number;
  /** What an update does to fields that it leaves out. */
  readonly put: 'merge' | 'replace';
  /** Directory of widget files to start with. */
  readonly seed: string | null;
}

export async function sandbox(request: SandboxRequest, world: Surroundings): Promise<ExitCode> {
  const widgets = request.seed === null ? [] : seedFrom(request.seed, world);
  const server = await startSandbox({ port: request.port, put: request.put, widgets });
  for (const line of describeSandbox(server)) world.stdout.write(`${line}\n`);
  await stopRequested(world.stop);
  await server.close();
  return exitCode.ok;
}

function seedFrom(directory: string, { clock, stderr }: Surroundings) {
  const tree = openWidgetDirectory(directory, { clock }).load();
  for (const { file, message } of tree.held) stderr.write(`left out: ${file}: ${message}\n`);
  if (tree.documents.length === 0) {
    throw new UsageError(
      `--seed ${directory}: no usable widget file there; run validate to see why`,
    );
  }
  return seedFromDocuments(tree.documents, 'declared');
}
