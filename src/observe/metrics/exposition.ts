// The text of metrics: which of its two formats is asked for, and one as the other.

/** https://prometheus.io/docs/instrumenting/exposition_formats/ */
const prometheusType = 'text/plain; version=0.0.4; charset=utf-8';
/** https://prometheus.io/docs/specs/om/open_metrics_spec/ */
const openMetricsType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

/** `accept`: the header of the request; null: there was none. `text`: the Prometheus text. */
export function exposeAs(accept: string | null, text: string): Exposition {
  return asksForOpenMetrics(accept ?? '')
    ? { contentType: openMetricsType, text: toOpenMetrics(text) }
    : { contentType: prometheusType, text };
}

/** Named, and liked at least as well as plain text: RFC 9110, section 12.5.1. */
function asksForOpenMetrics(accept: string): boolean {
  const qualities = new Map<string, number>();
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const given = parameters.find((parameter) => parameter.startsWith('q='));
    const quality = given === undefined ? 1 : Number(given.slice(2));
    qualities.set(type, Math.max(qualities.get(type) ?? 0, quality || 0));
  }
  const openMetrics = qualities.get('application/openmetrics-text') ?? 0;
  return openMetrics > 0 && openMetrics >= (qualities.get('text/plain') ?? 0);
}

/**
 * prom-client renames its counters for good where its registry is asked for OpenMetrics, so that the other
 * format is wrong from then on: it is never asked. The formats differ in three ways as far as it writes
 * them: a counter's comments leave out `_total`, no line is empty, and the text has an end.
 */
function toOpenMetrics(text: string): string {
  const counters = new Set([...text.matchAll(/^# TYPE (\S+) counter$/gm)].map(([, name]) => name));
  const lines = text.split('\n').flatMap((line) => {
    if (line === '') return [];
    const [, keyword, name = '', rest] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    return counters.has(name) ? [`# ${keyword} ${name.replace(/_total$/, '')} ${rest}`] : [line];
  });
  return `${lines.join('\n')}\n# EOF\n`;
}
