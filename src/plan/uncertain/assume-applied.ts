// A record for a widget of which none is kept, from what an earlier commit declared: that counts as applied. What
// commits after it declared may have been applied as well, and stands in the record as bodies that were sent and
// never confirmed.
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { DeclaredThen, DeclaredWidget } from '../../model/since/declared-then.ts';
import { ownValue, sameValue } from '../../model/value-at.ts';
import { asJson, hashSpec, type SyncPolicy, type WidgetId } from '../../model/widget.ts';
import { certain, type SentValues, type WriteTrail } from '../../model/write-trail.ts';

export function assumeApplied({ commit, widgets }: DeclaredThen): Map<WidgetId, AppliedRecord> {
  const records = [...widgets].map(([widgetId, widget]): [WidgetId, AppliedRecord] => [
    widgetId,
    recordOf(widgetId, widget, commit),
  ]);
  return new Map(records);
}

const noPolicy: SyncPolicy = { drift: null, ignore: [] };

function recordOf(
  widgetId: WidgetId,
  widget: DeclaredWidget,
  { id, time }: DeclaredThen['commit'],
): AppliedRecord {
  const { file, declared, later } = widget;
  // Of a widget that only a later commit declared nothing is sure to have been applied.
  const widgetType = later[0]?.content.spec.widget_type ?? null;
  const spec = declared?.content.spec ?? { widget_type: widgetType };
  return {
    ...{ widgetId, file, spec },
    digest: declared?.digest ?? '',
    ...(declared?.extends !== undefined && { extends: declared.extends }),
    hash: declared?.content.hash ?? hashSpec(spec),
    sync: declared?.content.sync ?? noPolicy,
    ...{ echo: null, revision: id, appliedAt: time },
    trail: trailOf(spec, later),
    corrections: 0,
  };
}

/** How the API spelt what it was sent is not known, and a read tells. */
const unread: WriteTrail = { ...certain, isEchoKnown: false };

function trailOf(spec: AppliedRecord['spec'], later: DeclaredWidget['later']): WriteTrail {
  const own = hashSpec(spec);
  const others = later.filter(({ content }) => content.hash !== own);
  const [newest] = others;
  if (newest === undefined) return unread;
  return {
    state: 'unconfirmed',
    hash: newest.content.hash,
    at: newest.time,
    // A read that shows one of them proves nothing of the others.
    isOneOfSeveral: true,
    sent: sentBy(spec, others),
    before: {},
    ...{ replaced: null, earlier: [], beside: {} },
  };
}

/** By field, the values that were declared otherwise than in the spec, the newest first. */
function sentBy(spec: AppliedRecord['spec'], later: DeclaredWidget['later']): SentValues {
  const declared = asJson(spec);
  const sent: Record<string, SentValues[string]> = {};
  for (const { content } of later) {
    for (const [name, value] of Object.entries(asJson(content.spec))) {
      if (sameValue(value, ownValue(declared, name))) continue;
      const values = sent[name] ?? [];
      if (!values.some((one) => sameValue(one, value))) sent[name] = [...values, value];
    }
  }
  return sent;
}
