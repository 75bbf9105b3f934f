import { describe, expect, test } from 'vitest';
import { exposeAs } from '../../../src/observe/metrics/exposition.ts';

const text = `# HELP w_requests_total How many.
# TYPE w_requests_total counter
w_requests_total{method="GET"} 3

# HELP w_wait_seconds How long, w_requests_total beside.
# TYPE w_wait_seconds histogram
w_wait_seconds_bucket{le="0.1"} 1
w_wait_seconds_bucket{le="+Inf"} 1
w_wait_seconds_sum 0.05
w_wait_seconds_count 1

# HELP w_total_bytes A gauge.
# TYPE w_total_bytes gauge
w_total_bytes 7
`;

const openMetrics = `# HELP w_requests How many.
# TYPE w_requests counter
w_requests_total{method="GET"} 3
# HELP w_wait_seconds How long, w_requests_total beside.
# TYPE w_wait_seconds histogram
w_wait_seconds_bucket{le="0.1"} 1
w_wait_seconds_bucket{le="+Inf"} 1
w_wait_seconds_sum 0.05
w_wait_seconds_count 1
# HELP w_total_bytes A gauge.
# TYPE w_total_bytes gauge
w_total_bytes 7
# EOF
`;

const open = 'application/openmetrics-text';

describe('the format is', () => {
  test.each([
    ['plain where nothing is asked for', null, 'plain'],
    ['plain for anything', '*/*', 'plain'],
    ['plain for a browser', 'text/html,application/xhtml+xml,*/*;q=0.8', 'plain'],
    ['plain where only that is asked for', 'text/plain;version=0.0.4', 'plain'],
    ['OpenMetrics where that is asked for', open, 'open'],
    [
      'OpenMetrics for Prometheus 2.42',
      `${open};version=1.0.0,${open};version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`,
      'open',
    ],
    [
      'plain for a Prometheus that likes plain text better',
      `text/plain;version=0.0.4;q=0.5,${open};version=1.0.0;q=0.4,*/*;q=0.1`,
      'plain',
    ],
    ['OpenMetrics, however it is spelled', 'Application/OpenMetrics-Text ; Q=0.5', 'open'],
    ['plain where OpenMetrics is refused', `${open};q=0`, 'plain'],
    ['plain where the quality is nonsense', `${open};q=much`, 'plain'],
  ])('%s', (_, accept, format) => {
    expect(exposeAs(accept, text)).toEqual(
      format === 'plain'
        ? { contentType: 'text/plain; version=0.0.4; charset=utf-8', text }
        : { contentType: `${open}; version=1.0.0; charset=utf-8`, text: openMetrics },
    );
  });
});
