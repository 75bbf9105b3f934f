// The contents of the widget files that extend others, composed anew only where the file or the meaning of a
// fragment has changed.
import { join } from 'node:path';
import { fromPointer, toPointer } from '../../base/json/json.ts';
import { printable } from '../../base/text.ts';
import type { Finding, KnownContent, Problem } from '../../model/document.ts';
import { sha256 } from '../../model/widget.ts';
import type { FileContent } from '../check/file-content.ts';
import { isError } from '../check/layer-content.ts';
import { explainOver, isAllowed } from '../check/sync-policy.ts';
import { type WholeContent, wholeContent } from '../check/whole-content.ts';
import type { Layer } from '../compose/compose-layers.ts';
import { findOrigin } from '../compose/find-origin.ts';
import { type BodyFinding, byPlace, valueIn, warningAt } from '../parse/finding.ts';
import { startOfFile } from '../parse/source-text.ts';
import { type Chain, type FragmentChains, placedAt } from './fragment-chains.ts';
import type { Fragment } from './fragment-files.ts';
import { FragmentProblems } from './fragment-problems.ts';
import type { ValuePlaces } from './value-places.ts';

/** A widget file that extends others, as it was read. */
export interface LayeredFile {
  /** From the widget directory, with forward slashes. */
  readonly file: string;
  /** The widget directory, absolute. */
  readonly root: string;
  /** SHA-256 (hex) of its bytes. */
  readonly bytes: string;
  readonly content: FileContent;
  readonly chain: Chain;
}

/** The content of a widget file with all that it extends. */
export interface ComposedContent extends FileContent {
  /** See `WidgetDocument.digest`. */
  readonly digest: string;
  /** As written. */
  readonly extends: readonly string[];
  /** Why it is held for the sake of a fragment, in words; null where it is not. */
  readonly broken: string | null;
  /** The name of a fragment that was being written a moment ago; null where none was. */
  readonly unsettled: string | null;
}

/** A fragment and the widget files that it reaches, sorted. */
export interface Reached {
  readonly fragment: Fragment;
  readonly widgets: readonly string[];
}

interface Kept {
  readonly bytes: string;
  readonly meanings: string;
  readonly digest: string;
  /** Null of what an earlier process has recorded, and where `plain` says all. */
  readonly whole: WholeContent | null;
  /** What is to be said of it by itself: nothing else. Null where there is more to say. */
  readonly plain: ComposedContent | null;
}

/** The digest of a file with `extends`: of what it and its fragments say, wherever these lie. */
export function composedDigest(bytes: string, meanings: string): string {
  return sha256(`${bytes}\n${meanings}`);
}

export class ComposedContents {
  readonly #places: ValuePlaces;
  readonly #notes: boolean;
  #known = new Map<string, Kept>();
  #next = new Map<string, Kept>();
  #problems = new FragmentProblems();
  #noted = new FragmentProblems();

  constructor(places: ValuePlaces, { notes }: { readonly notes: boolean }) {
    this.#places = places;
    this.#notes = notes;
  }

  forget(): void {
    this.#known = new Map();
  }

  begin(): void {
    this.#next = new Map();
    this.#problems = new FragmentProblems();
    this.#noted = new FragmentProblems();
  }

  /** What was not composed since it began is forgotten. */
  end(): void {
    this.#known = this.#next;
    this.#places.turn();
  }

  /** Whether an earlier process has recorded what a file and its fragments declare: it need not be parsed then. */
  recall(
    { file, bytes, chain, content }: LayeredFile,
    paths: readonly string[],
    remember: (digest: string) => KnownContent | undefined,
  ): boolean {
    if (chain.broken !== null || chain.atEntries.length > 0) return false;
    const { meanings } = chain;
    const known = this.#known.get(file);
    if (known?.bytes === bytes && known.meanings === meanings) return known.plain !== null;
    const digest = composedDigest(bytes, meanings);
    const widget = remember(digest);
    if (widget === undefined) return false;
    const told = { broken: null, unsettled: null, extends: paths };
    const plain = { ...content, ...told, widget, digest };
    this.#known.set(file, { bytes, meanings, digest, whole: null, plain });
    return true;
  }

