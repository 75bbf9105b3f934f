import { describe, expect, test } from 'vitest';
import { parseServe, parseServeHosts, urlOf } from '../../src/config/serve-address.ts';

describe('an address to serve at', () => {
  test.each([
    ['8080', '127.0.0.1', 8080, 'http://127.0.0.1:8080'],
    ['0', '127.0.0.1', 0, 'http://127.0.0.1:0'],
    ['localhost:81', '127.0.0.1', 81, 'http://127.0.0.1:81'],
    ['0.0.0.0:8080', '0.0.0.0', 8080, 'http://127.0.0.1:8080'],
    ['10.0.0.7:65535', '10.0.0.7', 65_535, 'http://10.0.0.7:65535'],
    ['[::]:8080', '::', 8080, 'http://[::1]:8080'],
    ['[::1]:8080', '::1', 8080, 'http://[::1]:8080'],
    ['[fd00::7]:1', 'fd00::7', 1, 'http://[fd00::7]:1'],
  ])('%s', (text, host, port, url) => {
    const address = parseServe(text);
    expect(address).toEqual({ host, port });
    expect(address && urlOf(address)).toBe(url);
  });

  test('off', () => expect(parseServe('off')).toBeNull());

  test.each([
    '',
    ' 8080',
    '65536',
    '-1',
    '8080.5',
    ':8080',
    '0.0.0.0',
    '0.0.0.0:',
    '::1:80',
    '[127.0.0.1]:80',
    '[::1]',
    '256.0.0.1:80',
    'worker:80',
    'http://127.0.0.1:80',
    '127.0.0.1:80/',
  ])('not %j', (text) => {
    expect(() => parseServe(text)).toThrow(/^a port such as 8081/);
  });
});

describe('names that browsers may ask by', () => {
  test.each([
    ['none', []],
    ['Widgets.Example.com', ['widgets.example.com']],
    ['a, b-c.internal,[fd00::7],10.0.0.7', ['a', 'b-c.internal', '[fd00::7]', '10.0.0.7']],
  ])('%s', (text, names) => expect(parseServeHosts(text)).toEqual(names));

  test.each(['', 'a,', 'a b', 'a:80', 'http://a', '*.example', '-a', 'a..b', '[10.0.0.7]'])(
    'not %j',
    (text) => expect(() => parseServeHosts(text)).toThrow(/^names of hosts such as/),
  );
});
