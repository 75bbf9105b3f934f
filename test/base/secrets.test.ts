import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import {
  forgetSecrets,
  hiddenKey,
  hideOnDisk,
  hideRegistered,
  hideSecrets,
  holdsRegistered,
  ownersOfRegistered,
  placesOfRegistered,
  registerSecret,
} from '../../src/base/secrets.ts';
import { law } from '../support/law.ts';

/** A secret that a test has for itself: other files of its process would go on looking for it. */
function hold(secret: string): void {
  onTestFinished(registerSecret(secret));
}

test.each([
  ['PUT /x?api_key=in-abc&page=1', 'PUT /x?api_key=[api key]&page=1'],
  ['PUT /x?api_key=anything HTTP/1.1', 'PUT /x?api_key=[api key] HTTP/1.1'],
  [`url 'https://a.test/?api_key=x'`, `url 'https://a.test/?api_key=[api key]'`],
  ['{"url":"/x?api_key=x"}', '{"url":"/x?api_key=[api key]"}'],
  ['"{\\"url\\":\\"/x?api_key=x\\"}"', '"{\\"url\\":\\"/x?api_key=[api key]\\"}"'],
  ['next=%2Fx%3Fapi_key%3Din-abc', 'next=%2Fx%3Fapi_key%3D[api key]'],
  ['API_KEY=x', 'API_KEY=[api key]'],
  ['api_key= is missing', 'api_key= is missing'],
  ['key in-0123456789abcdef.', 'key [api key].'],
  ['"in-abcdefghijklmno_-1"', '"[api key]"'],
  // Once the line break counted as a letter before the key.
  ['{"text":"key:\\nin-0123456789abcdef"}', '{"text":"key:\\n[api key]"}'],
  ['{"text":"\\u001bin-0123456789abcdef"}', '{"text":"\\u001b[api key]"}'],
  ['in-0123456789abcde', 'in-0123456789abcde'],
  ['in-conversation-settings', 'in-conversation-settings'],
  ['built-in-conversation-settings-2', 'built-in-conversation-settings-2'],
  ['xin-0123456789abcdef', 'xin-0123456789abcdef'],
  ['', ''],
])('%j is shown as %j', (text, shown) => {
  expect(hideSecrets(text)).toBe(shown);
});

test('a registered key is hidden wherever and however it is spelled', () => {
  const key = `in-a/b+c&d"e\\f'%`;
  hold(key);
  const spelled = [
    key,
    encodeURIComponent(key),
    encodeURIComponent(key).toLowerCase(),
    new URLSearchParams({ key }).toString().slice(4),
    JSON.stringify(key).slice(1, -1),
    // Each of these was once let through: JSON in JSON, a URL in a URL, a JSON Pointer.
    JSON.stringify(JSON.stringify(key)).slice(3, -3),
    encodeURIComponent(encodeURIComponent(key)),
    encodeURIComponent(encodeURIComponent(key)).toLowerCase(),
    key.replaceAll('/', '~1'),
    // As were these: other capitals, HTML, YAML, and what PHP and Go make of JSON.
    key.toUpperCase(),
    key.replace('&', '&amp;').replace('"', '&quot;').replace("'", '&#39;'),
    key.replace('in-a', '\\x69n-\\U00000061').replace('/', '\\/'),
    JSON.stringify(key).slice(1, -1).replace('/', '\\/').replace('&', '\\u0026'),
    encodeURIComponent(encodeURIComponent(encodeURIComponent(key))),
  ];
  for (const text of spelled) expect(hideSecrets(`<${text}>`)).toBe(`<${hiddenKey}>`);
});

test('a key that begins like another one leaves no tail', () => {
  hold('in-twin');
  hold('in-twin-older');
  expect(hideSecrets('in-twin-older in-twin')).toBe('[api key] [api key]');
});

test('a secret is forgotten once everyone who registered it has let go of it', () => {
  const forget = [registerSecret('in-held'), registerSecret('in-held')];
  forget[0]?.();
  forget[0]?.();
  expect(hideSecrets('in-held')).toBe(hiddenKey);
  forget[1]?.();
  expect(hideSecrets('in-held')).toBe('in-held');
});

