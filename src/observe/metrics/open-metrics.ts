// The metrics of one account. Loading this file loads prom-client: it is to be imported only where metrics
// are served, and then by `await import`.
import { Registry } from 'prom-client';
import type { Clock } from '../../base/clock.ts';
import type { AccountStatus } from '../../status/widget-status.ts';
import type { Listener } from '../../sync/events.ts';
import { countEvents } from './count-events.ts';
import { type Exposition, exposeAs } from './exposition.ts';
import { processMetrics } from './process-metrics.ts';
import { openGauge } from './series.ts';
import { openStatusGauges } from './status-gauges.ts';

export interface MetricsDeps {
  readonly version: string;
  readonly clock: Pick<Clock, 'now'>;
  /** The newest status: that of a `StatusReporter`. */
  readonly status: () => AccountStatus;
}

export interface Metrics {
  /** To be subscribed to the events of the account before its loop starts: what it misses is not counted. */
  readonly hear: Listener;
  /**
   * Prometheus text, or OpenMetrics where the request's `Accept` header asks for it (null: it has none).
   * The gauges are those of this moment.
   */
  render(accept: string | null): Promise<Exposition>;
}

export function openMetrics({ version, clock, status }: MetricsDeps): Metrics {
  const registry = new Registry();
  openBuildInfo(registry, version);
  const showStatus = openStatusGauges(registry);
  const hear = countEvents(registry);
  const ofProcess = processMetrics();
  return {
    hear,
    async render(accept) {
      showStatus([status()], clock.now());
      const texts = await Promise.all([registry.metrics(), ofProcess.metrics()]);
      return exposeAs(accept, texts.join('\n'));
    },
  };
}

export function openBuildInfo(registry: Registry, version: string): void {
  const build = {
    name: 'widget_sync_build_info',
    help: 'Always 1.',
    labels: { version: [version] },
  };
  openGauge(registry, build).set({ version }, 1);
}
