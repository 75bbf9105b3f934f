import { expect, test } from 'vitest';
import { UsageError } from '../../src/base/errors.ts';
import { parseApiUrl } from '../../src/config/api-url.ts';

test.each([
  ['https://api.insighto.ai', 'https://api.insighto.ai'],
  [' https://API.insighto.ai:443/ ', 'https://api.insighto.ai'],
  ['https://gateway.test:8443/insighto//', 'https://gateway.test:8443/insighto'],
  ['https://gateway.test/api', 'https://gateway.test/api'],
  ['http://localhost:8080', 'http://localhost:8080'],
  ['http://127.0.0.1:1/a/b', 'http://127.0.0.1:1/a/b'],
  ['http://127.9.9.9', 'http://127.9.9.9'],
  ['http://127.1', 'http://127.0.0.1'],
  ['http://[::1]:8080/', 'http://[::1]:8080'],
])('%j is %s', (text, url) => {
  expect(parseApiUrl(text)).toBe(url);
});

test.each([
  ['', /is empty: give/],
  ['api.insighto.ai', /must begin with https:\/\//],
  ['localhost:8080', /must begin with https:\/\/.*; http:\/\/ is for loopback only, as in http:/],
  ['ftp://api.insighto.ai', /must begin with https:\/\//],
  ['https://', /not a valid URL/],
  ['https://user:hunter2@:x', /not a valid URL/],
  ['https://user:hunter2@api.test', /user name or password: remove/],
  ['https://hunter2@api.test', /user name or password: remove/],
  ['https://api.test/?api_key=hunter2', /query: remove the \? .*INSIGHTO_API_KEY/],
  ['https://api.test/?', /query: remove/],
  ['https://api.test/#hunter2', /fragment: remove/],
  ['https://api.test/#', /fragment: remove/],
  ['https://api.insighto.ai/api/v1', /must not end in \/api\/v1/],
  ['https://api.insighto.ai/api/v1/widget/', /must not end in \/api\/v1\/widget/],
  ['http://api.insighto.ai', /clear text: use https/],
  ['http://127.0.0.1.evil.test', /clear text/],
  ['http://127.evil.test', /clear text/],
  ['http://localhost.evil.test', /clear text/],
  ['http://0.0.0.0', /clear text/],
  ['http://[::2]', /clear text/],
])('%j is refused with what to do, and nothing of it repeated', (text, message) => {
  expect(() => parseApiUrl(text)).toThrow(UsageError);
  expect(() => parseApiUrl(text)).toThrow(message);
  expect(() => parseApiUrl(text)).not.toThrow(/hunter2/);
});
