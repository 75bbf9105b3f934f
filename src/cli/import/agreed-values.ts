// Values that an import found otherwise in every widget that inherits them from one fragment: there they could
// be written once, by a person. Reads files only to tell where a value comes from.
import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../../base/json/json.ts';
import type { ComposedFile } from '../../documents/compose/composed-file.ts';
import { findOrigin } from '../../documents/compose/find-origin.ts';
import type { WidgetDirectory } from '../../documents/widget-directory.ts';
import { diffFields, leafDifferences } from '../../model/diff-fields.ts';
import type { LoadedTree, Origin, WidgetDocument } from '../../model/document.ts';
import { pickFields } from '../../model/value-at.ts';
import { asJson } from '../../model/widget.ts';

/** Null for a file that inherits nothing; `changed` where it or a fragment is not as it was loaded. */
export type Inheritance = ComposedFile | null | 'changed';

export interface AgreedValue {
  /** The place in the fragment. */
  readonly origin: Origin;
  /** JSON Pointer into the body. */
  readonly field: string;
  /** The value that all of them have; absent where none has any. */
  readonly value?: Json;
  /** How many widgets inherit the field from there. */
  readonly widgets: number;
}

/** Widgets of one other value. */
interface Group extends Omit<AgreedValue, 'widgets'> {
  readonly files: Set<string>;
}

export class AgreedValues {
  readonly #groups = new Map<string, Group>();
  readonly #composed = new Map<string, ComposedFile | null>();
  readonly #directory: WidgetDirectory;
  readonly #fragments: ReadonlyMap<string, readonly string[]>;
  readonly #documents: ReadonlyMap<string, WidgetDocument>;

  constructor(directory: WidgetDirectory, { fragments, documents }: LoadedTree) {
    this.#directory = directory;
    this.#fragments = new Map(fragments.map(({ file, widgets }) => [file, widgets]));
    this.#documents = new Map(documents.map((document) => [document.file, document]));
  }

  /** `wanted` are the fields as the file is to read; the file itself is as it was loaded still. */
  note({ file, spec }: WidgetDocument, composed: Inheritance, wanted: JsonObject): void {
    if (composed === null) return;
    this.#composed.set(file, composed === 'changed' ? null : composed);
    if (composed === 'changed') return;
    const differences = diffFields(pickFields(asJson(spec), wanted), wanted);
    // An object may come from several files: where it is gone, so is each of its members.
    const parts = differences.flatMap((one) => (one.to === undefined ? leafDifferences(one) : one));
    for (const { path, from, to } of parts) {
      // What is new comes from none.
      if (from === undefined || isJsonObject(from)) continue;
      if (sourceOf(composed, path) === file) continue;
      const origin = composed.origin(path);
      if (origin === null) continue;
      const key = canonicalJson([origin.file, path, ...(to === undefined ? [] : [to])]);
      const group = this.#groups.get(key) ?? {
        ...asMember(to),
        origin,
        field: path,
        files: new Set(),
      };
      this.#groups.set(key, group);
      group.files.add(file);
    }
  }

  /** By their place. */
  all(): AgreedValue[] {
    return [...this.#groups.values()]
      .filter((group) => group.files.size > 1 && this.#isOfAll(group))
      .map(({ files, ...group }) => ({ ...group, widgets: files.size }))
      .sort(byPlace);
  }

  /** A widget of which it cannot be told may well have the fragment's value. */
  #isOfAll({ origin, field, files }: Group): boolean {
    const widgets = this.#fragments.get(origin.file) ?? [];
    return widgets.every((file) => {
      if (files.has(file)) return true;
      const composed = this.#compose(file);
      return composed !== null && sourceOf(composed, field) !== origin.file;
    });
  }

  #compose(file: string): ComposedFile | null {
    const noted = this.#composed.get(file);
    if (noted !== undefined) return noted;
    const document = this.#documents.get(file);
    const composed = document === undefined ? null : this.#directory.compose(file, document.digest);
    this.#composed.set(file, composed);
    return composed;
  }
}

function asMember(to: Json | undefined): { readonly value?: Json } {
  return to === undefined ? {} : { value: to };
}

function sourceOf({ fragments, omit, own }: ComposedFile, pointer: string): string | null {
  return findOrigin(fragments, omit, own, pointer)?.layer.file ?? null;
}

function byPlace(a: AgreedValue, b: AgreedValue): number {
  const [left, right] = [a.origin, b.origin];
  if (left.file !== right.file) return left.file < right.file ? -1 : 1;
  return left.range.start.line - right.range.start.line || (a.field < b.field ? -1 : 1);
}
