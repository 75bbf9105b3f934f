// The writes of a pass as one message, once nothing of it is left to be sent.

import { count, listed, shorten } from '../../base/text.ts';
import { fieldName } from '../../model/field-name.ts';
import type { Notification, NotifiedWidget } from '../../model/notify/notification.ts';
import type { Outcome } from '../../model/outcome.ts';
import { asJson, sha256 } from '../../model/widget.ts';
import type { StatusRecord } from '../../status/status-record.ts';
import { nameIn } from '../../status/widget-name.ts';
import { messageFor, mostApart, type Occasion } from './announce.ts';
import { keyOf } from './causes.ts';

interface Applied {
  readonly widget: NotifiedWidget;
  /** JSON Pointers. */
  readonly fields: readonly string[];
}

export class AppliedBatch {
  /** The first few. */
  #named: Applied[] = [];
  #count = 0;
  #commit: Notification['commit'] = null;

  add({ change, status }: Outcome): void {
    if (status !== 'applied') return;
    const { widgetId, file, spec, fields, commit } = change;
    this.#count += 1;
    this.#commit = commit ?? this.#commit;
    if (this.#count > mostApart) return;
    const widget = { widgetId, file, name: nameIn(asJson(spec)) };
    this.#named.push({ widget, fields: fields.map(({ path }) => path) });
  }

  /** The message, or null where nothing was written or more is about to be. */
  take(queue: StatusRecord['queue'], occasion: Occasion): Notification | null {
    const isBusy = queue.some(({ phase }) => phase === 'queued' || phase === 'in-flight');
    return this.#count === 0 || isBusy ? null : this.takeAll(occasion);
  }

  takeAll(occasion: Occasion): Notification | null {
    const [named, all] = [this.#named, this.#count];
    const [first] = named;
    if (first === undefined) return null;
    const commit = this.#commit;
    [this.#named, this.#count, this.#commit] = [[], 0, null];
    const lines = named.map(({ widget, fields }) => {
      const names = listed(fields.map(fieldName), mostApart);
      return `${nameOf(widget)}: ${names === '' ? 'sent again' : names} (${widget.file}).`;
    });
    const more = all - named.length;
    return messageFor('widgets.applied', 'happened', {
      cause: sha256(keyOf('widgets.applied', null, null)),
      title:
        all === 1 ? `${nameOf(first.widget)} was applied` : `${count(all, 'widget')} were applied`,
      text: [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'),
      count: all,
      widgets: named.map(({ widget }) => widget),
      fields: all === 1 ? first.fields : [],
      occasion: { ...occasion, commit: commit ?? occasion.commit },
    });
  }
}

function nameOf({ name, file }: NotifiedWidget): string {
  return shorten((name ?? file).replace(/\s+/g, ' '), 80);
}
