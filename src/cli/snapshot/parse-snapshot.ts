// A snapshot from its text. Nothing of it is trusted: it comes from elsewhere, and what is not exactly as
// `formatSnapshot` leaves it is refused with one sentence, which goes on after the name of the file.
import { isDeeperThan, isJsonObject, type Json, parseJson } from '../../base/json/json.ts';
import { fitting, type StoredSchema } from '../../base/json/json-schema.ts';
import { shorten } from '../../base/text.ts';
import {
  type Snapshot,
  type SnapshotOrigin,
  type SnapshotWidget,
  standings,
} from '../../model/snapshot/snapshot.ts';
import { parseWidgetId, type WidgetId } from '../../model/widget.ts';
import { deepestLive } from '../../model/widget-fields.ts';
import { checksumOfText } from '../../plan/snapshot/format-snapshot.ts';

/** In bytes: 30,000 widgets, of which each says a lot. */
export const largestSnapshot = 16 * 1024 * 1024;

export type ParsedSnapshot = { readonly snapshot: Snapshot } | { readonly refusal: string };

/** Clocks of two machines may be apart so far. */
const clockSkewMs = 5 * 60_000;

export function parseSnapshot(text: string, now: Date): ParsedSnapshot {
  if (text.trim() === '') return refused('is empty');
  const end = text.indexOf('\n');
  const first = end === -1 ? text : text.slice(0, end);
  const found = parseHead(first);
  if ('refusal' in found) return found;
  const { origin, amount, checksum, head } = found;
  if (origin.time.getTime() > now.getTime() + clockSkewMs) {
    return refused(
      `says that it was taken at ${origin.time.toISOString()}, which is still to come`,
    );
  }
  const rest = end === -1 ? '' : text.slice(end + 1);
  const lines = rest.split('\n');
  // A line without its end is no whole line.
  lines.pop();
  if (lines.length < amount) {
    return refused(`is cut off: it was of ${amount} widgets, and has ${lines.length}`);
  }
  if (checksumOfText(head, rest) !== checksum) {
    return refused('is not as it was written: its checksum does not fit, so take or fetch it anew');
  }
  return withWidgets(origin, amount, lines);
}

function withWidgets(
  origin: SnapshotOrigin,
  amount: number,
  lines: readonly string[],
): ParsedSnapshot {
  if (lines.length !== amount) {
    return refused(`says that it is of ${amount} widgets, and has ${lines.length}`);
  }
  const widgets: SnapshotWidget[] = [];
  const ids = new Set<WidgetId>();
  for (const [at, line] of lines.entries()) {
    const widget = parseWidget(line);
    if (widget === null) return refused(`has a line that tells of no widget: line ${at + 2}`);
    if (ids.has(widget.widgetId)) {
      return refused(`tells of the widget ${widget.widgetId} twice: line ${at + 2}`);
    }
    ids.add(widget.widgetId);
    widgets.push(widget);
  }
  return { snapshot: { ...origin, widgets } };
}

interface Head {
  readonly origin: SnapshotOrigin;
  readonly amount: number;
  readonly checksum: string;
  /** Without the checksum. */
  readonly head: string;
}

const isNone = 'is no snapshot: widget-sync snapshot takes one';

function parseHead(line: string): Head | { readonly refusal: string } {
  const head = parseJson(line);
  if (!isJsonObject(head)) return refused(isNone);
  const { kind, format_version: format } = head;
  if (kind !== 'snapshot') {
    const named = typeof kind === 'string' ? ` (its kind is ${shorten(kind, 40)})` : '';
    return refused(`${isNone}${named}`);
  }
  if (typeof format !== 'string' || !/^1\.\d+$/.test(format)) {
    const named = typeof format === 'string' ? shorten(format, 20) : 'without a number';
    return refused(`has a format that this version does not read (${named}): it reads 1.x`);
  }
  const end = /,"checksum":"([0-9a-f]{64})"\}$/.exec(line);
  const stored = fitting<StoredHead>(headSchema, head);
  if (end === null || stored === null) return refused('has a first line that is damaged');
  const { time, version, revision, account, values, widgets } = stored;
  return {
    origin: {
      ...{ time: new Date(time), version, revision, values },
      ...(account !== undefined && { account }),
    },
    amount: widgets,
    checksum: end[1] ?? '',
    head: `${line.slice(0, end.index)}}`,
  };
}

interface StoredHead extends Omit<SnapshotOrigin, 'time'> {
  readonly time: string;
  readonly widgets: number;
}

const text = { type: 'string' } as const;
const texts = { type: 'array', items: text } as const;
const pointers = { type: 'array', items: { type: 'string', pattern: '^/' } } as const;

const headSchema: StoredSchema = {
  type: 'object',
  properties: {
    time: { type: 'string', format: 'date-time' },
    version: { type: 'string', pattern: '^[0-9A-Za-z.+-]{1,64}$' },
    revision: { type: ['string', 'null'], pattern: '^([0-9a-f]{40}|[0-9a-f]{64})$' },
    account: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,62}$' },
    values: { enum: ['none', 'declared'] },
    widgets: { type: 'integer', minimum: 0 },
  },
  required: ['time', 'version', 'revision', 'values', 'widgets'],
};

const widgetSchema: StoredSchema = {
  type: 'object',
  properties: {
    widget_id: text,
    file: { type: 'string', minLength: 1 },
    hash: { type: ['string', 'null'], pattern: '^[0-9a-f]{64}$' },
    declared: { type: ['array', 'null'], items: text },
    differs: pointers,
    set: texts,
    pending: pointers,
    lacks: pointers,
    vanished: texts,
    live: { type: 'object' },
    standing: { enum: standings },
  },
  required: ['widget_id', 'file', 'hash', 'declared', 'differs', 'set'],
};

interface StoredWidget extends Omit<SnapshotWidget, 'widgetId'> {
  readonly widget_id: string;
}

function parseWidget(line: string): SnapshotWidget | null {
  const value = parseJson(line);
  if (!isJsonObject(value) || isDeeperThan(deepestLive + 2, value)) return null;
  const stored = fitting<StoredWidget>(widgetSchema, value);
  if (stored === null) return null;
  const { file, hash, declared, differs, set, ...others } = stored;
  const { pending = [], lacks = [], vanished = [], live = {}, standing = 'read' } = others;
  const widgetId = parseWidgetId(others.widget_id);
  if (widgetId === null || !isFile(file)) return null;
  const told = { file, hash, declared, differs, set };
  return { widgetId, ...told, pending, lacks, vanished, live, standing };
}

/** Below the widget directory: a path is printed, and looked up. */
function isFile(file: Json): boolean {
  return typeof file === 'string' && !file.startsWith('/') && !file.split('/').includes('..');
}

function refused(refusal: string): { readonly refusal: string } {
  return { refusal };
}
