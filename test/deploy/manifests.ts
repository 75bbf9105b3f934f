// What deploy/kubernetes holds, read as kubectl reads it, and judged by the models of Kubernetes and of the Prometheus
// operator that npm has.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type parse, parseAllDocuments } from 'yaml';
import { root } from '../docs/pages.ts';
import { temporaryDirectory, writeFile } from '../support/command.ts';

/** Of whatever shape: what it has to be is what is tested. */
export type Manifest = ReturnType<typeof parse>;

export interface NamedManifest {
  /** The file, or the folder that it was built from, and what it is. */
  readonly name: string;
  readonly manifest: Manifest;
}

const folder = join(root, 'deploy/kubernetes');

/** Those of kustomizations excepted. */
export function writtenManifests(): NamedManifest[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml') && !file.endsWith('kustomization.yaml'))
    .sort()
    .flatMap((file) => manifestsIn(file, readFileSync(join(folder, file), 'utf8')));
}

/** One that a folder has, by its kind. */
export function writtenManifest(under: string, kind: string): Manifest {
  const found = writtenManifests().find(
    ({ name, manifest }) => name.startsWith(`${under}/`) && manifest.kind === kind,
  );
  if (found === undefined) throw new Error(`${under} has no ${kind}`);
  return found.manifest;
}

/** The variables that a kustomization puts into its config maps, by the name of the map. */
export function writtenVariables(under: string): Record<string, Record<string, string>> {
  const text = readFileSync(join(folder, under, 'kustomization.yaml'), 'utf8');
  const [{ manifest = {} } = {}] = manifestsIn(under, text);
  return Object.fromEntries(
    manifest.configMapGenerator.map(({ name, literals }: { name: string; literals: string[] }) => [
      name,
      Object.fromEntries(literals.map((one) => one.split(/=(.*)/s).slice(0, 2))),
    ]),
  );
}

const built = new Map<string, NamedManifest[]>();

/** What kubectl makes of a folder. */
export function builtManifests(under: string): NamedManifest[] {
  const known = built.get(under);
  if (known !== undefined) return known;
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', join(folder, under)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`kubectl kustomize ${under}: ${stderr}`);
  const manifests = manifestsIn(under, stdout);
  built.set(under, manifests);
  return manifests;
}

/** As kubectl reads them: 0440 is octal. */
function manifestsIn(from: string, text: string): NamedManifest[] {
  return parseAllDocuments(text, { version: '1.1' }).map((document) => {
    if (document.errors.length > 0) throw new Error(`${from}: ${document.errors.join('\n')}`);
    const manifest: Manifest = document.toJS();
    return { name: `${from} ${manifest.kind} ${manifest.metadata?.name ?? ''}`.trim(), manifest };
  });
}

/** Debian's own kubectl of that name is of 2020, and knows no components. */
export const hasKustomize = (() => {
  const { status, stdout } = spawnSync('kubectl', ['version', '--client', '--output=json'], {
    encoding: 'utf8',
  });
  if (status !== 0) return false;
  const { major, minor } = JSON.parse(stdout).clientVersion;
  return Number(major) > 1 || Number.parseInt(minor, 10) >= 25;
})();

if (!hasKustomize) {
  process.stderr.write(
    '\nSKIPPED: the tests that build deploy/kubernetes need kubectl 1.25 or newer\n\n',
  );
}

/** What is wrong with values, one after the other, and which fields there are not. */
export async function faultsOf(manifests: readonly NamedManifest[]): Promise<string[]> {
  const judged = await Promise.all(
    manifests.map(async ({ name, manifest }) => {
      const models = await import(modelOf(manifest));
      try {
        new models[manifest.kind](manifest).validate();
        return [];
      } catch (error) {
        return [`${name}: ${error instanceof Error ? error.message : error}`];
      }
    }),
  );
  return [...judged.flat(), ...unknownFields(manifests)];
}

/** The models take any field; their types do not. */
function unknownFields(manifests: readonly NamedManifest[]): string[] {
  const directory = temporaryDirectory();
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  writeFile(directory, 'package.json', '{"type":"module"}');
  const lines = manifests.flatMap(({ name, manifest }, n) => [
    `// ${name}`,
    `import type { I${manifest.kind} as Type${n} } from '${modelOf(manifest)}';`,
    `export const value${n}: Type${n} = ${JSON.stringify(manifest)};`,
  ]);
  writeFile(directory, 'manifests.ts', lines.join('\n'));
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext'];
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [compiler, ...options, 'manifests.ts'], {
    cwd: directory,
    encoding: 'utf8',
  });
  return stdout.split('\n').flatMap((line) => {
    const [, at, words] = /^manifests\.ts\((\d+),\d+\): error \w+: (.*)/.exec(line) ?? [];
    if (words === undefined) return line.startsWith('error') ? [line] : [];
    const { name = '' } = manifests[Math.floor((Number(at) - 1) / 3)] ?? {};
    return [`${name}: ${words}`];
  });
}

function modelOf({ apiVersion, kind }: Manifest): string {
  const models = apiVersion.startsWith('monitoring.coreos.com/')
    ? '@kubernetes-models/prometheus-operator'
    : 'kubernetes-models';
  return `${models}/${apiVersion}/${kind}`;
}
