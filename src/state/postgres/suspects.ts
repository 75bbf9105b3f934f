// Widgets that a former holder may have written when it no longer was to, as notes for the holder.

import { isJsonObject, parseJson } from '../../base/json/json.ts';
import { stringifyJson } from '../../base/json/json-text.ts';
import { hideOnDisk } from '../../base/secrets.ts';
import { parseWidgetId } from '../../model/widget.ts';
import type { LeftSuspect, OpenOptions, Suspect, SuspectNotes } from '../state-store.ts';
import { type Notes, removeNotes } from './notes.ts';
import { type HeldAccount, writeTenured } from './tenured.ts';

export function suspectNotes(
  held: HeldAccount,
  notes: Notes,
  warn: OpenOptions['warn'],
): SuspectNotes {
  return {
    async left() {
      const all = await notes.of(held.name);
      const found: LeftSuspect[] = [];
      for (const { id, kind, content } of all) {
        if (kind !== 'suspect') continue;
        const suspect = parseSuspect(content);
        if (suspect !== null) {
          found.push({ id, ...suspect });
          continue;
        }
        warn('a note of a widget to look at is damaged, and goes', { account: held.name });
        await removeNotes(held.database, [id], kind);
      }
      return found;
    },
    leave: (suspects) => leave(held, suspects),
    remove: (ids) => remove(held, ids),
  };
}

/** Whoever has lost the account may do this: it changes nothing that is kept. */
async function leave({ database, name }: HeldAccount, suspects: readonly Suspect[]): Promise<void> {
  if (suspects.length === 0) return;
  await database.ask({
    what: `cannot leave widgets to look at to the holder of the account ${name}`,
    sql: `insert into widget_sync.note (account, kind, content)
          select $1, 'suspect', content from unnest($2::text[]) as s (content)`,
    values: [name, suspects.map((one) => hideOnDisk(formatSuspect(one)))],
  });
}

async function remove(held: HeldAccount, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await writeTenured(held, {
    what: `cannot remove notes of the account ${held.name}`,
    parts: `removed as (
              delete from widget_sync.note n using mine
              where n.account = mine.name and n.kind = 'suspect' and n.id = any($4)
            )`,
    values: [[...ids]],
  });
}

function formatSuspect({ widgetId, hash, sent }: Suspect): string {
  return `${stringifyJson({ widget_id: widgetId, hash, sent })}\n`;
}

/** Null where it is damaged. */
export function parseSuspect(text: string): Suspect | null {
  const stored = parseJson(text);
  if (!isJsonObject(stored)) return null;
  const widgetId = parseWidgetId(stored['widget_id']);
  const { hash, sent } = stored;
  if (widgetId === null || typeof hash !== 'string' || !isJsonObject(sent)) return null;
  return { widgetId, hash, sent };
}
