// What there is to show of an account while it is followed. Types only.
import type { OperatorSource } from '../serve/operator-source.ts';
import type { Readiness } from '../serve/readiness.ts';
import type { ServeDeps } from '../serve/serve-deps.ts';

export interface FollowedPages {
  readonly deps: ServeDeps;
  readonly source: OperatorSource;
  readonly readiness: Readiness;
}
