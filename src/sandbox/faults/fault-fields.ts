// The values that each field of a fault file may hold, kind by kind. The compiler keeps this table in step with
// the rules that tests state in TypeScript.

import type { Place } from '../../base/yaml/yaml-places.ts';
import { parseWidgetId } from '../../model/widget.ts';
import type { Conditions, DelayMs, FaultKind, RuleFault } from './fault-rules.ts';

type Written = Pick<Place, 'value' | 'spelling'>;

export interface Field<Value = unknown> {
  /** Continues "expected …". */
  readonly expected: string;
  readonly isRequired: boolean;
  /** `undefined`: not what is expected. */
  read(written: Written): Value | undefined;
}

type FieldsOf<Values> = { readonly [Name in keyof Values]-?: Field<NonNullable<Values[Name]>> };

type KindFields = {
  readonly [Kind in FaultKind]: FieldsOf<Omit<Extract<RuleFault, { kind: Kind }>, 'kind'>>;
};

/** Named as in TypeScript; a file writes them with underscores. */
export const conditionFields: FieldsOf<Conditions> = {
  method: oneOf('GET', 'PUT'),
  widgetId: optional('a widget id (a UUID)', ({ value }) => parseWidgetId(value) ?? undefined),
  probability: optional('a number from 0 to 1', ({ value }) => numberWithin(value, 0, 1)),
  after: wholeNumber(0, 1e9),
  times: wholeNumber(1, 1e9),
};

export const seedField: Field<number> = wholeNumber(0, 2 ** 32 - 1);

/** An hour: longer than any client waits, and far below what a timer can count. */
const longestMs = 3_600_000;

export const kindFields: KindFields = {
  delay: {
    delayMs: {
      expected: `milliseconds from 0 to ${longestMs}, or two of them, [least, most]`,
      isRequired: true,
      read: ({ value }) => delayOf(value),
    },
  },
  drip: { byteMs: required(wholeNumber(0, longestMs)) },
  refuse: { forMs: required(wholeNumber(1, longestMs)) },
  reset: {},
  'cut-body': {},
  hang: {},
  status: {
    status: required(wholeNumber(200, 599)),
    retryAfter: headerText('seconds, or a text that is sent as it is'),
    retryAfterDate: wholeNumber(-1e10, 1e10),
    body: oneOf('html', 'json', 'empty'),
  },
  limit: { requests: required(wholeNumber(1, 1e6)), perMs: wholeNumber(1, longestMs) },
  redirect: {
    status: required(oneOf(301, 302, 303, 307, 308)),
    to: headerText('the beginning of a URL, such as https://elsewhere.example'),
  },
  'lost-answer': { status: wholeNumber(200, 599) },
  'not-stored': { echo: oneOf('sent', 'unchanged') },
  stale: {},
  respell: {},
  'other-widget': {},
  empty: { status: wholeNumber(200, 299) },
  omit: { field: required(headerText("a field's name")) },
  truncated: {},
  'content-type': { contentType: headerText('a content type, such as text/html') },
  gzip: { stream: oneOf('valid', 'broken'), when: oneOf('always', 'asked') },
  huge: { bytes: wholeNumber(1, 2 ** 40) },
};

export function isFaultKind(text: unknown): text is FaultKind {
  return typeof text === 'string' && Object.hasOwn(kindFields, text);
}

function optional<Value>(expected: string, read: Field<Value>['read']): Field<Value> {
  return { expected, isRequired: false, read };
}

function required<Value>(field: Field<Value>): Field<Value> {
  return { ...field, isRequired: true };
}

function oneOf<Value extends string | number>(...values: readonly Value[]): Field<Value> {
  return optional(`one of ${values.join(', ')}`, ({ value }) =>
    values.find((known) => known === value),
  );
}

function wholeNumber(least: number, most: number): Field<number> {
  return optional(`a whole number from ${least} to ${most}`, ({ value }) =>
    Number.isSafeInteger(value) ? numberWithin(value, least, most) : undefined,
  );
}

/** Numbers too, as they are spelt. Only what a header can carry. */
function headerText(expected: string): Field<string> {
  return optional(`${expected}, in printable ASCII`, ({ value, spelling }) => {
    const text = typeof value === 'number' ? spelling : value;
    return typeof text === 'string' && /^[\x20-\x7e]*$/.test(text) ? text : undefined;
  });
}

function numberWithin(value: unknown, least: number, most: number): number | undefined {
  return typeof value === 'number' && value >= least && value <= most ? value : undefined;
}

function delayOf(value: unknown): DelayMs | undefined {
  const bounds: readonly unknown[] = Array.isArray(value) ? value : [value, value];
  const { read } = wholeNumber(0, longestMs);
  const [least, most] = bounds.map((bound) => read({ value: bound, spelling: null }));
  if (bounds.length !== 2 || least === undefined || most === undefined || least > most) {
    return undefined;
  }
  return Array.isArray(value) ? [least, most] : least;
}
