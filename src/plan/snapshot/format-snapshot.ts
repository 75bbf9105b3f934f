// A snapshot as text: JSON in lines, first what it is of, then a widget a line. Each line says only what there is to
// say, since ten thousand of them have to be sent to whoever makes a plan.
import { stringifyJson } from '../../base/json/json-text.ts';
import type { SnapshotOrigin, SnapshotWidget } from '../../model/snapshot/snapshot.ts';
import { sha256 } from '../../model/widget.ts';

export const snapshotVersion = '1.0';

/** Ends with a newline. The checksum is over the whole text but itself. `lines`: each as `formatSnapshotWidget` has it. */
export function formatSnapshot(origin: SnapshotOrigin, lines: readonly string[]): string {
  const { time, version, revision, account, values } = origin;
  const head = JSON.stringify({
    format_version: snapshotVersion,
    kind: 'snapshot',
    time: time.toISOString(),
    version,
    revision,
    ...(account !== undefined && { account }),
    values,
    widgets: lines.length,
  });
  const rest = lines.map((line) => `${line}\n`).join('');
  return `${head.slice(0, -1)},"checksum":"${checksumOfText(head, rest)}"}\n${rest}`;
}

/** `head`: the first line without the checksum; `rest`: all lines after it. */
export function checksumOfText(head: string, rest: string): string {
  return sha256(`${head}\n${rest}`);
}

/** One line, without its end. */
export function formatSnapshotWidget(widget: SnapshotWidget): string {
  const { widgetId, file, hash, declared, differs, set, pending, lacks, vanished } = widget;
  const { live, standing } = widget;
  return stringifyJson({
    ...{ widget_id: widgetId, file, hash, declared, differs, set },
    ...(pending.length > 0 && { pending }),
    ...(lacks.length > 0 && { lacks }),
    ...(vanished.length > 0 && { vanished }),
    ...(Object.keys(live).length > 0 && { live }),
    ...(standing !== 'read' && { standing }),
  });
}
