// A request as it goes over the wire: `fetch` sends no other host, and mends paths.
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function ask(url: string, path: string, { method = 'GET', headers = {} }: Asked = {}) {
  const { port } = new URL(url);
  const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false });
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const part of answer.setEncoding('utf8')) text += part;
  return { status: answer.statusCode, headers: answer.headers, text };
}

/** What a server sends to whoever listens for events there. */
export async function listenTo(url: string) {
  const { body } = await fetch(url);
  if (body === null) throw new Error('no events');
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    async until(wanted: string) {
      while (!text.includes(wanted)) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`ended before ${wanted}: ${text}`);
        text += value;
      }
      return text;
    },
    /** In good order, or cut. */
    ended: () =>
      reader.read().then(
        ({ done }) => done,
        () => true,
      ),
    leave: () => reader.cancel(),
  };
}
