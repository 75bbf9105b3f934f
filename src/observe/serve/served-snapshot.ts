// The snapshot that is served: of the last moment in which all that is live was known, beside the records as they
// were then. Made when somebody asks, in slices, between which the daemon works on, and kept until there is a newer
// one.
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../base/clock.ts';
import { hideSecrets } from '../../base/secrets.ts';
import type { SnapshotValues } from '../../model/snapshot/snapshot.ts';
import { formatSnapshot, formatSnapshotWidget } from '../../plan/snapshot/format-snapshot.ts';
import { type SnapshotViews, takeSnapshot } from '../../plan/snapshot/take-snapshot.ts';
import type { Place } from '../../render/status-page/layout.ts';
import { type Listener, listenerOf } from '../../sync/events.ts';
import type { ServedDeps } from './served-widgets.ts';

interface SnapshotDeps extends Pick<ServedDeps, 'records'> {
  readonly clock: Pick<Clock, 'now'>;
  readonly place: Pick<Place, 'account'>;
  /** Of the program. */
  readonly version: string;
  readonly values: SnapshotValues;
}

interface Seen {
  readonly views: SnapshotViews;
  readonly revision: string | null;
  /** When the first of it was read. */
  readonly time: Date;
}

/** Widgets in a slice: it takes a few milliseconds. */
const sliceLength = 250;

export class ServedSnapshot {
  readonly #deps: SnapshotDeps;
  #seen: Seen | null = null;
  #made: { readonly of: Seen; readonly text: Promise<string> } | null = null;

  constructor(deps: SnapshotDeps) {
    this.#deps = deps;
  }

  readonly hear: Listener = listenerOf({
    'all-seen': ({ tree, live }) => {
      const { documents: desired, held, isEdited, revision } = tree;
      const readAtMs = [...live.widgets.values()].flatMap((state) =>
        state === 'absent' ? [] : [state.readAtMs],
      );
      const nowMs = this.#deps.clock.now().getTime();
      const applied = new Map(this.#deps.records);
      this.#seen = {
        views: { desired, held, applied, live, ...(isEdited && { isEdited }) },
        revision,
        time: new Date(readAtMs.reduce((first, ms) => Math.min(first, ms), nowMs)),
      };
    },
  });

  /** NDJSON; null as long as not everything was read. */
  async text(): Promise<string | null> {
    const seen = this.#seen;
    if (seen === null) return null;
    if (this.#made?.of !== seen) this.#made = { of: seen, text: this.#make(seen) };
    return await this.#made.text;
  }

  async #make({ views, revision, time }: Seen): Promise<string> {
    const { version, values, place } = this.#deps;
    const lines: string[] = [];
    for (const widget of takeSnapshot(views, values)) {
      // Before the checksum is made: it is over what leaves.
      lines.push(hideSecrets(formatSnapshotWidget(widget)));
      if (lines.length % sliceLength === 0) await setImmediate();
    }
    const whose = place.account === null ? {} : { account: place.account };
    return formatSnapshot({ time, version, revision, ...whose, values }, lines);
  }
}
