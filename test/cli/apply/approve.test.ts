// A plan that a daemon has refused is approved by a command; it is named as the reader can call it.
import { afterEach, expect, test, vi } from 'vitest';
import { StateError } from '../../../src/base/errors.ts';
import { approve, orApprove } from '../../../src/cli/apply/approve.ts';
import { readSettings } from '../../../src/config/settings.ts';
import { openState } from '../../../src/state/file/file-store.ts';
import { stateOptions, statusOf, temporaryDirectory } from '../../state/fixtures/state-options.ts';
import { capturedWorld, pipe } from '../fixtures/captured-world.ts';

afterEach(() => vi.unstubAllEnvs());

const checksum = 'a'.repeat(64);

test.each<[string, NodeJS.ProcessEnv, string]>([
  ['from the path', {}, 'widget-sync'],
  ['by npx', { npm_command: 'exec' }, 'npx --no -- widget-sync'],
  ['by npm run', { npm_command: 'run-script' }, 'npx --no -- widget-sync'],
])('where it was started %s', async (_, env, command) => {
  const state = await temporaryDirectory();
  const store = await openState(stateOptions(state));
  await store.reportStatus(statusOf({ refusedChecksum: checksum }));
  await store.close();
  const settings = readSettings({ state, apiUrl: 'https://api.example.com' }, {});
  const world = capturedWorld({ ...pipe, env });

  const told = await orApprove(new StateError('it is taken'), settings, world);
  expect(told.message).toContain(`: if that is meant, ${command} apply --checksum ${checksum} `);
  await approve({ settings, json: false, checksum }, world);
  expect(world.printed.stdout).toContain(`; \`${command} status\` tells.`);
  const other = approve({ settings, json: false, checksum: 'b'.repeat(64) }, world);
  await expect(other).rejects.toThrow(`on SIGHUP; ${command} status then has its checksum`);
});
