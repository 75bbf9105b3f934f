// A widget file with all that it inherits: what it declares, and what is wrong that only the whole shows.
import { canonicalJson, fromPointer, type Json, type JsonObject } from '../../base/json/json.ts';
import { holdsRegistered } from '../../base/secrets.ts';
import { closestName } from '../../base/suggest-name.ts';
import { listed, printable } from '../../base/text.ts';
import type { Finding, KnownContent } from '../../model/document.ts';
import { valueAt } from '../../model/value-at.ts';
import { asSpec, sha256, type WidgetId } from '../../model/widget.ts';
import { widgetSchema } from '../../model/widget-schema.ts';
import { layOver, withoutOmitted } from '../compose/compose-layers.ts';
import {
  type BodyFinding,
  errorAt,
  quoted,
  type Said,
  shown,
  valueIn,
  warningAt,
} from '../parse/finding.ts';
import { emptyObjectFindings } from './empty-objects.ts';
import {
  type Entry,
  explainInList,
  isError,
  type LayerContent,
  mostToldOfList,
} from './layer-content.ts';
import { lookFindings, lookNotes } from './look-findings.ts';
import {
  isAllowed,
  policyOf,
  type Suspension,
  suspensionOf,
  wholeSyncFindings,
} from './sync-policy.ts';
import { textFindings, textNotes } from './text-findings.ts';

export interface WholeContent {
  /** The content to apply; null when an error stands in the way. */
  readonly widget: KnownContent | null;
  readonly suspension: Suspension | null;
  /** Composed. */
  readonly sync: Json | undefined;
  /** Errors and warnings, wherever their fields stand. */
  readonly findings: readonly BodyFinding[];
  /** None beside an error, and none where they were not asked for. */
  readonly notes: readonly BodyFinding[];
  /** Errors and warnings of the file's own `omit`. */
  readonly ofOmit: readonly Finding[];
}

export interface WholeOptions {
  readonly notes?: boolean;
  /** The names of the fragments, for what none of them declares. */
  readonly fragments?: readonly string[];
}

/** Bytes of the canonical JSON of a body: as much as a file may have. */
const largestBody = 1024 * 1024;

/** `inherited`: what the fragments declare together. Neither they nor the file have errors of their own. */
export function wholeContent(
  own: Pick<LayerContent, 'omit'> & { readonly value: JsonObject; readonly widgetId: WidgetId },
  inherited: JsonObject,
  { notes = true, fragments = [] }: WholeOptions = {},
): WholeContent {
  const pointers = own.omit.map(({ text }) => text);
  const left = withoutOmitted(inherited, pointers);
  const whole = layOver(left, own.value);
  const { sync } = whole;
  const body = sync === undefined ? whole : withoutSync(whole);
  const canonical = canonicalJson(body);
  const isToSay = (finding: Pick<Finding, 'severity' | 'code'>) => !isAllowed(finding, sync);
  const isLacking = !Object.hasOwn(body, 'widget_type');
  const omitted = isLacking ? own.omit.find(({ text }) => text === '/widget_type') : undefined;
  const isOmitted = omitted !== undefined && Object.hasOwn(inherited, 'widget_type');
  const ofOmit = mostToldOfList(
    [
      ...(isOmitted ? [errorAt(omitted.range, 'missing-field', typeOmitted)] : []),
      ...own.omit.flatMap((entry) => omitFinding(entry, inherited)),
    ].filter(isToSay),
  );
  const findings = [
    ...(isLacking && !isOmitted ? [typeMissing(fragments)] : []),
    ...sizeFindings(canonical),
    ...wholeSyncFindings(whole, [inherited, own.value]),
    ...lookFindings(whole, { hasErrors: false }),
    ...textFindings(whole),
    ...emptyObjectFindings(own.value, left),
  ].filter((finding) => isToSay(finding) && isSayable(finding));
  const hasErrors = [...findings, ...ofOmit].some(isError);
  const noted = hasErrors || !notes ? [] : [...lookNotes(whole), ...textNotes(whole)];
  return {
    widget: hasErrors ? null : declared({ ...own, body, canonical, sync }),
    ...{ suspension: suspensionOf(sync), sync, findings, ofOmit },
    notes: noted.filter((note) => isToSay(note) && isSayable(note)),
  };
}

