import { expect, test } from 'vitest';
import type { WidgetId } from '../../src/model/widget.ts';
import { accountStatus } from '../../src/status/account-status.ts';
import { findWidgets } from '../../src/status/find-widget.ts';
import { recordOf, specOf } from '../state/fixtures/state-options.ts';

const named = (widgetId: string, file: string, name: string) =>
  recordOf(widgetId as WidgetId, { file, spec: specOf({ widget_type: 'chat', name }) });

const { widgets } = accountStatus(
  [
    named('3c90c3cc-0d44', 'clients/ava.yaml', 'Ava'),
    named('3c90c3cd-0d44', 'clients/ben.yaml', 'Ben'),
    named('7f1b2c3d-0d44', 'ava.yaml', 'Ben'),
    named('9e1b2c3d-0d44', 'old/ben.yaml', '3c90'),
  ],
  null,
);

test.each([
  ['a file', 'ava.yaml', ['ava.yaml']],
  ['a file, as a shell completes it', './clients/ava.yaml', ['clients/ava.yaml']],
  ['a whole id', '7F1B2C3D-0D44', ['ava.yaml']],
  ['the beginning of one id', '7f1b', ['ava.yaml']],
  ['the beginning of several, before a name', '3c90', ['clients/ava.yaml', 'clients/ben.yaml']],
  ['too short a beginning', '7f1', []],
  ['a name, of each that has it', ' ben ', ['ava.yaml', 'clients/ben.yaml']],
  ['the end of a path', 'ben.yaml', ['clients/ben.yaml', 'old/ben.yaml']],
  ['a path from above, as a plan prints it', 'widgets/ava.yaml', ['ava.yaml']],
  ['the most of such a path', './widgets/clients/ava.yaml', ['clients/ava.yaml']],
  ['no path that only ends alike', 'widgets/xava.yaml', []],
  ['nothing that is known', 'nobody', []],
  ['nothing at all', ' ', []],
])('finds by %s', (_, asked, files) => {
  expect(findWidgets(widgets, asked).map(({ file }) => file)).toEqual(files);
});
