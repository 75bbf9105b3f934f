// Other values for the fields of a file that inherits from fragments, by the smallest edit of its own text.
// Pure. A fragment is never edited: one widget's values must not move those of others.
import { equalJson, type Json, type JsonObject } from '../../base/json/json.ts';
import { omitFields, pickFields } from '../../model/value-at.ts';
import { bodyFields } from '../../model/widget.ts';
import { composeFragments, composeLayers } from '../compose/compose-layers.ts';
import type { ComposedFile } from '../compose/composed-file.ts';
import { editFields } from './edit-widget.ts';
import { overlayFor } from './overlay.ts';
import type { FileText } from './write-widget.ts';

/**
 * `composed` is what the text declares and inherits; `wanted` are the new values of the body fields that change,
 * or of all, as they are to be once the file is laid over its fragments. A field that is not given stays.
 */
export function editOverFragments(
  text: string,
  { fragments, omit, own }: Pick<ComposedFile, 'fragments' | 'omit' | 'own'>,
  wanted: JsonObject,
): FileText {
  return editFields(text, (written) => {
    const isSame =
      equalJson(omitFields(written, notInherited), own.value) &&
      equalJson(omitOf(written), [...omit]);
    if (!isSame) return { problem: 'it was changed in the meantime; try again' };
    const said = { own: own.value, omit };
    const overlay = overlayFor(composeFragments(fragments), said, inSchemaOrder(wanted));
    const composed = composeLayers(fragments, overlay.omit, { ...own, value: overlay.own });
    if (!equalJson(pickFields(composed, wanted), wanted)) {
      return { problem: 'no file over these fragments can say it' };
    }
    return { target: targetOf(written, overlay) };
  });
}

/** What is new in the file comes into it in this order. */
function inSchemaOrder(wanted: JsonObject): JsonObject {
  const names = bodyFields.filter((name) => Object.hasOwn(wanted, name));
  return Object.fromEntries(names.map((name) => [name, wanted[name] as Json]));
}

const notInherited = { widget_id: null, extends: null, omit: null };

function omitOf(written: JsonObject): Json {
  return written['omit'] ?? [];
}

function targetOf(
  written: JsonObject,
  { own, omit }: { readonly own: JsonObject; readonly omit: readonly string[] },
): JsonObject {
  const others = pickFields(written, notInherited);
  if (equalJson(omitOf(written), [...omit])) return { ...others, ...own };
  return omit.length === 0
    ? { ...omitFields(others, { omit }), ...own }
    : { ...others, omit: [...omit], ...own };
}
