// The widget API's routes over the store: which request gets which answer. Knows nothing of sockets,
// of faults, or of the log.
import type { Context, MiddlewareHandler } from 'hono';
import { Hono } from 'hono';
import type { ErrorBody } from '../api/wire.ts';
import { widgetPath } from '../api/wire.ts';
import { checkPaging, pageOf } from './paging.ts';
import type { Detail } from './validation.ts';
import { checkWidgetId, createBodyCheck } from './validation.ts';
import type { WidgetStore } from './widget-store.ts';

/** The body is read before the routes see the request, so that a fault can look at it too. */
type AppEnv = { Bindings: { bodyText: string } };

export interface WidgetAppDeps {
  readonly store: WidgetStore;
  acceptsKey(key: string): boolean;
}

export function createWidgetApp({ store, acceptsKey }: WidgetAppDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const onePath = `${widgetPath}/:widgetId`;
  const authorised = requireKey(acceptsKey);
  app.get(widgetPath, authorised, (c) => listWidgets(c, store));
  app.get(onePath, authorised, (c) => getWidget(c, store));
  app.put(onePath, authorised, putWidget(store));
  app.all(widgetPath, (c) => methodNotAllowed(c, 'GET'));
  app.all(onePath, (c) => methodNotAllowed(c, 'GET, PUT'));
  app.notFound((c) => fail(c, 404, 'Not Found'));
  app.onError((error) => {
    // Hono would print it and answer; whoever started the sandbox decides about both.
    throw error;
  });
  return app;
}

function listWidgets(c: Context<AppEnv>, store: WidgetStore): Response {
  const paging = checkPaging(new URL(c.req.url).searchParams);
  if ('refused' in paging) return fail(c, 422, paging.refused);
  return succeed(c, 'Data retrieved successfully', pageOf(store.all(), paging.value));
}

function getWidget(c: Context<AppEnv>, store: WidgetStore): Response {
  const widgetId = checkWidgetId(c.req.param('widgetId') ?? '');
  if ('refused' in widgetId) return fail(c, 422, widgetId.refused);
  const widget = store.get(widgetId.value);
  if (widget === null) return fail(c, 404, 'Not Found');
  return succeed(c, 'Data retrieved successfully', widget);
}

function putWidget(store: WidgetStore): (c: Context<AppEnv>) => Response {
  const checkBody = createBodyCheck();
  return (c) => {
    const widgetId = checkWidgetId(c.req.param('widgetId') ?? '');
    const body = checkBody({ text: c.env.bodyText, contentType: c.req.header('content-type') });
    if ('refused' in widgetId || 'refused' in body) {
      return fail(
        c,
        422,
        [widgetId, body].flatMap((one) => ('refused' in one ? one.refused : [])),
      );
    }
    const widget = store.update(widgetId.value, body.value);
    if (widget === null) return fail(c, 404, 'Not Found');
    return succeed(c, 'Data updated successfully', widget);
  };
}

/** The vendor also takes an OAuth token, as `Authorization: Bearer …`, in place of the key. */
function requireKey(acceptsKey: (key: string) => boolean): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const key = c.req.query('api_key');
    const token = /^Bearer (\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    const credential = key ?? token;
    if (credential === undefined) return fail(c, 401, 'API key is missing: send ?api_key=in-…');
    if (key !== undefined && !/^in-./.test(key)) {
      return fail(c, 401, 'API key is malformed: it begins with in-');
    }
    return acceptsKey(credential) ? next() : fail(c, 401, 'API key is not valid');
  };
}

function methodNotAllowed(c: Context, allowed: string): Response {
  c.header('Allow', allowed);
  return fail(c, 405, 'Method Not Allowed');
}

function succeed(c: Context, message: string, data: object): Response {
  return c.json({ message, meta: {}, data });
}

function fail(
  c: Context,
  status: 401 | 404 | 405 | 422,
  detail: string | readonly Detail[],
): Response {
  const body: ErrorBody = { detail };
  return c.json(body, status);
}
