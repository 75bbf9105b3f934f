// A made-up key, and what tells it: everything that may turn up with a key in it.
import { randomBytes } from 'node:crypto';
import type { classify } from '../api/classify.ts';
import { ApiError } from '../errors.ts';
import type { Change, Plan } from '../plan/types.ts';
import { hashSpec, parseWidgetId, sha256 } from '../widget.ts';

/** `core` stands in every spelling of the key. What only looks like a key is hidden unregistered: not this. */
export function hatch(): { readonly key: string; readonly core: string } {
  const core = randomBytes(12).toString('hex');
  return { key: `in-c/"${core}\\+`, core };
}

/** The key in every form in which it turns up by itself. */
export function tell(key: string): string {
  const url = urlWith(key);
  const form = new URLSearchParams({ key }).toString();
  const inJson = JSON.stringify({ key, url });
  return [key, url, encodeURIComponent(url), encodeURIComponent(key), form, inJson].join(' ');
}

export function urlWith(key: string): string {
  return `https://api.test/api/v1/widget?api_key=${encodeURIComponent(key)}&page=1`;
}

export function nestedError(key: string): Error {
  const cause = new TypeError(tell(key), { cause: new Error(key) });
  return new Error(`GET ${urlWith(key)} failed`, { cause });
}

export function refusal(key: string, judge: typeof classify): ApiError {
  const detail = [{ loc: ['body', key], msg: tell(key), type: 'value_error' }];
  const found = judge(
    {
      kind: 'answer',
      status: 401,
      retryAfter: null,
      location: urlWith(key),
      body: JSON.stringify({ message: tell(key), detail }),
    },
    {
      request: { kind: 'list', page: 1, size: 1 },
      host: 'api.test',
      receivedAt: new Date(0),
      keyReplaced: false,
    },
    () => ({ unreadable: 'never read' }),
  );
  if (found instanceof ApiError) return found;
  throw new Error('a refusal was taken for an answer');
}

export function changeTelling(key: string): Change {
  const from = tell(key);
  return { ...planted, fields: [{ path: '/display_name', from, by: 'git', released: false }] };
}

const spec: Change['spec'] = { widget_type: 'chat', display_name: 'canary', bubble_text: 'canary' };

export const planted: Change = {
  action: 'update',
  widgetId: knownId('00000000-0000-4000-8000-000000000000'),
  file: 'canary.yaml',
  digest: sha256(''),
  reason: 'new',
  spec,
  hash: hashSpec(spec),
  sync: { drift: null, ignore: [] },
  resets: {},
  base: null,
  revision: null,
  committedAtMs: null,
  fields: [],
};

function knownId(text: string): Change['widgetId'] {
  const widgetId = parseWidgetId(text);
  if (widgetId === null) throw new Error(`${text} is no UUID`);
  return widgetId;
}

export function planOf(change: Change): Plan {
  const untouched = {
    orphaned: [],
    gone: [],
    drifted: [],
    ignored: [],
    unchanged: [],
    learned: [],
  };
  const said = { kept: [], vanished: [] };
  const nothing = { adopted: [], held: [], bugs: [], ...said, ...untouched };
  const requests = { list: 0, get: 0, put: 1 };
  const about = {
    revision: null,
    checksum: '',
    isNothingRecorded: false,
    unmanaged: null,
    requests,
  };
  return { ...nothing, ...about, changes: [change] };
}
