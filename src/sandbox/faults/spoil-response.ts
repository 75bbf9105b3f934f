// Faults of a request that was handled: the API's own answer, spoilt on its way to the client.
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { systemClock } from '../../base/clock.ts';
import type { JsonObject } from '../../base/json/json.ts';
import { isJsonObject, type Json, parseJson } from '../../base/json/json.ts';
import { stringifyJson } from '../../base/json/json-text.ts';
import type { WidgetId } from '../../model/widget.ts';
import { parseWidgetId } from '../../model/widget.ts';
import type { Treatment } from '../widget-app.ts';
import type { RuleFault } from './fault-rules.ts';
import { respelledAnswer } from './respell.ts';

export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** Does what the API does with this request, as usual or not quite. */
  handle(treatment: Treatment): Response | Promise<Response>;
  /** To be called before an answer is written to `outgoing` and not returned. */
  announce(status: number): void;
  /** The first widget of the account that is not this one; null where there is none. */
  anotherThan(widgetId: WidgetId): JsonObject | null;
  /** Cuts every connection and takes no new ones for so long. */
  refuseConnections(forMs: number): void;
  /** Aborted when the client is gone. */
  readonly disconnected: AbortSignal;
  /** Aborted when the sandbox closes. */
  readonly closing: AbortSignal;
}

export type SpoiltKind =
  | 'drip'
  | 'cut-body'
  | 'respell'
  | 'other-widget'
  | 'empty'
  | 'omit'
  | 'truncated'
  | 'content-type'
  | 'gzip'
  | 'huge';

export type Spoiling = Extract<RuleFault, { readonly kind: SpoiltKind }>;

/** An answer with its body read to the end. */
interface Whole {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The answer to send; null when it went out, or broke off, already. */
export async function spoil(fault: Spoiling, exchange: Exchange): Promise<Response | null> {
  const whole = await readWhole(await exchange.handle('as-usual'));
  const { body, headers } = whole;
  switch (fault.kind) {
    case 'empty':
      return emptied(whole, fault.status);
    case 'omit':
      return toResponse({ ...whole, body: withoutField(body, fault.field) });
    case 'truncated':
      return toResponse({ ...whole, body: firstHalf(body) });
    case 'content-type': {
      const contentType = fault.contentType ?? 'text/html; charset=utf-8';
      return toResponse({ ...whole, headers: { ...headers, 'content-type': contentType } });
    }
    case 'gzip':
      return toResponse({
        ...whole,
        headers: { ...headers, 'content-encoding': 'gzip' },
        body: fault.stream === 'broken' ? brokenGzip(body) : gzipSync(body),
      });
    case 'respell':
      return toResponse({ ...whole, body: respelledAnswer(body) });
    case 'other-widget':
      return toResponse({ ...whole, body: withAnotherWidget(body, exchange) });
    case 'drip':
      return drip(whole, fault.byteMs, exchange);
    case 'cut-body':
      return cutBody(whole, exchange);
    case 'huge':
      return sendHuge(whole, fault.bytes ?? 50 * 1024 * 1024, exchange);
  }
}

async function readWhole(response: Response): Promise<Whole> {
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
  };
}

function toResponse({ status, headers, body }: Whole): Response {
  return new Response(new Uint8Array(body), { status, headers: { ...headers } });
}

function emptied({ status, headers }: Whole, success: number | undefined): Response {
  const told = status < 300 ? (success ?? status) : status;
  // HTTP knows no body for these, not even an empty one.
  return new Response(told === 204 || told === 205 ? null : '', { status: told, headers });
}

function withoutField(body: Buffer, field: string): Buffer {
  const omit = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(omit);
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(Object.entries(value).filter(([name]) => name !== field));
  };
  const envelope = parseJson(body.toString()) ?? null;
  const data = isJsonObject(envelope) ? envelope['data'] : undefined;
  if (!isJsonObject(envelope) || !isJsonObject(data)) return body;
  const { items } = data;
  const shown = items === undefined ? omit(data) : { ...data, items: omit(items) };
  return Buffer.from(stringifyJson({ ...envelope, data: shown }));
}

function firstHalf(body: Buffer): Buffer {
  return body.subarray(0, Math.floor(body.length / 2));
}

/** Begins as gzip does, so that only who unpacks it finds out. */
function brokenGzip(body: Buffer): Buffer {
  const packed = gzipSync(body);
  return packed.fill(0xff, firstHalf(packed).length);
}

function withAnotherWidget(body: Buffer, exchange: Exchange): Buffer {
  const envelope = parseJson(body.toString());
  const widget = isJsonObject(envelope) ? envelope['data'] : undefined;
  if (!isJsonObject(envelope) || !isJsonObject(widget)) return body;
  const widgetId = parseWidgetId(widget['id']);
  const another = widgetId === null ? null : exchange.anotherThan(widgetId);
  const data = another ?? { ...widget, id: neverSeeded };
  return Buffer.from(stringifyJson({ ...envelope, data }));
}

/** Stands for the other widget in an account of one. */
const neverSeeded = 'ffffffff-ffff-4fff-bfff-ffffffffffff';

async function drip(whole: Whole, byteMs: number, exchange: Exchange): Promise<null> {
  const { outgoing, disconnected } = exchange;
  sendHead(whole, exchange);
  for (const byte of whole.body) {
    await systemClock.sleep(byteMs, disconnected);
    if (disconnected.aborted) return null;
    outgoing.write(Buffer.of(byte));
  }
  outgoing.end();
  return null;
}

async function cutBody(whole: Whole, exchange: Exchange): Promise<null> {
  const { incoming, outgoing } = exchange;
  sendHead(whole, exchange);
  // Only what has left this process is sure to arrive before the reset.
  await new Promise<void>((resolve) => outgoing.write(firstHalf(whole.body), () => resolve()));
  incoming.socket.resetAndDestroy();
  return null;
}

function sendHead({ status, headers, body }: Whole, { outgoing, announce }: Exchange): void {
  announce(status);
  outgoing.writeHead(status, { ...headers, 'content-length': body.length });
  outgoing.flushHeaders();
}

const chunk = Buffer.alloc(64 * 1024, 'x');

/** The real answer behind a member that is far too long: JSON, should anybody read it to its end. */
async function sendHuge(whole: Whole, bytes: number, exchange: Exchange): Promise<null> {
  const { outgoing, disconnected } = exchange;
  exchange.announce(whole.status);
  // Without its length, so that it has to be found out.
  outgoing.writeHead(whole.status, { ...whole.headers });
  outgoing.write('{"padding":"');
  for (let sent = 0; sent < bytes && !disconnected.aborted; sent += chunk.length) {
    // A client that reads slowly, or stops reading, must not fill this process's memory.
    if (!outgoing.write(chunk)) await once(outgoing, 'drain', { signal: disconnected }).catch(gone);
  }
  outgoing.end(`",${whole.body.toString().slice(1)}`);
  return null;
}

/** Waiting ends when the client goes away, which is what such a body is for. */
function gone(): void {}
