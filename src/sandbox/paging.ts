// One page of the account, and which one is asked for.
import type { WidgetPage } from '../api/wire.ts';
import type { JsonObject } from '../base/json/json.ts';
import type { Checked, Detail } from './validation.ts';

export interface PageWanted {
  /** From 1. */
  readonly page: number;
  /** 1 to 100. */
  readonly size: number;
}

export function checkPaging(query: URLSearchParams): Checked<PageWanted> {
  const page = checkInteger(query, 'page', { fallback: 1, least: 1, most: Infinity });
  const size = checkInteger(query, 'size', { fallback: 50, least: 1, most: 100 });
  if ('value' in page && 'value' in size) return { value: { page: page.value, size: size.value } };
  return { refused: [page, size].flatMap((one) => ('refused' in one ? one.refused : [])) };
}

/** A page beyond the last is empty, and its `previous_page` is the last that is not. */
export function pageOf(widgets: readonly JsonObject[], { page, size }: PageWanted): WidgetPage {
  const total = widgets.length;
  const pages = Math.ceil(total / size);
  const before = Math.min(page - 1, pages);
  return {
    items: widgets.slice((page - 1) * size, page * size),
    total,
    page,
    size,
    pages,
    previous_page: before > 0 ? before : null,
    next_page: page < pages ? page + 1 : null,
  };
}

interface Bounds {
  readonly fallback: number;
  readonly least: number;
  readonly most: number;
}

/** If a parameter is given twice, the last one counts, as in FastAPI. */
function checkInteger(query: URLSearchParams, name: string, bounds: Bounds): Checked<number> {
  const input = query.getAll(name).at(-1);
  if (input === undefined) return { value: bounds.fallback };
  const value = /^[+-]?\d+$/.test(input) ? Number(input) : Number.NaN;
  const problem = problemWith(value, bounds);
  return problem === null ? { value } : { refused: [{ ...problem, loc: ['query', name], input }] };
}

function problemWith(value: number, { least, most }: Bounds): Omit<Detail, 'loc' | 'input'> | null {
  if (!Number.isSafeInteger(value)) {
    const msg = 'Input should be a valid integer, unable to parse string as an integer';
    return { type: 'int_parsing', msg };
  }
  if (value < least) {
    const msg = `Input should be greater than or equal to ${least}`;
    return { type: 'greater_than_equal', msg, ctx: { ge: least } };
  }
  if (value > most) {
    const msg = `Input should be less than or equal to ${most}`;
    return { type: 'less_than_equal', msg, ctx: { le: most } };
  }
  return null;
}
