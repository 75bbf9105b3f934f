// Metrics whose series are all there from the start: one that appears with its first event has no increase
// that a rule could see. A label has a fixed set of values, so that their number has a bound.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** The values that each label takes. */
export type LabelValues<Label extends string = string> = {
  readonly [label in Label]: readonly string[];
};

export interface MetricWords<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels?: LabelValues<Label>;
}

export function openCounter<Label extends string = never>(
  registry: Registry,
  { name, help, labels }: MetricWords<Label>,
): Counter<Label> {
  const counter = new Counter({ ...configOf(registry, name, help), labelNames: namesOf(labels) });
  for (const combination of combinationsOf(labels)) counter.inc(combination, 0);
  return counter;
}

export function openGauge<Label extends string = never>(
  registry: Registry,
  { name, help, labels }: MetricWords<Label>,
): Gauge<Label> {
  const gauge = new Gauge({ ...configOf(registry, name, help), labelNames: namesOf(labels) });
  for (const combination of combinationsOf(labels)) gauge.set(combination, 0);
  return gauge;
}

/** `buckets`: the upper bounds, in the unit of the name. */
export function openHistogram<Label extends string = never>(
  registry: Registry,
  { name, help, labels, buckets }: MetricWords<Label> & { readonly buckets: readonly number[] },
): Histogram<Label> {
  const histogram = new Histogram({
    ...configOf(registry, name, help),
    labelNames: namesOf(labels),
    buckets: [...buckets],
  });
  for (const combination of combinationsOf(labels)) histogram.zero(combination);
  return histogram;
}

function configOf(registry: Registry, name: string, help: string) {
  return { name, help, registers: [registry] };
}

function namesOf<Label extends string>(labels: LabelValues<Label> | undefined): Label[] {
  return Object.keys(labels ?? {}) as Label[];
}

/** Of no labels, the one series that has none. */
function combinationsOf<Label extends string>(
  labels: LabelValues<Label> | undefined,
): Record<Label, string>[] {
  let combinations = [{} as Record<Label, string>];
  for (const label of namesOf(labels)) {
    const values = labels?.[label] ?? [];
    combinations = combinations.flatMap((one) =>
      values.map((value) => ({ ...one, [label]: value })),
    );
  }
  return combinations;
}
