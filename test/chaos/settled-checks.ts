// What must be true once it is calm: the account as the tree says, the records as the account is, and
// the status as both. Pure; every difference is one sentence.
import type { JsonObject } from '../../src/base/json/json.ts';
import { isJsonObject } from '../../src/base/json/json.ts';
import { hashSpec, type WidgetSpec } from '../../src/model/widget.ts';
import { type Content, emptyValueOf, optionalFields, seedFields } from './contents.ts';
import type { Entry } from './journal.ts';
import type { Now, StatusNow, WidgetNow } from './now.ts';
import { isStale, mayBeFoughtOver, reasonToDiffer, wasIgnored, wasRefused } from './reasons.ts';
import { isOf, isSame } from './requests-checks.ts';
import type { Span, Standing } from './widget-files.ts';

/**
 * `recorded`: a widget may differ for a reason that was recorded of it, since nobody has helped yet.
 * `reported`: everything was looked at, so a widget may only differ where the status says so, or where
 * the API itself had said that it kept another value. `none`: everything was sent again.
 */
export type Excuses = 'recorded' | 'reported' | 'none';

export function findDifferences(now: Now, excuses: Excuses): string[] {
  // Nothing can be sent, and nobody is to blame but the key.
  if (excuses === 'recorded' && isHalted(now)) return [];
  return [
    ...now.widgets.flatMap((widget) => checkWidget(widget, now.status, excuses)),
    ...checkStatus(now, excuses),
  ];
}

/** What stands in the way of a look that is all as it should be, as far as that is right for now. */
export function excusesOf(now: Now, excuses: Excuses): string[] {
  if (excuses === 'recorded' && isHalted(now)) return ['the key was refused'];
  const differing = now.widgets.filter(
    (widget) =>
      widget.standing === 'valid' &&
      checkAll(widget).length > 0 &&
      excuseOf(widget, now.status, excuses) !== null,
  );
  return differing.map((widget) => String(excuseOf(widget, now.status, excuses)));
}

/** Nothing is read or sent: the process was refused its key and says so. */
export function isHalted({ status, isKeyRefused }: Now): boolean {
  return isKeyRefused && status !== null && status['blocked'] !== null;
}

function checkWidget(widget: WidgetNow, status: StatusNow, excuses: Excuses): string[] {
  const differences = () => {
    if (widget.standing !== 'valid') return checkKeptRecord(widget);
    const excuse = excuseOf(widget, status, excuses);
    if (excuse === null) return checkAll(widget);
    return excuses === 'recorded' ? [] : [...checkReleased(widget), ...checkRecord(widget)];
  };
  return differences().map((difference) => `${widget.path}: ${difference}`);
}

function checkAll(widget: WidgetNow): string[] {
  return [...checkDeclared(widget), ...checkReleased(widget), ...checkRecord(widget)];
}

function excuseOf(widget: WidgetNow, status: StatusNow, excuses: Excuses): string | null {
  switch (excuses) {
    case 'recorded':
      return reasonToDiffer(widget);
    case 'reported':
      return isReported(widget, status) ? 'reported' : null;
    case 'none':
      return null;
  }
}

/** What is held, or has no file, is recorded as it was last applied. */
function checkKeptRecord({ spans, record }: WidgetNow): string[] {
  if (record === null) return [];
  const contents = spans.flatMap(({ content }) => content ?? []);
  const applied = contents.find((content) => hashOf(content) === record['hash']);
  if (applied !== undefined && isSame(record['spec'], applied.fields)) return [];
  return ['the record holds what no file has ever declared'];
}

function checkDeclared({ spans, live }: WidgetNow): string[] {
  const fields = contentOf(spans)?.fields ?? {};
  return Object.entries(fields)
    .filter(([name, value]) => !isSame(live[name], value))
    .map(
      ([name, value]) => `${name} is ${JSON.stringify(live[name])}, not ${JSON.stringify(value)}`,
    );
}

function isReported(widget: WidgetNow, status: StatusNow): boolean {
  const { widgetId, record, live, spans, entries } = widget;
  if (idsIn(status, 'drifted').includes(widgetId)) return mayBeFoughtOver(widget);
  const content = spans.at(-1);
  const echo = record?.['echo'];
  const isLiedAbout = (entry: Entry) =>
    wasIgnored(entry) && content !== undefined && isOf(content, entry.request.body);
  if (!isJsonObject(echo) || !entries.some(isLiedAbout)) return false;
  const fields = Object.keys(contentOf(spans)?.fields ?? {});
  return fields.every((name) => isSame(live[name], echo[name]));
}

/** A field that was once set by a file and no longer is stands empty; one that never was, as ever. */
function checkReleased(widget: WidgetNow): string[] {
  const { n, spans, live, entries } = widget;
  const fields = contentOf(spans)?.fields ?? {};
  return optionalFields
    .filter((name) => !Object.hasOwn(fields, name))
    .flatMap((name) => {
      const declaring = entries.filter((entry) => declaredField(entry, spans, name));
      const isSet = declaring.some(({ stored }) => stored !== null);
      const value = live[name];
      const expected = isSet ? emptyValueOf(name) : seedFields(n)[name];
      if (isSame(value, expected) || isLeftBehind(widget, name)) return [];
      // What the API said that it had stored is released like what it has stored.
      if (declaring.some(wasIgnored) && isSame(value, emptyValueOf(name))) return [];
      return [
        `${name} is ${JSON.stringify(value)} though no file declares it, not ${JSON.stringify(expected)}`,
      ];
    });
}

