// A webhook that takes every message, and the file of targets that names it.
import { EventEmitter, once } from 'node:events';
import { onTestFinished } from 'vitest';
import { forgetSecrets } from '../../src/base/secrets.ts';
import { startServer } from '../api/loopback.ts';
import { notifyDirectory, signingSecret } from '../observe/notify/messages.ts';

/** A webhook, and all that it was sent. */
export async function openWebhook() {
  const arrivals = new EventEmitter();
  const { baseUrl, received } = await startServer((response) => {
    response.end('ok');
    arrivals.emit('one');
  });
  const files = notifyDirectory();
  files.write('url', `${baseUrl}/hook`);
  files.write('secret', signingSecret);
  files.write('notify.yaml', 'targets: [{ to: webhook, url_file: url, secret_file: secret }]');
  onTestFinished(forgetSecrets);
  // What was sent twice has the same id: a receiver knows it.
  const messages = () =>
    received
      .map(({ body }) => JSON.parse(body))
      .filter(({ id }, index, all) => all.findIndex((one) => one.id === id) === index);
  return {
    path: files.path,
    messages,
    told: () => messages().map(({ type, state }) => `${type} ${state}`),
    async until(count: number) {
      while (messages().length < count) await once(arrivals, 'one');
    },
  };
}
