// The contents of the widget files that extend others, composed anew only where the file or the meaning of a
// fragment has changed.
import { printable } from '../../base/text.ts';
import type { Finding, KnownContent, Problem } from '../../model/document.ts';
import { sha256 } from '../../model/widget.ts';
import type { FileContent } from '../check/file-content.ts';
import { isError } from '../check/layer-content.ts';
import { explainOver, isAllowed } from '../check/sync-policy.ts';
import { type WholeContent, wholeContent } from '../check/whole-content.ts';
import { byPlace, valueIn, warningAt } from '../parse/finding.ts';
import { type Chain, type FragmentChains, placedAt } from './fragment-chains.ts';
import type { Fragment } from './fragment-files.ts';
import { FragmentProblems, type KeyedProblem, keyed } from './fragment-problems.ts';
import { type LayeredFile, placedIn } from './layered-file.ts';
import type { ValuePlaces } from './value-places.ts';

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
  /** The one that it was composed with last. */
  readonly chain: Chain;
  readonly meanings: string;
  readonly digest: string;
  /** Null of what an earlier process has recorded, and where `composed` has nothing to tell. */
  readonly whole: WholeContent | null;
  readonly composed: ComposedContent;
  /** Whether `composed` holds for as long as neither the file nor the chain moves. */
  readonly isLasting: boolean;
  /** What is wrong, or to be noted, in fragments. */
  readonly elsewhere: Elsewhere;
}

interface Elsewhere {
  readonly problems: readonly KeyedProblem[];
  readonly notes: readonly KeyedProblem[];
}

const nothingElsewhere: Elsewhere = { problems: [], notes: [] };

/** The digest of a file with `extends`: of what it and its fragments say, wherever these lie. */
export function composedDigest(bytes: string, meanings: string): string {
  return sha256(`${bytes}\n${meanings}`);
}

export class ComposedContents {
  readonly #places: ValuePlaces;
  readonly #notes: boolean;
  readonly #known = new Map<string, Kept>();
  #problems = new FragmentProblems();
  #noted = new FragmentProblems();

  constructor(places: ValuePlaces, { notes }: { readonly notes: boolean }) {
    this.#places = places;
    this.#notes = notes;
  }

  forget(): void {
    this.#known.clear();
  }

  begin(): void {
    this.#problems = new FragmentProblems();
    this.#noted = new FragmentProblems();
  }

  /** What is of no file any more is forgotten: `files` has all that extend others. */
  end(files: ReadonlyMap<string, Chain>, isOfFile: (digest: string) => boolean): void {
    if (this.#known.size > files.size) {
      for (const file of this.#known.keys()) if (!files.has(file)) this.#known.delete(file);
    }
    this.#places.keep(isOfFile);
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
    if (known?.bytes === bytes && known.meanings === meanings) return known.whole === null;
    const digest = composedDigest(bytes, meanings);
    const widget = remember(digest);
    if (widget === undefined) return false;
    const told = { broken: null, unsettled: null, extends: paths };
    const composed = { ...content, ...told, widget, digest };
    const kept = { bytes, chain, meanings, digest, whole: null, elsewhere: nothingElsewhere };
    this.#known.set(file, { ...kept, composed, isLasting: chain.unsettled === null });
    return true;
  }

  /** What was composed before and still holds; null where it is to be composed. */
  kept(file: string, bytes: string, chain: Chain): ComposedContent | null {
    const known = this.#known.get(file);
    if (known === undefined || !known.isLasting) return null;
    if (known.bytes !== bytes || known.chain !== chain) return null;
    this.#tell(known.elsewhere, file);
    return known.composed;
  }

  /** `now` decides which suspensions have ended. */
  compose(layered: LayeredFile, now: Date): ComposedContent {
    const { file, bytes, chain, content } = layered;
    const known = this.#known.get(file);
    const isSame = known?.bytes === bytes && known.meanings === chain.meanings;
    if (isSame && known.whole === null && chain.broken === null && chain.atEntries.length === 0) {
      const { unsettled } = chain;
      this.#known.set(file, { ...known, chain, isLasting: unsettled === null });
      return unsettled === null ? known.composed : { ...known.composed, unsettled };
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
    const fragments = chain.fragments.map((fragment) => fragment.file);
    const isSound = isSame && known.whole !== null && known.whole.widget !== null;
    const whole = isSound
      ? known.whole
      : wholeContent({ omit: layer.omit, value, widgetId }, chain.inherited(), {
          ...{ notes: this.#notes, fragments },
        });
    const digest = isSame ? known.digest : composedDigest(bytes, chain.meanings);
    const { elsewhere, ...told } = this.#whole(layered, whole, { own, now });
    this.#tell(elsewhere, file);
    const composed = { ...common, ...told, digest };
    const isPlain = own.length === 0 && chain.unsettled === null && isSilent(whole);
    const isLasting = chain.unsettled === null && (whole.suspension?.until ?? null) === null;
    const kept = { bytes, chain, meanings: chain.meanings, digest, composed, isLasting, elsewhere };
    this.#known.set(file, { ...kept, whole: isPlain ? null : whole });
    return composed;
  }

  #tell({ problems, notes }: Elsewhere, file: string): void {
    for (const problem of problems) this.#problems.add(problem, file);
    for (const note of notes) this.#noted.add(note, file);
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
  ): Told {
    const over = explainOver(whole.suspension, now);
    const at = valueIn('/sync/until');
    const ofBody = [
      ...whole.findings,
      ...(over === null ? [] : [warningAt(at, 'no-effect', over)]),
    ];
    const problems = ofBody.map((finding) => placedIn(layered, finding, this.#places));
    const notes = whole.notes.map((note) => placedIn(layered, note, this.#places));
    const isOwn = ({ file }: Problem) => file === layered.file;
    const inFragments = (found: readonly Problem[]) =>
      found.filter((problem) => !isOwn(problem)).map(keyed);
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
      elsewhere: { problems: inFragments(problems), notes: inFragments(notes) },
    };
  }
}

interface Told extends Pick<FileContent, 'widget' | 'suspension' | 'findings' | 'notes'> {
  readonly broken: string | null;
  readonly elsewhere: Elsewhere;
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
