// The pages of one account, below whatever path.
import type { Context } from 'hono';
import { stateFrom } from '../../render/status-page/state-words.ts';
import { askedIn, ofPicture, text } from '../web/answers.ts';
import type { OperatorSource } from './operator-source.ts';

export type Answer = Response | Promise<Response>;

export type Paged = { readonly source: OperatorSource };

export type PageRoute = (path: string, answer: (context: Context, served: Paged) => Answer) => void;

export function addPages(route: PageRoute): void {
  route('/', async (context, { source }) => {
    const named = context.req.query('state') ?? '';
    const state = stateFrom(named);
    if (named !== '' && state === null) return context.notFound();
    return context.html(await source.list({ ...askedIn(context), state }));
  });
  route('/plan', async (context, { source }) =>
    context.html(await source.plan(askedIn(context).page)),
  );
  route('/history', async (context, { source }) => context.html(await source.history()));
  route('/widgets/:id', async (context, { source }) => {
    const page = await source.widget(context.req.param('id') ?? '');
    return page === null ? context.notFound() : context.html(page);
  });
  route('/pictures/:name{[0-9a-f]{64}\\.svg}', (context, { source }) => {
    const svg = source.picture((context.req.param('name') ?? '').slice(0, 64));
    return svg === null ? context.notFound() : text(context, 'image/svg+xml', svg, ofPicture);
  });
  route('/snapshot.ndjson', async (context, { source }) => {
    const text = await source.snapshot();
    if (text === 'off') return context.notFound();
    if (text === null) return context.text('Not everything that is live has been read yet.\n', 503);
    return context.body(text, 200, { 'content-type': 'application/x-ndjson; charset=utf-8' });
  });
  route('/status.json', async (context, { source }) =>
    context.body(await source.statusJson(), 200, { 'content-type': ofJson }),
  );
}

const ofJson = 'application/json; charset=utf-8';
