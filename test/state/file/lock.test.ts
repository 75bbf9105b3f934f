import { once } from 'node:events';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StateError } from '../../../src/base/errors.ts';
import { openState } from '../../../src/state/file/file-store.ts';
import { readState } from '../../../src/state/file/file-view.ts';
import type { LockOptions } from '../../../src/state/file/lock.ts';
import { takeLock } from '../../../src/state/file/lock.ts';
import { compileHolder, startHolder } from '../fixtures/holder-process.ts';
import { ava, recordOf, stateOptions, temporaryDirectory } from '../fixtures/state-options.ts';

let compiled = '';
beforeAll(async () => {
  compiled = await compileHolder();
});
afterAll(() => rm(compiled, { recursive: true, force: true }));

describe('between processes', () => {
  test('the second one says who holds the directory and what to do', async () => {
    const directory = join(await temporaryDirectory(), 'state');
    const holder = await startHolder(compiled, [directory]);
    expect(holder.answer).toBe('open');

    await expect(openState(stateOptions(directory))).rejects.toThrow(
      `the state directory ${directory} is in use by process ${holder.process.pid} ` +
        '(widget-sync run, since 2026-03-01T08:00:00.000Z); stop it or give --state another directory',
    );
  });

  test('reading asks for no lock', async () => {
    const directory = await temporaryDirectory();
    await startHolder(compiled, [directory]);
    await expect(readState(stateOptions(directory))).resolves.toBeDefined();
  });

  test('after kill -9 the next one opens at once', async () => {
    const directory = await temporaryDirectory();
    const holder = await startHolder(compiled, [directory]);
    await holder.kill();
    const store = await openState(stateOptions(directory));
    await store.close();
  });

  test('a holder with nothing else to do ends by itself', async () => {
    const holder = await startHolder(compiled, [await temporaryDirectory()], { LEAVE: '1' });
    if (holder.process.exitCode === null) await once(holder.process, 'exit');
    expect(holder.process.exitCode).toBe(0);
  });

  test.skipIf(process.platform === 'win32')('a stopped holder still holds', async () => {
    const directory = await temporaryDirectory();
    const holder = await startHolder(compiled, [directory]);
    holder.process.kill('SIGSTOP');
    await expect(openState(stateOptions(directory))).rejects.toThrow('in use by another process');
  });
});

test('another path to the same directory is the same lock', async () => {
  const directory = await temporaryDirectory();
  const link = join(await temporaryDirectory(), 'link');
  await symlink(directory, link);
  const store = await openState(stateOptions(directory));
  await expect(openState(stateOptions(link))).rejects.toThrow(`process ${process.pid}`);
  await store.close();
});

test('other directories are other locks', async () => {
  const first = await openState(stateOptions(await temporaryDirectory()));
  const second = await openState(stateOptions(await temporaryDirectory()));
  await first.close();
  await second.close();
});

test('closing lets the next one in, and may be asked for twice', async () => {
  const directory = await temporaryDirectory();
  const first = await openState(stateOptions(directory));
  await Promise.all([first.close(), first.close()]);
  const second = await openState(stateOptions(directory));
  await second.close();
  await expect(first.save(recordOf(ava))).rejects.toThrow(StateError);
});

test('an opening that fails lets go of the lock', async () => {
  const directory = await temporaryDirectory();
  const widgets = join(directory, 'widgets');
  await mkdir(join(widgets, `.${ava}.json.00000000-0000-4000-8000-000000000000.tmp`), {
    recursive: true,
  });
  await expect(openState(stateOptions(directory))).rejects.toThrow(StateError);
  await rm(widgets, { recursive: true });
  const store = await openState(stateOptions(directory));
  await store.close();
});

describe.skipIf(process.platform === 'win32')('where the lock is a socket file', () => {
  function options(directory: string): LockOptions {
    return { directory, command: 'run', since: new Date(0), platform: 'darwin' };
  }

  test('it holds, and is gone after its release', async () => {
    const directory = await temporaryDirectory();
    const lock = await takeLock(options(directory));
    await expect(takeLock(options(directory))).rejects.toThrow('widget-sync run, since 1970');
    await lock.release();
    const again = await takeLock(options(directory));
    await again.release();
  });

  test('one left by a killed process is taken over', async () => {
    const directory = await temporaryDirectory();
    const holder = await startHolder(compiled, [directory], { SOCKET_FILE: '1' });
    await expect(takeLock(options(directory))).rejects.toThrow(`process ${holder.process.pid}`);
    await holder.kill();
    const next = await takeLock(options(directory));
    await next.release();
  });
});
