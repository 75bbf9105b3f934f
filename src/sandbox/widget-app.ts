// The widget API's routes over the store: which request gets which answer. Knows nothing of sockets,
// of faults, or of the log.
import type { Context, MiddlewareHandler } from 'hono';
import { Hono } from 'hono';
import type { ErrorBody } from '../api/wire.ts';
import type { JsonObject } from '../base/json/json.ts';
import { stringifyJson } from '../base/json/json-text.ts';
import { widgetPath } from '../config/api-url.ts';
import { checkPaging, pageOf } from './paging.ts';
import type { Detail } from './validation.ts';
import { checkBody, checkWidgetId } from './validation.ts';
import type { Moment, WidgetStore } from './widget-store.ts';

/**
 * How a request is handled. `pretend-write` answers as if the body were stored, `ignore-write` with the
 * widget as it stands; neither stores. `show-former`: reads show each widget as before its last write.
 */
export type Treatment = 'as-usual' | 'pretend-write' | 'ignore-write' | 'show-former';

/** The body is read before the routes see the request, so that a fault can look at it too. */
type AppEnv = { Bindings: { bodyText: string; treatment: Treatment } };

/** How a server refuses reads: not for this key, no such route, no such method. */
export type ReadRefusal = 403 | 404 | 405;

export interface WidgetAppDeps {
  readonly store: WidgetStore;
  /** How much a page of the list has of a widget. */
  listItem(widget: JsonObject): JsonObject;
  /** Null: reads are served. */
  readonly refuseReads: ReadRefusal | null;
  acceptsKey(key: string): boolean;
  /** Asked once for every read that is served. */
  momentToShow(): Moment;
}

const onePath = `${widgetPath}/:widgetId`;

export function createWidgetApp(deps: WidgetAppDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const authorised = requireKey(deps.acceptsKey);
  if (deps.refuseReads !== null) closeReads(app, authorised, deps.refuseReads);
  app.get(widgetPath, authorised, (c) => listWidgets(c, deps));
  app.get(onePath, authorised, (c) => getWidget(c, deps));
  app.put(onePath, authorised, putWidget(deps.store));
  app.all(widgetPath, (c) => methodNotAllowed(c, 'GET'));
  app.all(onePath, (c) => methodNotAllowed(c, 'GET, PUT'));
  app.notFound((c) => fail(c, 404, 'Not Found'));
  app.onError((error) => {
    // Hono would print it and answer; both are for the command that started the sandbox.
    throw error;
  });
  return app;
}

/** Stands before the routes that read. */
function closeReads(
  app: Hono<AppEnv>,
  authorised: MiddlewareHandler<AppEnv>,
  refusal: ReadRefusal,
): void {
  for (const path of [widgetPath, onePath]) {
    // The rights of a key are asked for once the key is known; a missing route is missing for everybody.
    if (refusal === 403) app.get(path, authorised);
    app.get(path, (c) => {
      if (refusal === 405) return methodNotAllowed(c, 'PUT');
      return fail(c, refusal, refusal === 404 ? 'Not Found' : 'This key may not read widgets');
    });
  }
}

/** A lagging read is used up also where the treatment decides. */
function momentFor(c: Context<AppEnv>, { momentToShow }: WidgetAppDeps): Moment {
  const moment = momentToShow();
  return c.env.treatment === 'show-former' ? 'former' : moment;
}

function listWidgets(c: Context<AppEnv>, deps: WidgetAppDeps): Response {
  const paging = checkPaging(new URL(c.req.url).searchParams);
  if ('refused' in paging) return fail(c, 422, paging.refused);
  const widgets = deps.store.all(momentFor(c, deps)).map(deps.listItem);
  return succeed(c, 'Data retrieved successfully', pageOf(widgets, paging.value));
}

function getWidget(c: Context<AppEnv>, deps: WidgetAppDeps): Response {
  const widgetId = checkWidgetId(c.req.param('widgetId') ?? '');
  if ('refused' in widgetId) return fail(c, 422, widgetId.refused);
  const widget = deps.store.get(widgetId.value, momentFor(c, deps));
  if (widget === null) return fail(c, 404, 'Not Found');
  return succeed(c, 'Data retrieved successfully', widget);
}

function putWidget(store: WidgetStore): (c: Context<AppEnv>) => Response {
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
    const widget = write(store, c.env.treatment)(widgetId.value, body.value);
    if (widget === null) return fail(c, 404, 'Not Found');
    return succeed(c, 'Data updated successfully', widget);
  };
}

function write(store: WidgetStore, treatment: Treatment): WidgetStore['put'] {
  switch (treatment) {
    case 'pretend-write':
      return (widgetId, body) => store.preview(widgetId, body);
    case 'ignore-write':
      return (widgetId) => store.get(widgetId);
    case 'as-usual':
    case 'show-former':
      return (widgetId, body) => store.put(widgetId, body);
  }
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
  return answer(c, 200, { message, meta: {}, data });
}

function fail(
  c: Context,
  status: 401 | 403 | 404 | 405 | 422,
  detail: string | readonly Detail[],
): Response {
  const body: ErrorBody = { detail };
  return answer(c, status, body);
}

/** Every number with the text that it was sent with, as databases keep JSON. */
function answer(c: Context, status: 200 | 401 | 403 | 404 | 405 | 422, body: object): Response {
  return c.body(stringifyJson(body), status, { 'content-type': 'application/json' });
}
