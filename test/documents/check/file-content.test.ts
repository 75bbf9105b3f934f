import { expect, test } from 'vitest';
import { readContent } from '../../../src/documents/check/file-content.ts';

test('a bug that a file meets holds that file', () => {
  // What no file can be stands for a bug of whoever reads it.
  const { widget, widgetId, findings } = readContent('no bytes' as unknown as Uint8Array);
  expect([widget, widgetId]).toEqual([null, null]);
  expect(findings).toMatchObject([
    {
      severity: 'error',
      code: 'unreadable-file',
      summary: expect.stringMatching(/unexpected error, which is a bug: ./),
      detail: expect.stringMatching(/Please report it \(.+\)/),
    },
  ]);
});
