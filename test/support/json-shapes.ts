// What scripts may rely on: the output of `--json` against the schemas that are shipped, and what no
// schema can say.
import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { expect } from 'vitest';
import { isJsonObject, type Json } from '../../src/base/json/json.ts';
import { heldCodes, problemCodes } from '../../src/model/problem-codes.ts';
import { gateNames } from '../../src/status/explain/explanation.ts';

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });

type OutputName =
  | 'accounts'
  | 'apply'
  | 'explain'
  | 'forget'
  | 'history'
  | 'import'
  | 'plan'
  | 'preview'
  | 'render'
  | 'snapshot'
  | 'status'
  | 'status-accounts'
  | 'validate'
  | 'where'
  | 'where-accounts';

const compiled = new Map<OutputName, ValidateFunction>();

/** Of NDJSON it is one line. */
function expectShape(name: OutputName, value: unknown): void {
  const accepts = compiled.get(name) ?? ajv.compile(exactSchema(name));
  compiled.set(name, accepts);
  accepts(value);
  expect(accepts.errors ?? [], `${name} --json: ${JSON.stringify(value)}`).toEqual([]);
}

/** That of several accounts leaves open what is known of each. */
function expectAccounts(value: unknown): void {
  const path = new URL('../../schemas/output/accounts.schema.json', import.meta.url);
  const accepts = compiled.get('accounts') ?? ajv.compile(JSON.parse(readFileSync(path, 'utf8')));
  compiled.set('accounts', accepts);
  accepts(value);
  expect(accepts.errors ?? [], JSON.stringify(value)).toEqual([]);
}

