// A preview for programs: `preview --json`, and `preview.json` beside its pictures.
import type { JsonObject } from '../../base/json/json.ts';
import { sceneOf } from '../../face/faces.ts';
import type { LegendEntry } from '../picture/legend.ts';
import { toDiagnostics } from '../problem-text.ts';
import { type Drawn, drawWidget, type WidgetPicture } from './draw-widget.ts';
import {
  type Before,
  countProblems,
  type PreviewModel,
  type PreviewWidget,
  titleOf,
  typeOf,
} from './preview-model.ts';

/** Where a picture lies beside the JSON; null where there is no file of it. */
export type PlaceOf = (picture: WidgetPicture) => string | null;

/** Documented in schemas/output/preview.schema.json. */
export function previewJson(model: PreviewModel, placeOf: PlaceOf) {
  const { directory, revision, before, widgets, leftOut, orphaned, problems } = model;
  const { error, warning, note } = countProblems(model);
  return {
    format_version: '1.0',
    directory,
    revision,
    before: { kind: before.kind, from: placeOfBefore(before) },
    summary: {
      ...countsOf(widgets),
      left_out: leftOut,
      orphaned: orphaned.length,
      errors: error,
      warnings: warning,
      notes: note,
    },
    widgets: widgets.map((widget) => widgetJson(widget, placeOf)),
    orphaned: orphaned.map(({ widgetId, file, name }) => ({ widget_id: widgetId, file, name })),
    diagnostics: toDiagnostics(problems),
  };
}

function placeOfBefore(before: Before): string {
  switch (before.kind) {
    case 'applied':
    case 'nothing':
      return before.state;
    case 'live':
      return before.apiUrl;
    case 'directory':
      return before.directory;
  }
}

function countsOf(widgets: readonly PreviewWidget[]) {
  const counts = { changed: 0, new: 0, same: 0, alone: 0, waiting: 0, broken: 0 };
  for (const { status } of widgets) counts[status] += 1;
  return counts;
}

function widgetJson(widget: PreviewWidget, placeOf: PlaceOf) {
  const { widgetId, file, status, held, uncompared, problems, bodies } = widget;
  const drawn = drawWidget(bodies);
  const place = (side: WidgetPicture['side']) => {
    const svg = drawn?.[side] ?? null;
    return svg === null ? null : placeOf({ widgetId, side, svg });
  };
  return {
    widget_id: widgetId,
    file,
    name: titleOf(widget),
    widget_type: typeOf(bodies),
    scene: sceneOf(typeOf(bodies)),
    status,
    changes: drawn === null ? [] : changesOf(drawn),
    notes: drawn?.notes ?? [],
    held: held && { code: held.code, message: held.message },
    uncompared,
    diagnostics: toDiagnostics(problems),
    pictures: {
      before: place('before'),
      after: place('after'),
    },
  };
}

/** `mark` is the number in the pictures; null for what is not to be seen. */
function changesOf({ legend, unseen }: Drawn): JsonObject[] {
  return [
    ...legend.map((entry) => changeJson(entry.field, entry, entry.number)),
    ...unseen.map(({ field, change }) => changeJson(field, change, null)),
  ];
}

function changeJson(field: string, values: LegendEntry | null, mark: number | null): JsonObject {
  const { before, after } = values ?? {};
  return {
    field,
    mark,
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  };
}
