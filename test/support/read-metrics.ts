// A rendering of metrics as its reader has it.

/** The value of each series, by its name and labels as they are written. */
export function seriesOf(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

/** The names and types that are declared, those of this program alone unless told otherwise. */
export function typesOf(text: string, prefix = 'widget_sync_'): Map<string, string> {
  const declared = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return new Map(
    declared.flatMap(([, name = '', type = '']) => (name.startsWith(prefix) ? [[name, type]] : [])),
  );
}

/** The series of a metric by the values of these labels, without those that are 0. */
export function valuesOf(text: string, name: string, ...labels: string[]): Record<string, number> {
  const values: Record<string, number> = {};
  for (const [series, value] of seriesOf(text)) {
    if (value === 0 || !series.startsWith(`widget_sync_${name}{`)) continue;
    const key = labels.map((label) => new RegExp(`[{,]${label}="([^"]*)"`).exec(series)?.[1]);
    values[key.join(' ')] = value;
  }
  return values;
}

/** The one series of a metric without labels. */
export function valueAlone(text: string, name: string): number {
  const value = seriesOf(text).get(`widget_sync_${name}`);
  if (value === undefined) throw new Error(`there is no series widget_sync_${name}`);
  return value;
}
