import { expect, test } from 'vitest';
import { smsSegments } from '../../src/face/sms-segments.ts';

test.each<[string, string, readonly ['GSM-7' | 'UCS-2', number, number]]>([
  ['nothing', '', ['GSM-7', 0, 1]],
  ['a full one', 'a'.repeat(160), ['GSM-7', 160, 1]],
  ['one more', 'a'.repeat(161), ['GSM-7', 161, 2]],
  ['two full ones', 'a'.repeat(306), ['GSM-7', 306, 2]],
  ['one more than two', 'a'.repeat(307), ['GSM-7', 307, 3]],
  ['signs that take two places', '€[]{}~^|\\', ['GSM-7', 18, 1]],
  ['a full one with a sign of two places', `${'a'.repeat(158)}€`, ['GSM-7', 160, 1]],
  // 152 + 2 do not fit in 153: the sign begins the second part, of which it leaves 151.
  ['a sign that would be torn', `${'a'.repeat(152)}€${'a'.repeat(152)}`, ['GSM-7', 306, 3]],
  ['letters of Europe', 'Größe für Ålesund, ça và?', ['UCS-2', 25, 1]],
  ['letters that are in the alphabet', 'Größe für Ålesund, è vero à la Ñ', ['GSM-7', 32, 1]],
  ['a dash of a word processor', 'Hours – 9 to 5', ['UCS-2', 14, 1]],
  ['a full one of them', 'ж'.repeat(70), ['UCS-2', 70, 1]],
  ['one more of them', 'ж'.repeat(71), ['UCS-2', 71, 2]],
  ['two full ones of them', 'ж'.repeat(134), ['UCS-2', 134, 2]],
  ['an emoji takes two places', '☕👍', ['UCS-2', 3, 1]],
  ['an emoji that would be torn', `${'ж'.repeat(66)}👍${'ж'.repeat(66)}`, ['UCS-2', 134, 3]],
])('%s', (_, text, [encoding, places, segments]) => {
  expect(smsSegments(text)).toMatchObject({ encoding, places, segments });
});

test('the signs that are not in GSM-7 are named, each once', () => {
  expect(smsSegments('“a” – “b”').others).toEqual(['“', '”', '–']);
});
