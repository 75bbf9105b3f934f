// What a plan from a snapshot has to say of it: as of when it is, and what cannot be seen.
import { count, listed, printable } from '../../base/text.ts';
import type { LoadedTree } from '../../model/document.ts';
import { durationText, utcTime } from '../../render/time.ts';
import type { SeenSnapshot } from './open-snapshot.ts';

const oldMs = 24 * 3_600_000;

/** The first line of a plan. */
export function asOfWords({ snapshot: { time, revision, account }, ageMs }: SeenSnapshot): string {
  const of = revision === null ? 'of no known commit' : `of commit ${revision.slice(0, 10)}`;
  const whose = account === undefined ? '' : ` of the account ${account}`;
  const age = durationText(Math.round(ageMs / 1000));
  return `From a snapshot${whose}: as of ${utcTime(time.getTime())}, ${age} ago, ${of}.`;
}

/** Null where it is young enough. */
export function oldWords({ ageMs }: Pick<SeenSnapshot, 'ageMs'>): string | null {
  if (ageMs <= oldMs) return null;
  const age = durationText(Math.round(ageMs / 1000));
  return `Warning: the snapshot is ${age} old; what was applied or changed in the dashboard since is not seen.`;
}

/** The paragraphs after it; none where there is nothing to say. */
export function snapshotNotes(seen: SeenSnapshot, tree: Pick<LoadedTree, 'documents'>): string[] {
  const { snapshot, withoutValues } = seen;
  const known = new Set(snapshot.widgets.map(({ widgetId }) => widgetId));
  const unknown = tree.documents.filter(({ widgetId }) => !known.has(widgetId));
  const names = (files: readonly string[]) => printable(listed(files, 3));
  return [
    oldWords(seen),
    unknown.length > 0
      ? `Note: ${count(unknown.length, 'widget')} not in the snapshot, so what is live of them is not known: ${names(unknown.map(({ file }) => file))}.`
      : null,
    snapshot.widgets.length > 0 && snapshot.widgets.every(({ declared }) => declared === null)
      ? 'Note: nothing was recorded where the snapshot was taken, so a field that a file no longer declares is not seen; take it with the state that was applied, or by snapshot --since <commit>.'
      : null,
    withoutValues.length > 0
      ? `Note: of ${count(withoutValues.length, 'widget')} the commit does not have what was applied, so each field looks like a change: ${names(withoutValues)}.`
      : null,
  ].filter((note) => note !== null);
}

/** A part of what programs are told. */
export function snapshotJson(seen: SeenSnapshot, tree: Pick<LoadedTree, 'documents'>): object {
  const { snapshot, ageMs, withoutValues } = seen;
  const { time, version, revision, values, widgets } = snapshot;
  const known = new Set(widgets.map(({ widgetId }) => widgetId));
  return {
    snapshot: {
      ...{ time: time.toISOString(), version, revision, values, widgets: widgets.length },
      age_seconds: Math.round(ageMs / 1000),
      unknown: tree.documents.flatMap(({ widgetId, file }) => (known.has(widgetId) ? [] : [file])),
      without_values: withoutValues,
    },
  };
}
