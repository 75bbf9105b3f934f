import { sharedController } from '../../src/base/abort.ts';
import { TenureLostError } from '../../src/base/errors.ts';
import type { Tenure } from '../../src/state/tenure.ts';

/** A tenure that the test ends. */
export class TestTenure implements Tenure {
  readonly token: string;
  /** By this process's own clocks. */
  isConfirmed = true;
  readonly #end = sharedController();

  constructor(token = '1') {
    this.token = token;
  }

  get ended(): AbortSignal {
    return this.#end.signal;
  }

  isMine(): boolean {
    return this.isConfirmed && !this.ended.aborted;
  }

  lose(): void {
    if (!this.ended.aborted) this.#end.abort(new TenureLostError());
  }
}
