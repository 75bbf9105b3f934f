// What scripts may rely on: the shapes of `--json`, written down apart from the code that prints them.
import { Ajv, type ValidateFunction } from 'ajv';
import { expect } from 'vitest';
import { problemCodes } from '../../src/documents/problem-codes.ts';

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });

/** Draft-07, every property required, no other property allowed. */
function exactly(properties: Record<string, object>) {
  return {
    type: 'object',
    additionalProperties: false,
    required: Object.keys(properties),
    properties,
  };
}

const listOf = (items: object) => ({ type: 'array', items });
const text = { type: 'string', minLength: 1 };
const counter = { type: 'integer', minimum: 0 };
const widgetId = {
  type: 'string',
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
};
const nullableWidgetId = { ...widgetId, type: ['string', 'null'] };
const file = { type: 'string', pattern: '^[^/\\\\].*\\.ya?ml$' };
const version = { const: '1.0' };
const codes = Object.keys(problemCodes);
const position = exactly({
  line: { type: 'integer', minimum: 1 },
  column: { type: 'integer', minimum: 1 },
});

const diagnostic = exactly({
  severity: { enum: ['error', 'warning'] },
  code: { enum: codes },
  summary: text,
  detail: text,
  // The directory itself, when it holds no widget.
  file: { anyOf: [file, { const: '.' }] },
  range: exactly({ start: position, end: position }),
});

const field = {
  type: 'object',
  additionalProperties: false,
  required: ['path'],
  properties: { path: { type: 'string', pattern: '^(/([^~/]|~[01])*)+$' }, from: {}, to: {} },
  anyOf: [{ required: ['from'] }, { required: ['to'] }],
};

const widgetAt = { widget_id: widgetId, file };

const shapes = {
  'validate --json': exactly({
    format_version: version,
    valid: { type: 'boolean' },
    error_count: counter,
    warning_count: counter,
    diagnostics: listOf(diagnostic),
  }),
  'plan --json': exactly({
    format_version: version,
    revision: { type: ['string', 'null'] },
    checksum: { type: 'string', pattern: '^[0-9a-f]{64}$' },
    changes: listOf(
      exactly({
        ...widgetAt,
        action: { const: 'update' },
        reason: { enum: ['new', 'edited', 'drifted', 'forced'] },
        fields: listOf(field),
      }),
    ),
    adopted: listOf(exactly(widgetAt)),
    held: listOf(
      exactly({
        widget_id: nullableWidgetId,
        file,
        code: { enum: [...codes, 'suspended'] },
        message: text,
      }),
    ),
    orphaned: listOf(exactly(widgetAt)),
    summary: exactly({
      update: counter,
      adopt: counter,
      unchanged: counter,
      held: counter,
      orphaned: counter,
      total: counter,
    }),
    diagnostics: listOf(diagnostic),
  }),
  'apply --json: version': exactly({ type: { const: 'version' }, format_version: version }),
  'apply --json: outcome': exactly({
    type: { const: 'outcome' },
    widget_id: nullableWidgetId,
    file,
    status: { enum: ['applied', 'adopted', 'failed', 'held'] },
    attempts: counter,
    http_status: { type: ['integer', 'null'], minimum: 100, maximum: 599 },
    error: { ...text, type: ['string', 'null'] },
  }),
  'apply --json: summary': exactly({
    type: { const: 'summary' },
    applied: counter,
    adopted: counter,
    unchanged: counter,
    failed: counter,
    held: counter,
    orphaned: counter,
  }),
};

type ShapeName = keyof typeof shapes;

const compiled = new Map<ShapeName, ValidateFunction>();

function expectShape(name: ShapeName, value: unknown): void {
  const schema = { $schema: 'http://json-schema.org/draft-07/schema#', ...shapes[name] };
  const accepts = compiled.get(name) ?? ajv.compile(schema);
  compiled.set(name, accepts);
  accepts(value);
  expect(accepts.errors ?? [], `${name}: ${JSON.stringify(value)}`).toEqual([]);
}

export interface Diagnostic {
  readonly severity: string;
  readonly code: string;
  readonly summary: string;
  readonly detail: string;
  readonly file: string;
  readonly range: { readonly start: { readonly line: number; readonly column: number } };
}

export interface ValidateOutput {
  readonly valid: boolean;
  readonly error_count: number;
  readonly warning_count: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** The whole of stdout as `validate --json` promises it. */
export function readValidateJson(stdout: string): ValidateOutput {
  const value = JSON.parse(stdout);
  expectShape('validate --json', value);
  const errors = value.diagnostics.filter((one: Diagnostic) => one.severity === 'error').length;
  expect(value).toMatchObject({
    valid: errors === 0,
    error_count: errors,
    warning_count: value.diagnostics.length - errors,
  });
  return value;
}

export interface PlannedChange {
  readonly widget_id: string;
  readonly file: string;
  readonly reason: string;
  readonly fields: readonly { readonly path: string; readonly from?: unknown; to?: unknown }[];
}

export interface PlanOutput {
  readonly checksum: string;
  readonly changes: readonly PlannedChange[];
  readonly held: readonly { widget_id: string | null; file: string; code: string }[];
  readonly orphaned: readonly { widget_id: string; file: string }[];
  readonly summary: Readonly<Record<string, number>>;
  readonly diagnostics: readonly Diagnostic[];
}

/** The whole of stdout as `plan --json` promises it, its numbers agreeing with its lists. */
export function readPlanJson(stdout: string): PlanOutput {
  const value = JSON.parse(stdout);
  expectShape('plan --json', value);
  expect(value.summary).toMatchObject({
    update: value.changes.length,
    adopt: value.adopted.length,
    held: value.held.length,
    orphaned: value.orphaned.length,
  });
  return value;
}

export interface OutcomeLine {
  readonly widget_id: string | null;
  readonly file: string;
  readonly status: 'applied' | 'adopted' | 'failed' | 'held';
  readonly attempts: number;
  readonly http_status: number | null;
  readonly error: string | null;
}

export interface ApplyOutput {
  readonly outcomes: readonly OutcomeLine[];
  readonly summary: Readonly<Record<string, number>>;
}

/** The whole of stdout as `apply --json` promises it: a version, an outcome a widget, a summary. */
export function readApplyJson(stdout: string): ApplyOutput {
  expect(stdout.endsWith('\n'), 'the last line ends').toBe(true);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expectShape('apply --json: version', lines[0]);
  const outcomes: OutcomeLine[] = lines.slice(1, -1);
  for (const outcome of outcomes) expectShape('apply --json: outcome', outcome);
  const { type: _, ...summary } = lines.at(-1);
  expectShape('apply --json: summary', lines.at(-1));
  const ended = (status: string) => outcomes.filter((line) => line.status === status).length;
  for (const status of ['applied', 'adopted', 'failed', 'held']) {
    expect(summary[status], `${status} in the summary`).toBe(ended(status));
  }
  return { outcomes, summary };
}
