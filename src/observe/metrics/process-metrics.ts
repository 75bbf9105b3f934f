// What the process itself uses: memory, processor, open files, the lag of its event loop. There is one
// process, however many accounts it follows: these are opened once, and watch it from then on.
import { collectDefaultMetrics, Registry } from 'prom-client';

/** prom-client 15 gives these gauges the ending of counters, which OpenMetrics forbids. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

let opened: Registry | null = null;

export function processMetrics(): Registry {
  if (opened === null) {
    opened = new Registry();
    collectDefaultMetrics({ register: opened });
    for (const name of misnamed) opened.removeSingleMetric(name);
  }
  return opened;
}
