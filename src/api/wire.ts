// The API's JSON, as its vendor documents it (`PUT` and `GET /api/v1/widget/{widget_id}`, `GET /api/v1/widget`).
import type { Json, JsonObject } from '../base/json/json.ts';

/** A page of the account's widgets; `page` counts from 1, `size` is 1 to 100. */
export interface WidgetPage {
  readonly items: readonly JsonObject[];
  readonly total: number;
  readonly page: number;
  readonly size: number;
  readonly pages: number;
  readonly previous_page: number | null;
  readonly next_page: number | null;
}

/** FastAPI's body for 422. */
export interface ValidationDetail {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: string;
}

/** FastAPI's body for every other error. */
export interface ErrorBody {
  readonly detail: string | readonly ValidationDetail[] | Json;
}
