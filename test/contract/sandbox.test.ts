// The sandbox is a server of the widget API like any other.
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { widgetId } from '../support/sandbox.ts';
import { describeWidgetApi } from './widget-api-contract.ts';

describeWidgetApi('the sandbox', async () => {
  // One more than a page holds by default.
  const widgetIds = Array.from({ length: 51 }, (_, n) => widgetId(0xabcd00 + n));
  const key = 'in-contract';
  const sandbox = await startSandbox({
    apiKey: key,
    widgets: widgetIds.map((id) => ({ widgetId: id, fields: { widget_type: 'chat' } })),
  });
  return { url: sandbox.url, key, widgetIds, close: () => sandbox.close() };
});
