import { expect, onTestFinished, test } from 'vitest';
import { parseJson } from '../../src/base/json/json.ts';
import { stringifyJson } from '../../src/base/json/json-text.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { widgetId } from '../support/sandbox.ts';

const attributes =
  '{"page_id":17841405793187219,"most":1e400,"version":1.10,"million":1E6,"zero":-0,"list":[0.10]}';

test('numbers keep the text that they were sent with, in every answer', async () => {
  const sandbox = await startSandbox({ widgets: [{ widgetId: widgetId(1), fields: {} }] });
  onTestFinished(() => sandbox.close());
  const url = `${sandbox.url}/api/v1/widget`;
  const body = `{"widget_type":"chat","attributes":${attributes}}`;
  const headers = { 'content-type': 'application/json' };
  const written = await fetch(`${url}/${widgetId(1)}?api_key=in-test`, {
    method: 'PUT',
    body,
    headers,
  });
  expect(written.headers.get('content-type')).toBe('application/json');
  const one = await fetch(`${url}/${widgetId(1)}?api_key=in-test`);
  const all = await fetch(`${url}?api_key=in-test`);
  for (const answer of [written, one, all]) {
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain(`"attributes":${attributes}`);
  }
  expect(stringifyJson(sandbox.requests[0]?.body)).toBe(body);
  expect(stringifyJson(sandbox.widget(widgetId(1))?.['attributes'])).toBe(attributes);
});

test.each(['"attributes":1e400', '"name":17841405793187219', '"style_params":1.10'])(
  'a body with %s is refused as with any other number',
  async (field) => {
    const sandbox = await startSandbox({ widgets: [{ widgetId: widgetId(1), fields: {} }] });
    onTestFinished(() => sandbox.close());
    const url = `${sandbox.url}/api/v1/widget/${widgetId(1)}?api_key=in-test`;
    const body = `{"widget_type":"chat",${field}}`;
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'PUT', body, headers });
    expect(answer.status).toBe(422);
    expect(parseJson(await answer.text())).toMatchObject({
      detail: [{ loc: ['body', field.split('"')[1]] }],
    });
  },
);
