// The containers that follow many accounts, of docs/deploy.md and of the overlay that it leads to: their words and
// variables do so, and the check of the image, which has the same variables, sees it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { builtManifests, hasKustomize, type Manifest } from '../deploy/manifests.ts';
import { ask } from '../support/ask-over-wire.ts';
import { runIn, waitForOutput } from '../support/program.ts';
import { startIn } from '../support/start-here.ts';
import { accountsExample } from './accounts-example.ts';
import { pageOf, root, sectionOf } from './pages.ts';

const page = pageOf('docs/deploy.md');
const compose = parse(
  page.blocks.find(({ text }) => text.includes('WIDGET_SYNC_ACCOUNTS'))?.text ?? '',
);
const service = compose.services['widget-sync'];
/** As kubectl makes it of the base and what the overlay changes. */
const overlay = hasKustomize ? builtManifests('overlays/accounts').map((one) => one.manifest) : [];
const pod: Manifest = overlay.find(({ kind }) => kind === 'StatefulSet')?.spec.template.spec;

interface Started {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The folder in the container that is the repository. */
  readonly repository: string;
  /** The paths that Kubernetes asks for. */
  readonly probes: readonly string[];
}

/** With all that the container finds in its environment, as `run` refuses what is of one account. */
function inPod(): Started {
  const [{ args, env = [], envFrom, livenessProbe, readinessProbe }] = pod.containers;
  const maps = envFrom.map((one: Manifest) => one.configMapRef.name);
  return {
    words: args,
    env: Object.fromEntries([
      ...overlay
        .filter(({ kind, metadata }) => kind === 'ConfigMap' && maps.includes(metadata.name))
        .flatMap(({ data }) => Object.entries(data)),
      ...env.map(({ name, value }: Record<'name' | 'value', string>) => [name, value]),
    ]),
    repository: '/git/current',
    probes: [livenessProbe, readinessProbe].map(({ httpGet }) => httpGet.path),
  };
}
const byCompose: Started = {
  words: service.command,
  env: service.environment,
  repository: '/repo',
  probes: [],
};
/** What the image says itself. */
const [, stateOfImage = ''] =
  /WIDGET_SYNC_STATE=(\S+)/.exec(readFileSync(join(root, 'Dockerfile'), 'utf8')) ?? [];

const containers: [string, Started][] = [['Compose', byCompose]];
if (hasKustomize) containers.push(['Kubernetes', inPod()]);

test.each(containers)(
  'the container of %s follows all accounts, and its health check sees it',
  async (_, started) => {
    const { cwd } = await accountsExample();
    // The port may be taken here; the check goes by the sign of life then.
    const { WIDGET_SYNC_SERVE: serve, ...there } = started.env;
    const variables = Object.fromEntries(
      Object.entries(there).map(([name, value]) => [name, value.replace(started.repository, cwd)]),
    );
    const env = { ...variables, WIDGET_SYNC_STATE: join(cwd, stateOfImage) };
    const served = serve === undefined ? {} : { WIDGET_SYNC_SERVE: '0' };
    const daemon = startIn({ cwd, env: { ...env, ...served } }, started.words);
    await waitForOutput(daemon, /fernwood[\s\S]*harbor|harbor[\s\S]*fernwood/);
    for (const name of ['fernwood', 'harbor']) {
      await daemon.waitForLog(({ account, msg }) => account === name && msg === 'looked');
    }
    expect(await runIn({ cwd, env }, ['health'])).toEqual({
      code: 0,
      stdout: 'ok, 2 of 2 accounts followed\n',
      stderr: '',
    });
    for (const path of started.probes) {
      const { url } = await daemon.waitForLog(({ msg }) => msg === 'serving');
      const asked = ask(String(url).replace(/\/$/, ''), path);
      expect(await asked, path).toMatchObject({ status: 200 });
    }
    daemon.signal('SIGTERM');
    expect(await daemon.finished).toMatchObject({ code: 0 });
    for (const name of ['fernwood', 'harbor']) {
      expect(existsSync(join(cwd, stateOfImage, name, 'status.json'))).toBe(true);
    }
    expect(await runIn({ cwd, env }, ['health'])).toMatchObject({ code: 1 });
    // The command of the image itself names a directory.
    const refused = await runIn({ cwd, env }, ['run', '/widgets']);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('/widgets: beside --accounts');
  },
);

test('both mount the keys as a folder where the page says that the file looks for them, and one volume of states', () => {
  const [, folder = ''] = /`key_file: (.*)\/\{name\}`/.exec(sectionOf(page, 'Many accounts')) ?? [];
  const places = service.volumes.map((volume: string) => volume.split(':')[1]);
  expect(places).toEqual([byCompose.repository, folder, stateOfImage]);
  expect(Object.keys(compose.volumes)).toEqual(['state']);
  expect(readFileSync(join(root, 'examples/agency/accounts.yaml'), 'utf8')).toContain(
    `key_file: ${folder}/{name}`,
  );
});

describe.skipIf(!hasKustomize)('the pod of the overlay', () => {
  test('mounts the keys there, needs no Secret of one account, and keeps the states on its volume', () => {
    const [, folder] = /`key_file: (.*)\/\{name\}`/.exec(sectionOf(page, 'Many accounts')) ?? [];
    const [{ volumeMounts }] = pod.containers;
    const places = volumeMounts.map(({ mountPath }: Manifest) => mountPath);
    expect(places).toEqual(['/git', stateOfImage, folder]);
    const secrets = pod.volumes.flatMap(({ secret }: Manifest) =>
      secret === undefined || secret.optional === true ? [] : secret,
    );
    expect(secrets).toEqual([{ secretName: 'insighto-keys', defaultMode: 0o440 }]);
    const mounted = [...pod.initContainers, ...pod.containers].flatMap((one: Manifest) =>
      one.volumeMounts.map(({ name }: Manifest) => name),
    );
    const volumes = pod.volumes.map(({ name }: Manifest) => name);
    expect(new Set(mounted)).toEqual(new Set([...volumes, 'state']));
  });
});
