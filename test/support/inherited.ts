import { InheritedWrites } from '../../src/sync/queue/inherited-writes.ts';
import { FakeClock } from './fake-clock.ts';

/** Nobody was before. */
export const nothingInherited = new InheritedWrites([], new FakeClock());
