// What a picture cannot show, said beneath it: what the dashboard keeps, what paints nothing, and how far
// the picture is to be believed.
import { fromPointer, type JsonObject } from '../../base/json/json.ts';
import { faceOf, sceneOf, slotsOf } from '../../face/faces.ts';
import { facesAsOf, type Scene } from '../../face/slots.ts';
import { unpaintedNotes } from '../../face/unpainted-notes.ts';
import { valueAt } from '../../model/value-at.ts';
import { bodyFields } from '../../model/widget.ts';

/**
 * Plain sentences, of one line each. `declared` is what the file says, without what is live; `changed` are
 * fields that a write changes though the file does not declare them: they are not kept.
 */
export function linesBeneath(declared: JsonObject, changed: readonly string[] = []): string[] {
  const scene = sceneOf(declared['widget_type']);
  const kept = keptFields(scene, declared).filter((name) => !changed.includes(name));
  return [
    ...unpaintedNotes(declared).map(({ summary }) => `${summary}.`),
    ...(kept.length === 0
      ? []
      : [`not declared here, kept as the dashboard has it: ${kept.join(', ')}`]),
    trust[scene],
  ];
}

const asScript = `as the public script of ${facesAsOf} paints it`;

const trust: { readonly [scene in Scene]: string } = {
  window: `${asScript}; the messages are samples, and the launcher is shown beside the open window`,
  page: `${asScript}; the messages are samples`,
  ball: asScript,
  'call-form': `the form is inferred; its button is ${asScript}`,
  'call-card': 'nothing is painted of a telephone line: this is what callers meet',
  phone: 'drawn as the channel shows a message; phones and versions differ',
  form: "the form's fields are defined in the dashboard",
};

/** Fields that would paint, and are left to the dashboard; a stand-in counts for what it stands in for. */
function keptFields(scene: Scene, declared: JsonObject): string[] {
  const names = new Set<string>();
  for (const [, { from, needs }] of slotsOf(scene, faceOf(declared))) {
    const fields = from.map((pointer) => fromPointer(pointer)[0] ?? '');
    if (fields.some((name) => Object.hasOwn(declared, name))) continue;
    if (needs !== undefined && isEmptyList(declared, needs)) continue;
    for (const name of fields) names.add(name);
  }
  return bodyFields.filter((name) => names.has(name));
}

/** Declared as empty; what is not declared may hold anything. */
function isEmptyList(declared: JsonObject, pointer: string): boolean {
  const list = valueAt(declared, fromPointer(pointer));
  return Array.isArray(list) && list.length === 0;
}
