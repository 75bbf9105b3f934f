import { describe, expect, test } from 'vitest';
import { chooseProxy } from '../../../src/api/sockets/proxy.ts';
import { UsageError } from '../../../src/base/errors.ts';

const api = new URL('https://api.example.test');

describe('the variables', () => {
  const a = 'http://a.test:1';
  const b = 'http://b.test:2';
  test.each<[string, NodeJS.ProcessEnv, string | null]>([
    ['none', {}, null],
    ['empty ones', { HTTPS_PROXY: '', https_proxy: ' ', ALL_PROXY: '', NO_PROXY: '' }, null],
    ['that of plain http', { HTTP_PROXY: a, http_proxy: a }, null],
    ['HTTPS_PROXY', { HTTPS_PROXY: a }, a],
    ['both cases: the lower one wins', { HTTPS_PROXY: a, https_proxy: b }, b],
    ['both cases, the lower one empty', { HTTPS_PROXY: a, https_proxy: '' }, a],
    ['ALL_PROXY', { ALL_PROXY: a }, a],
    ['ALL_PROXY in both cases', { ALL_PROXY: a, all_proxy: b }, b],
    ['ALL_PROXY beside an empty HTTPS_PROXY', { ALL_PROXY: a, HTTPS_PROXY: '' }, a],
    ['ALL_PROXY beside HTTPS_PROXY', { all_proxy: a, HTTPS_PROXY: b }, b],
    ['NO_PROXY beside ALL_PROXY', { ALL_PROXY: a, NO_PROXY: 'example.test' }, null],
    [
      'NO_PROXY in both cases: the lower one wins',
      { ALL_PROXY: a, NO_PROXY: '*', no_proxy: 'b' },
      a,
    ],
    [
      'NO_PROXY in both cases, the lower one empty',
      { ALL_PROXY: a, NO_PROXY: '*', no_proxy: '' },
      null,
    ],
  ])('%s', (_, env, url) => {
    expect(chooseProxy(api, env)?.url ?? null).toBe(url);
  });

  test('the one that counts is known, for messages', () => {
    expect(chooseProxy(api, { ALL_PROXY: a })?.variable).toBe('ALL_PROXY');
    expect(chooseProxy(api, { https_proxy: a })?.variable).toBe('https_proxy');
  });
});

describe('a proxy is taken as curl takes it', () => {
  const basic = (bytes: string) => `Basic ${btoa(bytes)}`;
  test.each<[string, string, string | null]>([
    ['http://proxy.test:3128', 'http://proxy.test:3128', null],
    [' proxy.test:3128 ', 'http://proxy.test:3128', null],
    ['HTTP://Proxy.Test:3128', 'http://proxy.test:3128', null],
    ['https://proxy.test', 'https://proxy.test', null],
    ['http://[::1]:3128', 'http://[::1]:3128', null],
    ['[::1]:3128', 'http://[::1]:3128', null],
    ['http://proxy.test:3128/', 'http://proxy.test:3128', null],
    ['http://proxy.test:3128/proxy.pac', 'http://proxy.test:3128', null],
    ['http://proxy.test:3128?a=b', 'http://proxy.test:3128', null],
    ['http://proxy.test:3128/a/b?c=http://d#e', 'http://proxy.test:3128', null],
    ['proxy.test:3128/?next=http://d', 'http://proxy.test:3128', null],
    ['http://user:pass@proxy.test:3128', 'http://proxy.test:3128', basic('user:pass')],
    ['user:pass@proxy.test:3128', 'http://proxy.test:3128', basic('user:pass')],
    ['http://user@proxy.test:3128', 'http://proxy.test:3128', basic('user:')],
    ['http://user:@proxy.test:3128', 'http://proxy.test:3128', basic('user:')],
    ['http://:pass@proxy.test:3128', 'http://proxy.test:3128', basic(':pass')],
    ['http://@proxy.test:3128', 'http://proxy.test:3128', null],
    ['http://us%3Aer:p%40s%2Fs@proxy.test', 'http://proxy.test', basic('us:er:p@s/s')],
    ['http://user:p@ss@proxy.test', 'http://proxy.test', basic('user:p@ss')],
    ['http://user:100%@proxy.test', 'http://proxy.test', basic('user:100%')],
    ['http://user:%zz%41@proxy.test', 'http://proxy.test', basic('user:%zzA')],
    ['http://user:%e4@proxy.test', 'http://proxy.test', basic('user:\u00e4')],
    ['http://user:\u00e4@proxy.test', 'http://proxy.test', basic('user:\u00c3\u00a4')],
  ])('%s', (text, url, authorization) => {
    expect(chooseProxy(api, { HTTPS_PROXY: text })).toEqual({
      url,
      authorization,
      variable: 'HTTPS_PROXY',
    });
  });
});

describe('a proxy that cannot be used', () => {
  test.each([
    ['http://user:hunter2@:99999', /HTTPS_PROXY is not a valid URL: give one such as/],
    ['http://user:hunter2@', /not a valid URL/],
    ['::', /not a valid URL/],
    [
      'socks5://user:hunter2@proxy.test',
      /uses socks5:\/\/, which is not supported: set HTTPS_PROXY to/,
    ],
    ['socks4a://proxy.test', /socks4a:\/\/, which is not supported/],
    ['ftp://proxy.test', /ftp:\/\/, which is not supported/],
  ])('%s is refused without repeating its password', (url, message) => {
    const attempt = () => chooseProxy(api, { HTTPS_PROXY: url });
    expect(attempt).toThrow(UsageError);
    expect(attempt).toThrow(message);
    expect(attempt).not.toThrow(/hunter2/);
  });

  test('is named by the variable in which it stands', () => {
    expect(() => chooseProxy(api, { all_proxy: 'socks5h://proxy.test:1080' })).toThrow(
      /^all_proxy uses socks5h:\/\//,
    );
  });

  test.each<[string, string, NodeJS.ProcessEnv]>([
    ['for plain http', 'http://127.0.0.1:8080', {}],
    ['for a host that NO_PROXY names', 'https://api.example.test', { NO_PROXY: 'example.test' }],
    ['beside an HTTPS_PROXY', 'https://api.example.test', { HTTPS_PROXY: 'http://a.test' }],
  ])('does not matter %s', (_, url, env) => {
    expect(() => chooseProxy(new URL(url), { ALL_PROXY: 'socks5://a.test', ...env })).not.toThrow();
  });
});
