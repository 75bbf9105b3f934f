// The stores that there are, each held to what the port promises.
import { join } from 'node:path';
import { fileState } from '../../src/state/file/file-store.ts';
import { temporaryDirectory } from '../state/fixtures/state-options.ts';
import { memoryState } from '../support/memory-state.ts';
import { describeSharedState } from './shared-state-contract.ts';
import { describeStateStore } from './state-store-contract.ts';

describeStateStore('files', async () => ({
  backend: fileState,
  directory: join(await temporaryDirectory(), 'state'),
}));

describeStateStore('memory', async () => ({ backend: memoryState(), directory: 'anywhere' }));

describeSharedState('shared memory', async () => {
  const backend = memoryState({ shared: true });
  return { backend, directory: 'anywhere', takeOver: (options) => backend.open(options) };
});
