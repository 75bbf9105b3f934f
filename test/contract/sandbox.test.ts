// The sandbox is a server of the widget API like any other, whichever of its variants it plays.
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import type { Storage } from '../../src/sandbox/widget-store.ts';
import { widgetId } from '../support/sandbox.ts';
import { inSoak } from '../support/soak.ts';
import { type ContractPart, describeWidgetApi } from './widget-api-contract.ts';

/** One variant passes the whole suite; the others what they store, and the rest in the soak. */
const onceMore: ContractPart = inSoak ? 'all' : 'stored';

function startVariant(storage: Storage) {
  return async () => {
    // One more than a page holds by default.
    const widgetIds = Array.from({ length: 51 }, (_, n) => widgetId(0xabcd00 + n));
    const key = 'in-contract';
    const widgets = widgetIds.map((id) => ({ widgetId: id, fields: { widget_type: 'chat' } }));
    const sandbox = await startSandbox({ ...storage, apiKey: key, widgets });
    return { url: sandbox.url, key, widgetIds, close: () => sandbox.close() };
  };
}

describeWidgetApi('the sandbox, put: merge', { put: 'merge' }, startVariant({ put: 'merge' }));

describeWidgetApi(
  'the sandbox, put: replace',
  { put: 'replace' },
  startVariant({ put: 'replace' }),
  onceMore,
);

/** Lower-case colours, and texts that are never null. */
function normalise<Value>(field: string, value: Value): Value | string {
  const isText = !['widget_type', 'org_id', 'assistant_id'].includes(field);
  const isNullableText = isText && !['remove_branding', 'style_params'].includes(field);
  if (value === null) return isNullableText ? '' : value;
  return typeof value === 'string' && field.endsWith('_color') ? value.toLowerCase() : value;
}

describeWidgetApi(
  'the sandbox, normalising',
  { put: 'replace', normalise },
  startVariant({ put: 'replace', normalise }),
  onceMore,
);