  /** `now` decides which suspensions have ended. */
  compose(layered: LayeredFile, now: Date): ComposedContent {
    const { file, bytes, chain, content } = layered;
    const known = this.#known.get(file);
    const isSame = known?.bytes === bytes && known.meanings === chain.meanings;
    if (isSame && known.plain !== null && chain.broken === null && chain.atEntries.length === 0) {
      this.#next.set(file, known);
      const { unsettled } = chain;
      return unsettled === null ? known.plain : { ...known.plain, unsettled };
    }
    const { layer } = content;
    if (layer === undefined || 'unparsed' in layer) throw new Error(`${file} was not parsed`);
    const own = [...content.findings, ...placedAt(layer.entries, chain.atEntries)].sort(byPlace);
    const common = {
      ...content,
      widget: null,
      extends: layer.entries.map(({ text }) => text),
      digest: bytes,
      broken: chain.broken,
      unsettled: chain.unsettled,
    };
    const { value } = layer;
    const { widgetId } = content;
    if (own.some(isError) || chain.broken !== null || value === null || widgetId === null) {
      const isToSay = (finding: Finding) => !isAllowed(finding, value?.['sync']);
      return { ...common, findings: own.filter(isToSay) };
    }
    const whole =
      (isSame ? known.whole : null) ??
      wholeContent({ omit: layer.omit, value, widgetId }, chain.inherited(), {
        notes: this.#notes,
        fragments: chain.fragments.map((fragment) => fragment.file),
      });
    const digest = isSame ? known.digest : composedDigest(bytes, chain.meanings);
    const composed = { ...common, ...this.#whole(layered, whole, { own, now }), digest };
    const isPlain = own.length === 0 && chain.unsettled === null && isSilent(whole);
    const kept = { bytes, meanings: chain.meanings, digest };
    this.#next.set(
      file,
      isPlain ? { ...kept, whole: null, plain: composed } : { ...kept, whole, plain: null },
    );
    return composed;
  }

  /** Errors and warnings of fragments, those of each by itself among them. */
  problems(chains: FragmentChains, reached: readonly Reached[]): Problem[] {
    for (const { fragment, widgets } of reached) {
      const { file } = fragment;
      this.#problems.addOwn({ file, widgets }, chains.findingsOf(fragment));
    }
    return this.#problems.all;
  }

  get notes(): Problem[] {
    return this.#noted.all;
  }

  /** What only the whole shows, each finding where its field stands. */
  #whole(
    layered: LayeredFile,
    whole: WholeContent,
    { own, now }: { readonly own: readonly Finding[]; readonly now: Date },
  ): Pick<FileContent, 'widget' | 'suspension' | 'findings' | 'notes'> & { broken: string | null } {
    const over = explainOver(whole.suspension, now);
    const at = valueIn('/sync/until');
    const ofBody = [
      ...whole.findings,
      ...(over === null ? [] : [warningAt(at, 'no-effect', over)]),
    ];
    const problems = ofBody.map((finding) => this.#placed(layered, finding));
    const notes = whole.notes.map((note) => this.#placed(layered, note));
    const isOwn = ({ file }: Problem) => file === layered.file;
    for (const problem of problems) if (!isOwn(problem)) this.#problems.add(problem, layered.file);
    for (const note of notes) if (!isOwn(note)) this.#noted.add(note, layered.file);
    const broken = problems.find((problem) => isError(problem) && !isOwn(problem));
    const isToSay = (finding: Finding) => !isAllowed(finding, whole.sync);
    return {
      widget: whole.widget,
      suspension: whole.suspension,
      findings: [
        ...own.filter(isToSay),
        ...whole.ofOmit,
        ...problems.filter(isOwn).map(unnamed),
      ].sort(byPlace),
      notes: notes.filter(isOwn).map(unnamed).sort(byPlace),
      broken: broken === undefined ? null : toldElsewhere(broken),
    };
  }

  #placed(layered: LayeredFile, { pointer, part, ...said }: BodyFinding): Problem {
    const { layer, pointer: found } = nearestOrigin(layered, pointer);
    const fragment = layered.chain.fragments.find(({ file }) => file === layer.file);
    const place =
      fragment === undefined
        ? { path: join(layered.root, layered.file), digest: layered.bytes, kind: 'widget' as const }
        : { path: fragment.path ?? '', digest: fragment.digest ?? '', kind: 'fragment' as const };
    const range = this.#places.place(place, found, part) ?? startOfFile;
    return { ...said, file: layer.file, range };
  }
}

/** Of the value, or of the nearest object around it that any layer has. */
function nearestOrigin(
  { file, chain, content }: LayeredFile,
  pointer: string,
): { readonly layer: Layer; readonly pointer: string } {
  const { layer } = content;
  const isParsed = layer !== undefined && 'value' in layer;
  const own = { file, value: (isParsed ? layer.value : null) ?? {} };
  const omit = isParsed ? layer.omit.map(({ text }) => text) : [];
  const path = fromPointer(pointer);
  for (let depth = path.length; depth > 0; depth -= 1) {
    const at = toPointer(path.slice(0, depth));
    const origin = findOrigin(layersOf(chain.fragments), omit, own, at);
    if (origin !== null) return origin;
  }
  return { layer: own, pointer: '' };
}

export function layersOf(fragments: readonly Fragment[]): Layer[] {
  return fragments.map(({ file, content }) => ({ file, value: content.value ?? {} }));
}

function isSilent({ suspension, findings, notes, ofOmit }: WholeContent): boolean {
  return suspension === null && [findings, notes, ofOmit].every(({ length }) => length === 0);
}

function unnamed({ file: _, affects: __, ...finding }: Problem): Finding {
  return finding;
}

function toldElsewhere({ file, range, summary }: Problem): string {
  return `${printable(file)}, line ${range.start.line}: ${summary}`;
}
