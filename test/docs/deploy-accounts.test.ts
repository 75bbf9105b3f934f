// The containers of docs/deploy.md that follow many accounts: their words and variables do so, and the check of the
// image, which has the same variables, sees it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { runIn, waitForOutput } from '../support/program.ts';
import { startIn } from '../support/start-here.ts';
import { accountsExample } from './accounts-example.ts';
import { pageOf, root, sectionOf } from './pages.ts';

const page = pageOf('docs/deploy.md');
const [compose, kubernetes] = page.blocks
  .filter(({ language, text }) => language === 'yaml' && text.includes('WIDGET_SYNC_ACCOUNTS'))
  .map(({ text }) => parse(text));
const [container] = kubernetes.spec.containers;
const service = compose.services['widget-sync'];

interface Started {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The folder in the container that is the repository. */
  readonly repository: string;
}

const inPod: Started = {
  words: container.args,
  env: Object.fromEntries(
    container.env.map(({ name, value }: Record<'name' | 'value', string>) => [name, value]),
  ),
  repository: '/git/current',
};
const byCompose: Started = {
  words: service.command,
  env: service.environment,
  repository: '/repo',
};
/** What the image says itself. */
const [, stateOfImage = ''] =
  /WIDGET_SYNC_STATE=(\S+)/.exec(readFileSync(join(root, 'Dockerfile'), 'utf8')) ?? [];

test.each([
  ['Compose', byCompose],
  ['Kubernetes', inPod],
])('the container of %s follows all accounts, and its health check sees it', async (_, started) => {
  const { cwd } = await accountsExample();
  const here = Object.entries(started.env).map(([name, value]) => [
    name,
    value.replace(started.repository, cwd),
  ]);
  const env = { ...Object.fromEntries(here), WIDGET_SYNC_STATE: join(cwd, stateOfImage) };
  // The port may be taken here.
  const words = started.words.map((word) => word.replace(/^--serve=.*/, '--serve=0'));
  const daemon = startIn({ cwd, env }, words);
  await waitForOutput(daemon, /fernwood[\s\S]*harbor|harbor[\s\S]*fernwood/);
  for (const name of ['fernwood', 'harbor']) {
    await daemon.waitForLog(({ account, msg }) => account === name && msg === 'looked');
  }
  expect(await runIn({ cwd, env }, ['health'])).toEqual({
    code: 0,
    stdout: 'ok, 2 of 2 accounts followed\n',
    stderr: '',
  });
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
});

test('both mount the keys as a folder where the page says that the file looks for them, and one volume of states', () => {
  const [, folder = ''] = /`key_file: (.*)\/\{name\}`/.exec(sectionOf(page, 'Many accounts')) ?? [];
  const places = service.volumes.map((volume: string) => volume.split(':')[1]);
  expect(places).toEqual([byCompose.repository, folder, stateOfImage]);
  const mounts = container.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
  expect(mounts).toEqual(['/git', stateOfImage, folder]);
  expect(Object.keys(compose.volumes)).toEqual(['state']);
  expect(readFileSync(join(root, 'examples/agency/accounts.yaml'), 'utf8')).toContain(
    `key_file: ${folder}/{name}`,
  );
});
