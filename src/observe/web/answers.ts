// The answers that pages have in common.
import type { Context } from 'hono';
import { hideSecrets } from '../../base/secrets.ts';

/** Whatever stands in the content: no key leaves. */
export function text(
  context: Context,
  type: string,
  content: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return context.body(hideSecrets(content), 200, {
    'content-type': `${type}; charset=utf-8`,
    ...headers,
  });
}

/** Its name is its content. Opened alone, it is a document, and may do nothing. */
export const ofPicture = {
  'cache-control': 'private, max-age=31536000, immutable',
  'content-security-policy': "default-src 'none'; sandbox",
};

export const ofEvents = { 'content-type': 'text/event-stream' };

/** Of a page that follows: its first event, or why there is none. */
export function eventsOf(context: Context, events: ReadableStream | null): Response {
  if (events !== null) return context.body(events, 200, ofEvents);
  return context.text('Too many pages are open: close some of them.\n', 503);
}

/** What was searched for, and the page from 1. */
export function askedIn({ req }: Context): { readonly query: string; readonly page: number } {
  const page = req.query('page') ?? '';
  return {
    query: (req.query('q') ?? '').slice(0, 200),
    page: /^[1-9]\d{0,5}$/.test(page) ? Number(page) : 1,
  };
}

/** A tab's icon, of that colour. */
export function iconOf(colour: `#${string}`): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="${colour}"/><path d="M9 9h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-6l-5 4v-4H9a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2z" fill="#ffffff"/></svg>\n`;
}
