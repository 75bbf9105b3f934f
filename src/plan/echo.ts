// What the API made of a declared body: the spelling that later reads are compared with.
import type { JsonObject } from '../json.ts';
import { equalJson } from '../json.ts';
import type { SyncPolicy, WidgetSpec } from '../widget.ts';
import { asJson } from '../widget.ts';
import { keepIgnored } from './keep-ignored.ts';
import { pickFields } from './value-at.ts';

interface Declaration {
  readonly spec: WidgetSpec;
  readonly sync: Pick<SyncPolicy, 'ignore'>;
}

/**
 * The declared fields as the API gave them, null where none differs; a field it did not mention
 * counts as stored. Ignored places stand as declared: they are the dashboard's values and not the
 * API's spelling of ours, and would pass for it once they are no longer ignored.
 */
export function echoOf({ spec, sync }: Declaration, widget: JsonObject): JsonObject | null {
  const declared = asJson(spec);
  const echo = keepIgnored({ ...declared, ...pickFields(widget, declared) }, declared, sync.ignore);
  return equalJson(echo, declared) ? null : echo;
}