/** Keys may be added for scripts that know this schema; what is printed today is in it. */
function exactSchema(name: OutputName): object {
  const path = new URL(`../../schemas/output/${name}.schema.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8'), (_, value: Json) =>
    isJsonObject(value) && isJsonObject(value['properties'])
      ? { ...value, additionalProperties: false }
      : value,
  );
}

const codes = Object.keys(problemCodes);

/** What the schemas leave open, so that another code or an unreadable folder does not break them. */
function expectKnown(entries: readonly { code: string; file: string }[], known = codes): void {
  for (const { code, file } of entries) {
    expect(known).toContain(code);
    // The directory itself, when it holds no widget.
    expect(file).toMatch(/^(\.|[^/\\].*\.ya?ml)$/);
  }
}

const codesOfHeld = [...codes, ...Object.keys(heldCodes)];

export interface Diagnostic {
  readonly severity: string;
  readonly code: string;
  readonly summary: string;
  readonly detail: string;
  readonly file: string;
  readonly range: { readonly start: { readonly line: number; readonly column: number } };
  readonly affects?: { readonly count: number; readonly files: readonly string[] };
}

export interface ValidateOutput {
  readonly valid: boolean;
  readonly error_count: number;
  readonly warning_count: number;
  readonly note_count: number;
  readonly fragments?: readonly { readonly file: string; readonly widgets: number }[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface AccountsOutput {
  readonly accounts: readonly Entry[];
  readonly problems: readonly Entry[];
  /** Of `plan` alone. */
  readonly fragments?: readonly Entry[];
  readonly summary: Readonly<Record<string, number>>;
}

/** The whole of stdout as a command promises it over accounts; `read` reads that of a single one. */
export function readAccountsJson(
  stdout: string,
  read: (stdout: string) => unknown,
): AccountsOutput {
  const value = JSON.parse(stdout);
  expectAccounts(value);
  for (const account of value.accounts) {
    if (!('error' in account)) read(JSON.stringify(account));
  }
  expect(value.summary.accounts).toBe(value.accounts.length);
  return value;
}

/** The whole of stdout as `apply --json` promises it over accounts. */
export function readAccountsLines(stdout: string): {
  readonly lines: readonly Entry[];
  readonly totals: Entry;
} {
  const [version, ...rest] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const totals = rest.pop();
  for (const line of [version, ...rest, totals]) expectShape('apply', line);
  expect([version.type, totals.type]).toEqual(['version', 'totals']);
  for (const line of rest) expect(line).toHaveProperty('account');
  return { lines: rest, totals };
}

/** The whole of stdout as `validate --json` promises it. */
export function readValidateJson(stdout: string): ValidateOutput {
  const value = JSON.parse(stdout);
  expectShape('validate', value);
  expectKnown(value.diagnostics);
  const of = (wanted: string) =>
    value.diagnostics.filter((one: Diagnostic) => one.severity === wanted).length;
  expect(value).toMatchObject({
    valid: of('error') === 0,
    error_count: of('error'),
    warning_count: of('warning'),
    note_count: of('note'),
  });
  return value;
}

export interface RenderedFile {
  readonly file: string;
  readonly kind: 'widget' | 'fragment';
  readonly valid: boolean;
  readonly widget_id: string | null;
  readonly hash: string | null;
  readonly fields: readonly {
    readonly path: string;
    readonly value: unknown;
    readonly origin: ValueOrigin | null;
    readonly over: readonly ValueOrigin[];
  }[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface ValueOrigin {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface RenderOutput {
  readonly valid: boolean;
  readonly files: readonly RenderedFile[];
}

/** The whole of stdout as `render --json` promises it. */
export function readRenderJson(stdout: string): RenderOutput {
  const value = JSON.parse(stdout);
  expectShape('render', value);
  for (const { valid, fields, diagnostics } of value.files) {
    expectKnown(diagnostics);
    expect(diagnostics.every(({ severity }: Diagnostic) => severity !== 'error')).toBe(valid);
    expect(fields.length > 0 || !valid).toBe(true);
  }
  expect(value.valid).toBe(value.files.every(({ valid }: RenderedFile) => valid));
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
  readonly from_published?: false;
  readonly to_published?: false;
  readonly by: 'git' | 'dashboard' | 'both';
  readonly released?: true;
  readonly never_declared?: true;
  readonly origin?: ValueOrigin;
}

export interface PlanOutput {
  readonly checksum: string;
  readonly snapshot?: Entry;
  readonly fragments?: readonly { file: string; widgets: number; changes: number }[];
  readonly changes: readonly PlannedChange[];
  readonly held: readonly { widget_id: string | null; file: string; code: string }[];
  readonly orphaned: readonly { widget_id: string; file: string }[];
  readonly drifted: readonly { widget_id: string; why: string; fields: readonly PlannedField[] }[];
  readonly ignored: readonly { widget_id: string; paths: readonly string[] }[];
  readonly left?: readonly Entry[];
  readonly kept: readonly Entry[];
  readonly unmanaged: number | null;
  readonly cost: { readonly list: number; readonly get: number; readonly put: number };
  readonly refused: Entry | null;
  readonly summary: Readonly<Record<string, number>>;
  readonly diagnostics: readonly Diagnostic[];
}

/** The whole of stdout as `plan --json` promises it, its numbers agreeing with its lists. */
export function readPlanJson(stdout: string): PlanOutput {
  const value = JSON.parse(stdout);
  expectShape('plan', value);
  expectKnown(value.diagnostics);
  expectKnown(value.held, codesOfHeld);
  expect(value.summary).toMatchObject({
    update: value.changes.length,
    adopt: value.adopted.length,
    held: value.held.length,
    orphaned: value.orphaned.length,
    drifted: value.drifted.length,
    kept: value.kept.length,
  });
  const parts = value.changes.map((change: { parts: string[] }) => change.parts.length);
  expect(value.visible).toEqual({
    widgets: parts.filter((amount: number) => amount > 0).length,
    parts: parts.reduce((sum: number, amount: number) => sum + amount, 0),
  });
  expect(value.cost.put, 'a request for each change').toBe(value.changes.length);
  return value;
}

export interface OutcomeLine {
  readonly widget_id: string | null;
  readonly file: string;
  readonly status: (typeof statuses)[number];
  readonly attempts: number;
  readonly http_status: number | null;
  readonly error: string | null;
  readonly fields?: readonly string[];
  readonly released?: readonly string[];
  readonly kept?: readonly Entry[];
  readonly why?: string;
  readonly until?: string | null;
}

export interface ApplyOutput {
  readonly outcomes: readonly OutcomeLine[];
  readonly kept: readonly Entry[];
  readonly refused: Entry | null;
  readonly approved: Entry | null;
  readonly summary: Readonly<Record<string, number>>;
}

const statuses = ['applied', 'adopted', 'drifted', 'failed', 'held'] as const;

/**
 * The whole of stdout as `apply --json` promises it: a version, an outcome a widget, the refusal or the
 * approval if any, a summary.
 */
export function readApplyJson(stdout: string): ApplyOutput {
  expect(stdout.endsWith('\n'), 'the last line ends').toBe(true);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const line of lines) expectShape('apply', line);
  const between = lines.slice(1, -1);
  const [refused = null, approved = null] = ['refused', 'approved'].map((type) =>
    between.find((line) => line.type === type),
  );
  const outcomes: OutcomeLine[] = between.filter(({ type }) => type === 'outcome');
  const verdict = refused ?? approved;
  const kept = between.filter(({ type }) => type === 'kept');
  const others = lines.filter(({ type }) => type !== 'kept');
  expect(others.map(({ type }) => type)).toEqual([
    'version',
    ...outcomes.map(() => 'outcome'),
    ...(verdict === null ? [] : [verdict.type]),
    'summary',
  ]);
  const { type: _, ...summary } = lines.at(-1);
  for (const status of statuses) {
    const ended = outcomes.filter((line) => line.status === status);
    expect(summary[status], `${status} in the summary`).toBe(ended.length);
  }
  return { outcomes, kept, refused, approved, summary };
}

type Entry = Readonly<Record<string, unknown>>;

export interface StatusOutput {
  readonly command: string | null;
  readonly blocked: string | null;
  readonly pending: number | null;
  readonly applied: readonly Entry[];
  readonly widgets: readonly Entry[];
  readonly held: readonly Entry[];
  readonly failed: readonly Entry[];
  readonly drifted: readonly Entry[];
  readonly orphaned: readonly Entry[];
  readonly kept: readonly Entry[];
}

/** The whole of stdout as `status --json` promises it. */
export function readStatusJson(stdout: string): StatusOutput {
  const value = JSON.parse(stdout);
  expectShape('status', value);
  expectKnown(value.held, codesOfHeld);
  expectCounted(value.summary, value, ['applied', 'held', 'failed', 'drifted', 'orphaned', 'kept']);
  return value;
}

interface AccountsStatus {
  readonly accounts: readonly (Entry & {
    readonly account: string;
    readonly account_state: string;
    /** Among replicas. */
    readonly replica?: string | null;
  })[];
  readonly replicas?: readonly Entry[];
  readonly problems: readonly Entry[];
  readonly summary: Entry;
}

/** The whole of stdout as `status --json` over several accounts promises it. */
export function readAccountsStatusJson(stdout: string): AccountsStatus {
  const value = JSON.parse(stdout);
  expectShape('status-accounts', value);
  for (const one of value.accounts) {
    const { account_state: _, account_reason: __, account_since: ___, ...rest } = one;
    const { replica: ____, ...alone } = rest;
    expectShape('status', alone);
  }
  expect(value.summary.accounts).toBe(value.accounts.length);
  return value;
}

interface AccountsWhere {
  readonly accounts: readonly (Entry & { readonly account: string; readonly done: boolean })[];
  readonly summary: Entry;
}

/** The whole of stdout as `where --json` over several accounts promises it. */
export function readAccountsWhereJson(stdout: string): AccountsWhere {
  const value = JSON.parse(stdout);
  expectShape('where-accounts', value);
  for (const { error, ...one } of value.accounts) if (error === null) expectShape('where', one);
  expect(value.done).toBe(value.accounts.every(({ done }: { done: boolean }) => done));
  return value;
}

export interface ExplainOutput {
  readonly widget_id: string | null;
  readonly file: string;
  readonly live: Entry | null;
  readonly verdict: {
    readonly gate: string | null;
    readonly state: string;
    readonly says: string;
    readonly until: string | null;
    readonly do: string | null;
    readonly to_mend: boolean;
  };
  readonly gates: readonly {
    readonly gate: string;
    readonly state: string;
    readonly says: string;
  }[];
  readonly daemon: string;
}

/** The whole of stdout as `explain --json` promises it. */
export function readExplainJson(stdout: string): ExplainOutput {
  const value = JSON.parse(stdout);
  expectShape('explain', value);
  expect(value.gates.map(({ gate }: { gate: string }) => gate)).toEqual(gateNames);
  return value;
}

/** The whole of stdout as `forget --json` promises it. */
export function readForgetJson(
  stdout: string,
): Readonly<Record<'would_forget' | 'forgotten' | 'refused', readonly Entry[]>> {
  const value = JSON.parse(stdout);
  expectShape('forget', value);
  return value;
}

/** The whole of what `snapshot` writes: the first line, and one for each widget. */
export function readSnapshot(text: string): { readonly head: Entry; readonly widgets: Entry[] } {
  const lines: Entry[] = text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  for (const line of lines) expectShape('snapshot', line);
  const [head = {}, ...widgets] = lines;
  expect(head).toMatchObject({ kind: 'snapshot', widgets: widgets.length });
  return { head, widgets };
}

/** The whole of stdout as `history --json` promises it: a line for each write, the newest last. */
export function readHistoryJson(stdout: string): Entry[] {
  const lines = stdout.split('\n').slice(0, -1);
  const entries: Entry[] = lines.map((line) => JSON.parse(line));
  for (const entry of entries) expectShape('history', entry);
  const times = entries.map(({ time: at }) => String(at));
  expect(times).toEqual(times.toSorted());
  return entries;
}

/** The whole of stdout as `where --json` promises it. */
export function readWhereJson(stdout: string) {
  const value = JSON.parse(stdout);
  expectShape('where', value);
  expect(value.done).toBe(value.widgets.every(({ done }: { done: boolean }) => done));
  return value;
}

const importOutcomes = ['created', 'updated', 'unchanged', 'left', 'skipped'] as const;

/** The whole of stdout as `import --json` promises it. */
export function readImportJson(
  stdout: string,
): Readonly<Record<(typeof importOutcomes)[number], readonly Entry[]>> {
  const value = JSON.parse(stdout);
  expectShape('import', value);
  expectCounted(value.summary, value, importOutcomes);
  return value;
}

export interface PreviewOutput {
  readonly before: { readonly kind: string; readonly from: string };
  readonly summary: Readonly<Record<string, number>>;
  readonly widgets: readonly PreviewedWidget[];
  readonly orphaned: readonly Entry[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface PreviewedWidget {
  readonly widget_id: string;
  readonly file: string;
  readonly name: string;
  readonly status: string;
  readonly changes: readonly Entry[];
  readonly notes: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  readonly pictures: { readonly before: string | null; readonly after: string | null };
}

/** The whole of stdout as `preview --json` promises it, and of `preview.json`. */
export function readPreviewJson(text: string): PreviewOutput {
  const value = JSON.parse(text);
  expectShape('preview', value);
  const all = [value, ...value.widgets].flatMap(({ diagnostics }) => diagnostics);
  expectKnown(all);
  const counts = { changed: 0, new: 0, same: 0, alone: 0, waiting: 0, broken: 0 };
  const found = { error: 0, warning: 0, note: 0 };
  for (const { status } of value.widgets) counts[status as keyof typeof counts] += 1;
  for (const { severity } of all) found[severity as keyof typeof found] += 1;
  const { error: errors, warning: warnings, note: notes } = found;
  const orphaned = value.orphaned.length;
  expect(value.summary).toMatchObject({ ...counts, orphaned, errors, warnings, notes });
  for (const { changes } of value.widgets as PreviewedWidget[]) {
    const marks = changes.flatMap(({ mark }) => (mark === null ? [] : [mark]));
    expect(marks, 'numbered from 1').toEqual(marks.map((_, index) => index + 1));
  }
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
