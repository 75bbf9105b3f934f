// A message, and targets for it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Notification } from '../../../src/model/notify/notification.ts';
import { sha256 } from '../../../src/model/widget.ts';
import { readNotifyFile } from '../../../src/observe/notify/read-notify-file.ts';
import type { NotifyTarget } from '../../../src/observe/notify/target.ts';

export function messageOf(changes: Partial<Notification> = {}): Notification {
  return {
    id: 'a-message',
    type: 'widget.failed',
    state: 'raised',
    severity: 'error',
    time: new Date('2026-03-01T08:00:10Z'),
    cause: sha256('cause'),
    ends: [],
    title: 'Northwind Dental was refused (422)',
    text: 'style_params is not accepted (northwind/page.yaml, line 19)',
    count: 1,
    widgets: [{ widgetId: 'w', file: 'northwind/page.yaml', name: 'Northwind Dental' }],
    fields: ['/style_params'],
    commit: {
      id: 'a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2',
      subject: 'Winter colours',
      author: 'Mia Berg',
      time: new Date('2026-03-01T07:59:00Z'),
    },
    source: { directory: 'widgets', host: 'ops-1' },
    ...changes,
  };
}

export const signingSecret = `whsec_${Buffer.from('a secret of thirty-two bytes, ok').toString('base64')}`;

export interface NotifyFiles {
  readonly directory: string;
  /** The file of targets. */
  readonly path: string;
  write(name: string, text: string): void;
}

export function notifyDirectory(): NotifyFiles {
  const directory = mkdtempSync(join(tmpdir(), 'widget-sync-notify-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const write = (name: string, text: string) =>
    writeFileSync(join(directory, name), text, { mode: 0o600 });
  return { directory, path: join(directory, 'notify.yaml'), write };
}

/** A target for the address, as a file of targets has it. */
export function targetAt(url: string, entry = '{ to: slack, url_file: url }'): NotifyTarget {
  const files = notifyDirectory();
  files.write('url', `${url}\n`);
  files.write('secret', signingSecret);
  files.write('notify.yaml', `targets: [${entry}]`);
  const [target] = readNotifyFile(files.path, () => {});
  if (target === undefined) throw new Error('there is no target');
  return target;
}
