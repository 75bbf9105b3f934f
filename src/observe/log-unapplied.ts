// The log of values that the API keeps otherwise than they were sent: each once, when the write or a pass
// finds it first, and when it is over.
import type { Log } from '../base/log.ts';
import type { Plan, WidgetAt } from '../model/plan.ts';
import type { UnappliedField } from '../model/unapplied-fields.ts';
import type { WidgetId } from '../model/widget.ts';

/** One line for each field. */
export function logUnappliedFields(
  log: Log,
  at: WidgetAt,
  fields: readonly UnappliedField[],
): void {
  for (const { path, sent, kept, spelling } of fields) {
    const facts = { file: at.file, widget_id: at.widgetId, field: path, sent, kept };
    if (spelling) log.info(facts, 'the API spells it its own way: taken for what was sent');
    else log.warn(facts, 'the API kept another value');
  }
}

export function logUnapplied(log: Log) {
  let said: ReadonlyMap<string, KeptAt> = new Map();
  return {
    /** Logs what a write was confirmed with. */
    written({ widgetId, file }: WidgetAt, fields: readonly UnappliedField[]): void {
      if (fields.length === 0) return;
      logUnappliedFields(log, { widgetId, file }, fields);
      const news = fields.map((field) => ({ widgetId, file, field }));
      said = new Map([...said, ...byKey(news)]);
    },
    /** Gives the lines that are to be said of a pass. */
    passed({ kept, unchanged }: Plan): (() => void)[] {
      if (kept.length === 0 && said.size === 0) return [];
      const now = byKey(
        kept.flatMap(({ widgetId, file, fields }) =>
          fields.map((field) => ({ widgetId, file, field })),
        ),
      );
      const before = said;
      said = now;
      const news = [...now].filter(([key]) => !before.has(key)).map(([, one]) => one);
      const settled = new Set(unchanged.map(({ widgetId }) => widgetId));
      const over = [...before]
        .filter(([key, { widgetId }]) => !now.has(key) && settled.has(widgetId))
        .map(([, one]) => one);
      return [
        ...news.map((one) => () => logUnappliedFields(log, one, [one.field])),
        ...over.map((one) => () => logAgreed(log, one)),
      ];
    },
  };
}

interface KeptAt extends WidgetAt {
  readonly field: UnappliedField;
}

function logAgreed(log: Log, { widgetId, file, field }: KeptAt): void {
  const facts = { file, widget_id: widgetId, field: field.path };
  log.info(facts, 'the API keeps what was sent after all');
}

function byKey(fields: readonly KeptAt[]): Map<string, KeptAt> {
  return new Map(fields.map((one) => [keyOf(one.widgetId, one.field), one]));
}

function keyOf(widgetId: WidgetId, { path, sent, kept }: UnappliedField): string {
  return JSON.stringify([widgetId, path, sent ?? null, kept ?? null]);
}