test("a secret is its accounts' until each of them has let go of it", () => {
  const text = 'x in-two-accounts, IN-NOBODY-S-KEY';
  hold('in-nobody-s-key');
  expect(ownersOfRegistered(text)).toEqual([]);
  const forget = ['harbor', 'fernwood', 'harbor'].map((account) =>
    registerSecret('in-two-accounts', { account }),
  );
  expect(ownersOfRegistered(text)).toEqual(['fernwood', 'harbor']);
  forget[0]?.();
  forget[1]?.();
  expect(ownersOfRegistered(text)).toEqual(['harbor']);
  forget[2]?.();
  expect([ownersOfRegistered(text), hideSecrets(text)]).toEqual([
    [],
    'x in-two-accounts, [api key]',
  ]);
});

test('a secret that is forgotten does not take along one that is spelled alike', () => {
  hold('in-a%2Fb');
  registerSecret('in-a/b')();
  expect(hideSecrets('in-a%2Fb in-a/b')).toBe(`${hiddenKey} in-a/b`);
});

test('JSON stays JSON where a key is hidden in it, at whatever depth', () => {
  const key = 'in-ends/with\\quotes"and\\';
  hold(key);
  const deep = (levels: number): unknown => (levels === 0 ? key : JSON.stringify(deep(levels - 1)));
  for (const levels of [0, 1, 2]) {
    const text = JSON.stringify({ before: deep(levels), [key]: 'a', after: `\\${key}\\n"` });
    expect(text).toContain('with');
    const shown = hideRegistered(text);
    expect(shown).not.toContain('with');
    expect(JSON.parse(shown)).toMatchObject({ [hiddenKey]: 'a' });
  }
});

test('on disk only a key is hidden that is too long to stand in a text by chance', () => {
  hold('in-elevench');
  hold('in-twelve-ch');
  const text = 'built-in-elevench, in-twelve-ch';
  expect(hideOnDisk(text)).toBe('built-in-elevench, [api key]');
  expect(hideRegistered(text)).toBe('built-[api key], [api key]');
  expect([holdsRegistered('in-elevench'), holdsRegistered('IN-TWELVE-CH')]).toEqual([false, true]);
  expect(placesOfRegistered('a in-twelve-ch, in-twelve%2Dch')).toEqual([
    [2, 14],
    [16, 30],
  ]);
});

test('a blank secret is not one', () => {
  hold('');
  hold(' ');
  expect(hideSecrets('a b')).toBe('a b');
});

test('a long line costs little, whatever it repeats', () => {
  const size = 400_000;
  hold('in-\\\\\\\\\\\\%%%%""""');
  const hostile = [
    '\\',
    '%25',
    '&#0',
    '\\\\u0069',
    'in-\\\\',
    'in-',
    'in-a ',
    'api_key',
    'api_key=',
    'a',
    '/?',
    ' in-aaaaaaaaaaaaaaaaaaaa',
  ];
  for (const part of hostile) {
    const line = part.repeat(size / part.length);
    const start = process.cpuUsage();
    hideSecrets(line);
    const { user, system } = process.cpuUsage(start);
    // A quadratic pattern takes minutes here; a linear one some milliseconds for each key of this process.
    expect((user + system) / 1000, part).toBeLessThan(4_000);
  }
});

const keys = fc
  .string({
    minLength: 1,
    maxLength: 40,
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  })
  .map((rest) => `in-${rest}`);

law.prop([fc.string(), keys, fc.string()])(
  'no text holds a registered key afterwards, and a second time changes nothing',
  (before, key, after) => {
    const forget = registerSecret(key);
    for (const text of [`${before}${key}${after}`, `${before}api_key=${key}${key}${after}`]) {
      const shown = hideSecrets(text);
      expect(shown).not.toContain(key);
      expect(hideSecrets(shown)).toBe(shown);
    }
    expect(hideSecrets(encodeURIComponent(key))).not.toContain(encodeURIComponent(key));
    expect(hideSecrets(JSON.stringify({ key }))).not.toContain(JSON.stringify(key));
    forget();
  },
);

test('all can be forgotten, however often each is held', () => {
  hold('in-forgotten');
  hold('in-forgotten');
  forgetSecrets();
  expect(hideSecrets('in-forgotten')).toBe('in-forgotten');
  const late = registerSecret('in-forgotten');
  forgetSecrets();
  hold('in-forgotten');
  late();
  expect(hideSecrets('in-forgotten'), 'held by another by now').toBe(hiddenKey);
});