function declaredField({ request }: Entry, spans: readonly Span[], name: string): boolean {
  const content = spans.find((span) => isOf(span, request.body))?.content;
  return content != null && Object.hasOwn(content.fields, name);
}

/**
 * The limits: a write that landed after its client had given it up; one that landed unconfirmed before
 * anything was ever confirmed of the widget; a release that the API only claimed to have stored; and
 * what a late read has brought back.
 */
function isLeftBehind(widget: WidgetNow, name: string): boolean {
  const { entries, live, recordedRuns, reads, spans } = widget;
  const value = live[name];
  const setters = entries
    .filter(({ stored }) => stored !== null && isSame(stored.after[name], value))
    .filter(({ stored }) => !isSame(stored?.before[name], value))
    .sort((a, b) => (a.stored?.turn ?? 0) - (b.stored?.turn ?? 0));
  const last = setters.at(-1);
  if (last?.stored == null) return false;
  // An answer that came too late for a process that was killed is none.
  const isConfirmed = ({ request: { method, status }, daemon }: Entry) =>
    method === 'PUT' && status === 200 && recordedRuns.has(daemon);
  const firstConfirmed = entries.findIndex(isConfirmed);
  const isFirst = firstConfirmed === -1 || entries.indexOf(last) < firstConfirmed;
  const isLiedAbout = entries.slice(entries.indexOf(last)).some(wasIgnored);
  // A body takes what it does not declare from a read, which may have been late.
  const isRevived =
    !declaredField(last, spans, name) &&
    reads.some(
      (read) =>
        isStale(read) &&
        read.daemon === last.daemon &&
        (read.request.endedAtMs ?? Number.POSITIVE_INFINITY) <= last.request.startedAtMs &&
        isSame(read.shown?.get(widget.widgetId)?.[name], value),
    );
  return last.stored.isLate || isFirst || isLiedAbout || isRevived;
}

function checkRecord({ widgetId, path, spans, record }: WidgetNow): string[] {
  const content = contentOf(spans);
  if (content === null) return [];
  if (record === null) return ['no record'];
  const expected = { widget_id: widgetId, file: path, hash: hashOf(content) };
  return Object.entries({ ...expected, spec: content.fields, unconfirmed_hash: null })
    .filter(([name, value]) => !isSame(record[name], value))
    .map(([name]) => `the record says ${name} ${JSON.stringify(record[name])}`);
}

function checkStatus({ widgets, status }: Now, excuses: Excuses): string[] {
  if (status === null) return ['there is no status'];
  const among = (standing: Standing) => widgets.filter((one) => one.standing === standing);
  const heldIds = among('held').map(({ widgetId }) => String(widgetId));
  // A file so broken that nobody knows its widget stands under its name alone.
  const heldPaths = among('held').map(({ path }) => path);
  const inStatus = entriesIn(status, 'held');
  const nameless = inStatus.filter(({ widget_id: id }) => id === null).map(({ file }) => file);
  // Nor once it was renamed: its widget then has no file for all that is known.
  const lost = among('held').filter(
    ({ path, record }) => nameless.includes(path) && record !== null && record['file'] !== path,
  );
  const orphaned = [...among('gone').filter(({ record }) => record !== null), ...lost];
  const lists: [string, readonly string[]][] = [
    ['orphaned', orphaned.map(({ widgetId }) => widgetId)],
    ['failed', excuses === 'recorded' ? failedFor(widgets, status) : []],
  ];
  const paths = inStatus.map(({ file }) => file);
  const unheld = heldPaths.filter((path) => !paths.includes(path));
  const wrongly = inStatus
    .filter(({ widget_id: id }) => !(typeof id === 'string' && heldIds.includes(id)))
    .filter(({ file, widget_id: id }) => id !== null || !heldPaths.some((path) => path === file));
  return [
    ...lists
      .filter(([name, ids]) => !isSame(idsIn(status, name).sort(), [...ids].sort()))
      .map(([name]) => `the status has as ${name} ${JSON.stringify(status[name])}`),
    ...unheld.map((path) => `the status does not hold ${path}`),
    ...wrongly.map(({ file }) => `the status holds ${file}`),
    ...(status['pending'] === 0 ? [] : [`the status has ${status['pending']} pending`]),
    ...(status['blocked'] === null ? [] : [`the status is blocked: ${status['blocked']}`]),
  ];
}

/** Those that the status has as failed and that the API has refused. */
function failedFor(widgets: readonly WidgetNow[], status: StatusNow): string[] {
  const failed = idsIn(status, 'failed');
  return widgets
    .filter((widget) => failed.includes(widget.widgetId) && wasRefused(widget))
    .map(({ widgetId }) => widgetId);
}

function idsIn(status: StatusNow, list: string): string[] {
  return entriesIn(status, list).map((entry) => String(entry['widget_id']));
}

function entriesIn(status: StatusNow, list: string): JsonObject[] {
  const entries = status?.[list];
  return Array.isArray(entries) ? entries.filter(isJsonObject) : [];
}

function contentOf(spans: readonly Span[]): Content | null {
  return spans.at(-1)?.content ?? null;
}

/** A content declares only what a file may declare. */
export function hashOf({ fields }: Content): string {
  return hashSpec(fields as WidgetSpec);
}
