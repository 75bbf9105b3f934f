// The APIs of many accounts, in a process of their own: the one that is measured is to have its own.
// `node many-sandboxes.mjs <accounts> <widgets>`; tells its parent the addresses, then the moment of each write.
import { startSandbox } from '../../build/sandbox/start-sandbox.js';

const [accounts, widgets] = process.argv.slice(2).map(Number);

function widgetIdOf(n) {
  const hex = n.toString(16);
  return `${hex.padStart(8, '0')}-0000-4000-8000-${hex.padStart(12, '0')}`;
}

/** What the first account may suffer. */
const troubles = {
  hang: () => ({ kind: 'hang' }),
  limit: () => ({ kind: 'answer', status: 429 }),
  refuse: () => ({ kind: 'answer', status: 401 }),
};

process.on('disconnect', () => process.exit());
const trouble = troubles[process.argv[4]];
const urls = [];
for (let n = 0; n < accounts; n += 1) {
  const sandbox = await startSandbox({
    apiKey: `in-key-of-account-${n}-0123456789`,
    widgets: Array.from({ length: widgets }, (_, one) => ({
      widgetId: widgetIdOf(one),
      fields: { widget_type: 'chat', display_name: `Widget ${one}`, header_color: '#1f2937' },
    })),
    ...(n === 0 && trouble !== undefined && { onRequest: trouble }),
  });
  const told = new WeakSet();
  sandbox.observe((request) => {
    if (request.method !== 'PUT' || told.has(request)) return;
    told.add(request);
    process.send({ account: n, atMs: performance.timeOrigin + performance.now() });
  });
  urls.push(sandbox.url);
}
process.send({ urls });
