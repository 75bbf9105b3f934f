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
const file = { type: 'string', pattern: '^[^/\\\\].*\\.ya?ml$' };
const version = { const: '1.0' };
const codes = Object.keys(problemCodes);
const reasons = ['new', 'edited', 'drifted', 'forced'];
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

const pointer = { type: 'string', pattern: '^(/([^~/]|~[01])*)+$' };
const time = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' };
const sha256 = { type: 'string', pattern: '^[0-9a-f]{64}$' };
const nullable = (schema: { type: string }) => ({ ...schema, type: [schema.type, 'null'] });

const field = {
  type: 'object',
  additionalProperties: false,
  required: ['path', 'by'],
  properties: {
    path: pointer,
    from: {},
    to: {},
    by: { enum: ['git', 'dashboard', 'both'] },
    released: { const: true },
  },
  anyOf: [{ required: ['from'] }, { required: ['to'] }],
};

const widgetAt = { widget_id: widgetId, file };
const held = exactly({
  widget_id: nullable(widgetId),
  file,
  code: { enum: [...codes, 'suspended', 'not-in-account'] },
  message: text,
});
const drifted = {
  ...widgetAt,
  why: { enum: ['policy', 'fought-over'] },
  until: nullable(time),
};

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
    checksum: sha256,
    changes: listOf(
      exactly({
        ...widgetAt,
        action: { const: 'update' },
        reason: { enum: reasons },
        fields: listOf(field),
      }),
    ),
    adopted: listOf(exactly(widgetAt)),
    held: listOf(held),
    orphaned: listOf(exactly(widgetAt)),
    drifted: listOf(exactly({ ...drifted, fields: listOf(field) })),
    ignored: listOf(exactly({ ...widgetAt, paths: listOf(pointer) })),
    unmanaged: { type: ['integer', 'null'], minimum: 0 },
    cost: exactly({
      list: counter,
      get: counter,
      put: counter,
      seconds: { type: 'number', minimum: 0 },
    }),
    summary: exactly({
      update: counter,
      adopt: counter,
      unchanged: counter,
      held: counter,
      orphaned: counter,
      drifted: counter,
      total: counter,
    }),
    refused: nullable(
      exactly({
        code: { const: 'too-many-changes' },
        checksum: sha256,
        changes: counter,
        most: counter,
      }),
    ),
    diagnostics: listOf(diagnostic),
  }),
  'apply --json: version': exactly({ type: { const: 'version' }, format_version: version }),
  'apply --json: outcome': exactly({
    type: { const: 'outcome' },
    widget_id: nullable(widgetId),
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
  'status --json': exactly({
    format_version: version,
    time: nullable(time),
    command: { enum: ['run', 'apply', null] },
    directory: nullable(text),
    revision: { type: ['string', 'null'] },
    blocked: nullable(text),
    refused_checksum: nullable(sha256),
    pending: { type: ['integer', 'null'], minimum: 0 },
    process: nullable(
      exactly({
        pid: { type: ['integer', 'null'], minimum: 1 },
        ...{ host: nullable(text), command: nullable(text), since: nullable(time) },
      }),
    ),
    applied: listOf(
      exactly({
        ...widgetAt,
        hash: sha256,
        revision: { type: ['string', 'null'] },
        applied_at: time,
      }),
    ),
    held: listOf(held),
    failed: listOf(
      exactly({
        ...widgetAt,
        error: text,
        http_status: { type: ['integer', 'null'], minimum: 100, maximum: 599 },
        attempts: counter,
        time,
      }),
    ),
    drifted: listOf(exactly({ ...drifted, fields: listOf(pointer) })),
    orphaned: listOf(exactly(widgetAt)),
    summary: exactly({
      applied: counter,
      held: counter,
      failed: counter,
      drifted: counter,
      orphaned: counter,
    }),
  }),
  'history --json': exactly({
    time,
    ...widgetAt,
    reason: { enum: reasons },
    hash: sha256,
    revision: { type: ['string', 'null'] },
    fields: listOf(pointer),
    attempts: counter,
  }),
  'import --json': exactly({
    format_version: version,
    created: listOf(exactly(widgetAt)),
    updated: listOf(exactly({ ...widgetAt, fields: listOf(pointer) })),
    unchanged: listOf(exactly(widgetAt)),
    left: listOf(exactly({ ...widgetAt, fields: listOf(pointer) })),
    skipped: listOf(exactly({ widget_id: nullable(widgetId), file: nullable(file), reason: text })),
    summary: exactly({
      created: counter,
      updated: counter,
      unchanged: counter,
      left: counter,
      skipped: counter,
      total: counter,
    }),
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
  readonly fields: readonly PlannedField[];
}

export interface PlannedField {
  readonly path: string;
  readonly from?: unknown;
  readonly to?: unknown;
  readonly by: 'git' | 'dashboard' | 'both';
  readonly released?: true;
}

export interface PlanOutput {
  readonly checksum: string;
  readonly changes: readonly PlannedChange[];
  readonly held: readonly { widget_id: string | null; file: string; code: string }[];
  readonly orphaned: readonly { widget_id: string; file: string }[];
  readonly drifted: readonly { widget_id: string; why: string; fields: readonly PlannedField[] }[];
  readonly ignored: readonly { widget_id: string; paths: readonly string[] }[];
  readonly unmanaged: number | null;
  readonly cost: { readonly list: number; readonly get: number; readonly put: number };
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
    drifted: value.drifted.length,
  });
  expect(value.cost.put, 'a request for each change').toBe(value.changes.length);
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

type Entry = Readonly<Record<string, unknown>>;

export interface StatusOutput {
  readonly command: string | null;
  readonly blocked: string | null;
  readonly pending: number | null;
  readonly applied: readonly Entry[];
  readonly held: readonly Entry[];
  readonly failed: readonly Entry[];
  readonly drifted: readonly Entry[];
  readonly orphaned: readonly Entry[];
}

/** The whole of stdout as `status --json` promises it. */
export function readStatusJson(stdout: string): StatusOutput {
  const value = JSON.parse(stdout);
  expectShape('status --json', value);
  expectCounted(value.summary, value, ['applied', 'held', 'failed', 'drifted', 'orphaned']);
  return value;
}

/** The whole of stdout as `history --json` promises it: a line for each write, the newest last. */
export function readHistoryJson(stdout: string): Entry[] {
  const lines = stdout.split('\n').slice(0, -1);
  const entries: Entry[] = lines.map((line) => JSON.parse(line));
  for (const entry of entries) expectShape('history --json', entry);
  const times = entries.map(({ time: at }) => String(at));
  expect(times).toEqual(times.toSorted());
  return entries;
}

const importOutcomes = ['created', 'updated', 'unchanged', 'left', 'skipped'] as const;

/** The whole of stdout as `import --json` promises it. */
export function readImportJson(
  stdout: string,
): Readonly<Record<(typeof importOutcomes)[number], readonly Entry[]>> {
  const value = JSON.parse(stdout);
  expectShape('import --json', value);
  expectCounted(value.summary, value, importOutcomes);
  return value;
}

function expectCounted(
  summary: unknown,
  lists: Readonly<Record<string, readonly unknown[]>>,
  names: readonly string[],
): void {
  expect(summary).toMatchObject(
    Object.fromEntries(names.map((name) => [name, lists[name]?.length])),
  );
}
