// Other values for the fields of an existing file, by the smallest edit of its text: comments, order,
// quotes, anchors, indentation and line ends stay. Pure. Never gives a text that does not read back as
// exactly what was wanted.
import { equalJson, isJsonObject, type JsonObject, parseJson } from '../../base/json/json.ts';
import { ownValue, sameValue } from '../../model/value-at.ts';
import { readContent } from '../check/file-content.ts';
import { composeYaml } from '../parse/compose-yaml.ts';
import { decode } from '../parse/decode.ts';
import { toJson } from '../parse/to-json.ts';
import { largestFile } from '../tree/unreadable-file.ts';
import { applySplices } from '../write/splice.ts';
import { addEntries } from './edit-entries.ts';
import { editValue } from './edit-value.ts';
import type { Manner } from './replace-value.ts';
import { type WrittenCollection, writtenTree } from './source-map.ts';
import type { FileText } from './write-widget.ts';

/** `wanted` are the new values of the fields that change, or of all; a field that is not given stays. */
export function editWidgetFile(text: string, wanted: JsonObject): FileText {
  return editFields(text, (written) => ({
    target: Object.fromEntries([...Object.entries(written), ...Object.entries(wanted)]),
  }));
}

/** What the fields of a file are to be, given those that it has; or why they cannot be. */
export type ChooseFields = (
  written: JsonObject,
) => { readonly target: JsonObject } | { readonly problem: string };

/** A field that the target lacks goes. */
export function editFields(text: string, choose: ChooseFields): FileText {
  const mark = text.startsWith('\ufeff') ? '\ufeff' : '';
  const source = text.slice(mark.length);
  const before = read(source);
  if ('problem' in before) return before;
  const chosen = choose(before.value);
  if ('problem' in chosen) return chosen;
  const edited = editUntil(source, before, chosen.target);
  if ('problem' in edited) return edited;
  const bytes = new TextEncoder().encode(edited.text);
  if (bytes.length > largestFile) return { problem: 'the file would be larger than 1 MiB' };
  const error = readContent(bytes).findings.find(({ severity }) => severity === 'error');
  return error === undefined ? { text: mark + edited.text } : { problem: error.summary };
}

interface ReadText {
  readonly value: JsonObject;
  readonly root: WrittenCollection;
  readonly targets: ReturnType<typeof toJson>['targets'];
}

/** A text that can be edited, or what is wrong with its form. */
function read(text: string): ReadText | { readonly problem: string } {
  const { source, findings } = decode(new TextEncoder().encode(text));
  const { document, findings: more } = findings.length > 0 ? unread : composeYaml(source);
  if (document === null) {
    return { problem: [...findings, ...more][0]?.summary ?? 'the file holds nothing to edit' };
  }
  const { value, findings: inValues, targets } = toJson(document, source);
  const error = [...more, ...inValues].find(({ severity }) => severity === 'error');
  if (error !== undefined) return { problem: error.summary };
  const root = isJsonObject(value) ? writtenTree(document.contents, value, text) : null;
  if (root === null || !isJsonObject(value)) return { problem: notEditable };
  return { value, root, targets };
}

const unread = { document: null, findings: [] };
const notEditable = 'the form of the file is too unusual to be edited';

/**
 * One field at a time, read again after every step. The first manner keeps styles; where it does not
 * get there, texts are quoted, and at last the field's value is written anew on one line.
 */
const manners: readonly { texts: Manner['texts']; whole: boolean; steps: number }[] = [
  { texts: 'pleasant', whole: false, steps: 8 },
  { texts: 'quoted', whole: false, steps: 8 },
  { texts: 'quoted', whole: true, steps: 4 },
];

function editUntil(start: string, before: ReadText, target: JsonObject): FileText {
  const lineEnd = /\r\n/.test(start) ? '\r\n' : '\n';
  // A file that is JSON stays what whatever made it can read.
  const allowed = parseJson(start) === undefined ? manners : manners.slice(1);
  const attempts = new Map<string, { manner: number; steps: number }>();
  let text = start;
  let current = before;
  let problem = notEditable;
  for (;;) {
    const { value } = current;
    const names = [...Object.keys(value), ...Object.keys(target)];
    const field = names.find((name) => !sameValue(ownValue(value, name), ownValue(target, name)));
    if (field === undefined) {
      return equalJson(value, target) ? { text } : { problem: notEditable };
    }
    const attempt = attempts.get(field) ?? { manner: 0, steps: 0 };
    attempts.set(field, attempt);
    const manner = allowed[attempt.manner];
    if (manner === undefined) return { problem };
    const edited = editField(field, target, { text, lineEnd, current, ...manner });
    const after = edited === text ? { problem } : read(edited);
    attempt.steps += 1;
    if ('problem' in after || attempt.steps >= manner.steps) {
      attempt.manner += 1;
      attempt.steps = 0;
    }
    if ('problem' in after) problem = after.problem;
    else {
      text = edited;
      current = after;
    }
  }
}

interface FieldEdit extends Pick<Manner, 'text' | 'lineEnd' | 'texts'> {
  readonly current: ReadText;
  readonly whole: boolean;
}

const isReferred = () => false;

function editField(field: string, target: JsonObject, edit: FieldEdit): string {
  const { root, targets, value } = edit.current;
  const context = { ...edit, root, targets };
  const wanted = ownValue(target, field);
  const entry = root.entries.find(({ key }) => key === field);
  if (edit.whole && entry !== undefined && wanted !== undefined) {
    const opaque = { ...entry.value, kind: 'opaque' as const };
    return applySplices(edit.text, editValue(opaque, wanted, context));
  }
  const extended = root.entries.findIndex(({ key }) => key === 'extends');
  if (field === 'omit' && entry === undefined && wanted !== undefined && extended !== -1) {
    // Beside what it is taken from, where people look for it.
    const added = [{ key: field, value: wanted }];
    return applySplices(edit.text, [addEntries(root, extended, added, { ...edit, isReferred })]);
  }
  const others = Object.entries(value).filter(([name]) => name !== field);
  const withField = wanted === undefined ? others : [...others, [field, wanted] as const];
  return applySplices(edit.text, editValue(root, Object.fromEntries(withField), context));
}
