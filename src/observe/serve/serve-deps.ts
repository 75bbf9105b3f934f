// What the server shows, as the daemon has it in memory. Types only.
import type { Clock } from '../../base/clock.ts';
import type { WidgetDirectory } from '../../documents/widget-directory.ts';
import type { SnapshotValues } from '../../model/snapshot/snapshot.ts';
import type { Place } from '../../render/status-page/layout.ts';
import type { StateView } from '../../state/state-store.ts';
import type { Explanation, TypedCommand } from '../../status/explain/explanation.ts';
import type { HistoryEntry } from '../../status/history-entry.ts';
import type { AccountStatus, WidgetStatus } from '../../status/widget-status.ts';
import type { Metrics } from '../metrics/open-metrics.ts';
import type { Liveness } from '../status/liveness.ts';
import type { ServedDeps } from './served-widgets.ts';

/** Tells which gates a widget's change has to pass, and at which one it stands. */
export type ExplainWidget = (
  widget: WidgetStatus,
  /** The last line of the history that tells of the widget. */
  lastWrite: HistoryEntry | null,
) => Explanation;

export interface ServeDeps extends ServedDeps {
  /** Where its pages are. */
  readonly place: Place;
  readonly clock: Clock;
  /** Of the program. */
  readonly version: string;
  /** The newest status; the same value as long as nothing moves. */
  readonly account: () => AccountStatus;
  readonly liveness: Pick<Liveness, 'isAlive' | 'silentMs'>;
  /** What is kept on disk, to look at. */
  readonly view: Pick<StateView, 'history' | 'holder'>;
  readonly directory: Pick<WidgetDirectory, 'sourceLine' | 'compose'>;
  /** Null: there are none. */
  readonly metrics: Pick<Metrics, 'render'> | null;
  /** Null: none is served. */
  readonly snapshot: SnapshotValues | null;
  readonly explain: ExplainWidget;
  /** For the commands that the pages advise. */
  readonly command: TypedCommand;
  /** A page could not be made: the daemon goes on. */
  readonly onBug: (error: unknown) => void;
}