function withoutSync({ sync: _, ...body }: JsonObject): JsonObject {
  return body;
}

/** A key may come together of what two files say. */
function isSayable({ summary, detail }: BodyFinding): boolean {
  return !holdsRegistered(summary) && !holdsRegistered(detail);
}

function declared(own: {
  readonly widgetId: WidgetId;
  readonly body: JsonObject;
  readonly canonical: string;
  readonly sync: Json | undefined;
}): KnownContent {
  const { widgetId, body, canonical, sync } = own;
  // The schema has accepted each layer, and laid over each other they are as it wants them.
  const spec = asSpec(body);
  const policy = policyOf(sync as Parameters<typeof policyOf>[0]);
  return { widgetId, spec, hash: sha256(canonical), sync: policy };
}

const typeOmitted: Said = {
  summary: 'widget_type is omitted, and every widget needs one',
  detail: 'Take /widget_type out of omit; or declare the widget_type that is meant in this file.',
};

const typeIsMissing = 'widget_type is missing';
const { description: ofType } = widgetSchema.properties.widget_type;

function typeMissing(fragments: readonly string[]): BodyFinding {
  const names = fragments.length === 0 ? '' : ` (${listed(fragments.map(printable), 3)})`;
  return errorAt(valueIn(''), 'missing-field', {
    summary: typeIsMissing,
    detail: `Neither the file nor a fragment that it extends${names} declares widget_type. ${ofType}`,
  });
}

/** Whether it is that of a widget file which no fragment gives a type. */
export function isTypeMissing({ code, summary }: Pick<Finding, 'code' | 'summary'>): boolean {
  return code === 'missing-field' && summary === typeIsMissing;
}

/** Said of a fragment where the widgets that it reaches have no type. */
export const typeMissingForAll: Said = {
  summary: typeIsMissing,
  detail: `Neither this fragment, nor one that it extends, nor the widget files declare widget_type. ${ofType}`,
};

function sizeFindings(canonical: string): BodyFinding[] {
  // No character takes more than three bytes.
  if (canonical.length * 3 <= largestBody) return [];
  const size = Buffer.byteLength(canonical);
  if (size <= largestBody) return [];
  return [
    errorAt(valueIn(''), 'file-too-large', {
      summary: 'the file is larger than 1 MiB with what it extends',
      detail: `Expected at most ${largestBody} bytes of JSON, found ${size}. A widget is a few kilobytes.`,
    }),
  ];
}

function omitFinding({ text, range }: Entry, inherited: JsonObject): Finding[] {
  const inList = explainInList(text, inherited);
  if (inList !== null) return [errorAt(range, 'invalid-value', inList)];
  const path = fromPointer(text);
  if (valueAt(inherited, path) !== undefined) return [];
  return [warningAt(range, 'no-effect', explainIdle(text, path, inherited))];
}

function explainIdle(pointer: string, path: readonly string[], inherited: JsonObject): Said {
  const names = Object.keys(inherited);
  const nearest = closestName(path[0] ?? '', names);
  const isKnown = names.includes(path[0] ?? '');
  return {
    summary: `${shown(pointer)} is not inherited`,
    detail:
      isKnown || nearest === null
        ? 'No fragment that the file extends declares it. Remove the entry, or correct it.'
        : `Did you mean ${quoted(`/${[nearest, ...path.slice(1)].join('/')}`)}? Otherwise remove the entry.`,
  };
}

/** Of a file that extends nothing. */
export function idleOmitFindings(omit: readonly Entry[]): Finding[] {
  const findings = omit.map(({ text, range }) =>
    warningAt(range, 'no-effect', {
      summary: `${shown(text)} is not inherited`,
      detail:
        'The file extends nothing, so that there is nothing to omit. Remove the entry, or name a fragment under extends.',
    }),
  );
  return mostToldOfList(findings);
}
