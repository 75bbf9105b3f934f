import { expect, test } from 'vitest';
import { isExempt } from '../../../src/api/sockets/no-proxy.ts';

test.each<[url: string, noProxy: string, expected: boolean]>([
  ['https://api.example.test', '', false],
  ['https://api.example.test', ' , ', false],
  ['https://api.example.test', '*', true],
  ['https://api.example.test', 'other.test, *', true],
  // Names, and what is below them.
  ['https://api.example.test', 'api.example.test', true],
  ['https://api.example.test', 'API.Example.Test', true],
  ['https://API.EXAMPLE.TEST', 'api.example.test', true],
  ['https://api.example.test', 'example.test', true],
  ['https://api.example.test', '.example.test', true],
  ['https://api.example.test', '*.example.test', true],
  ['https://example.test', '.example.test', true],
  ['https://api.example.test', 'example.test.', true],
  ['https://api.example.test.', 'example.test', true],
  ['https://api.example.test', 'xample.test', false],
  ['https://api.example.test', 'api.example', false],
  ['https://api.example.test', 'sub.api.example.test', false],
  ['https://api.example.test', '.', false],
  // Separators.
  ['https://api.example.test', 'other.test,example.test', true],
  ['https://api.example.test', 'other.test example.test', true],
  ['https://api.example.test', ' other.test ,\texample.test,, ', true],
  // Ports.
  ['https://api.example.test', 'example.test:443', true],
  ['https://api.example.test', 'example.test:8443', false],
  ['https://api.example.test:8443', 'example.test:8443', true],
  ['https://api.example.test:8443', 'example.test', true],
  ['https://api.example.test:8443', '*:8443', true],
  ['https://10.0.0.7:8443', '10.0.0.7:443', false],
  ['https://10.0.0.7:8443', '10.0.0.7:8443', true],
  // Addresses and networks.
  ['https://10.0.0.7', '10.0.0.7', true],
  ['https://10.0.0.7', '10.0.0.8', false],
  ['https://10.0.0.7', '0.7', false],
  ['https://10.0.0.7', '10.0.0.0/8', true],
  ['https://11.0.0.7', '10.0.0.0/8', false],
  ['https://10.0.0.7', '10.0.0.7/32', true],
  ['https://10.0.0.7', '0.0.0.0/0', true],
  ['https://10.0.0.7', '10.0.0.0/33', false],
  ['https://10.0.0.7', '10.0.0.0/', false],
  ['https://10.0.0.7', '10.0.0.0/x', false],
  ['https://10.0.0.7', 'fd00::/8', false],
  ['https://10.example.test', '10.0.0.0/8', false],
  // IPv6, with brackets and without, in any spelling.
  ['https://[::1]', '::1', true],
  ['https://[::1]', '[::1]', true],
  ['https://[::1]', '0:0:0:0:0:0:0:1', true],
  ['https://[::1]', '::2', false],
  ['https://[fd00::7]:8443', '[fd00::7]:8443', true],
  ['https://[fd00::7]:8443', '[fd00::7]:443', false],
  ['https://[fd00::7]', 'fd00::/8', true],
  ['https://[fd00::7]', '[fd00::]/8', true],
  ['https://[fe80::7]', 'fd00::/8', false],
  ['https://[FD00::A]', 'fd00::a', true],
  ['https://[fd00::7]', '10.0.0.0/8', false],
])('%s with NO_PROXY=%j: %j', (url, noProxy, expected) => {
  expect(isExempt(new URL(url), noProxy)).toBe(expected);
});
