// The content of one widget file that extends others. What was composed before is used again, as far as neither
// the file nor the meaning of a fragment has changed.
import type { JsonObject } from '../../base/json/json.ts';
import { printable } from '../../base/text.ts';
import type { Finding, KnownContent, Problem } from '../../model/document.ts';
import { sha256 } from '../../model/widget.ts';
import type { FileContent, UnparsedContent } from '../check/file-content.ts';
import { type Entry, isError, type LayerContent } from '../check/layer-content.ts';
import { explainOver, isAllowed } from '../check/sync-policy.ts';
import { type WholeContent, wholeContent } from '../check/whole-content.ts';
import { byPlace, valueIn, warningAt } from '../parse/finding.ts';
import { placedAt } from './entry-findings.ts';
import type { Chain } from './fragment-chains.ts';
import { type Elsewhere, keyed } from './fragment-problems.ts';
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

/** What comes of a widget file with all that it extends, and what of it holds for how long. */
export interface Composed {
  readonly content: ComposedContent;
  /** SHA-256 (hex) of the file's bytes. */
  readonly bytes: string;
  readonly chain: Chain;
  /** Null of what an earlier process has recorded, where there is nothing to tell of it, and where it was not made. */
  readonly whole: WholeContent | null;
  /** Whether `content` holds for as long as neither the file nor the chain moves. */
  readonly isLasting: boolean;
  /** What is wrong, or to be noted, in fragments. */
  readonly elsewhere: Elsewhere;
}

const nothingElsewhere: Elsewhere = { problems: [], notes: [] };

export interface ComposeOptions {
  /** Decides which suspensions have ended. */
  readonly now: Date;
  /** Whether notes are looked for. */
  readonly notes: boolean;
  readonly places: Pick<ValuePlaces, 'place'>;
}

/** The digest of a file with `extends`: of what it and its fragments say, wherever these lie. */
export function composedDigest(bytes: string, meanings: string): string {
  return sha256(`${bytes}\n${meanings}`);
}

interface UnparsedFile extends Pick<LayeredFile, 'bytes' | 'chain'> {
  readonly content: UnparsedContent;
}

/**
 * Of a file that was not parsed, since an earlier process may have recorded it with these fragments, or as it was
 * recalled the look before. Null where it has to be parsed. `chainNow` gives the chain that it then has.
 */
export function recalled(
  { bytes, chain, content: file }: UnparsedFile,
  before: Composed | null,
  remember: (digest: string) => KnownContent | undefined,
  chainNow: (recorded: Chain) => Chain = (recorded) => recorded,
): Composed | null {
  if (isFaulty(chain)) return null;
  if (before !== null && isOfSame(before, { bytes, chain })) return isPlain(before) ? before : null;
  const digest = composedDigest(bytes, chain.meanings);
  const widget = remember(digest);
  if (widget === undefined) return null;
  const { unsettled, entries } = chain;
  const { idRange, untilRange, suspension, findings, notes, layer } = file;
  const content = {
    widgetId: file.widgetId,
    idRange,
    widget,
    suspension,
    untilRange,
    findings,
    notes,
    layer,
    digest,
    extends: entries,
    broken: null,
    unsettled,
  };
  const isLasting = unsettled === null;
  const elsewhere = nothingElsewhere;
  return { content, bytes, chain: chainNow(chain), whole: null, isLasting, elsewhere };
}

/** `before`: what came of it when it was looked at before. */
export function compose(
  layered: LayeredFile,
  before: Composed | null,
  options: ComposeOptions,
): Composed {
  const { bytes, chain, content } = layered;
  const same = before !== null && isOfSame(before, layered) ? before : null;
  if (same !== null && isPlain(same) && !isFaulty(chain)) return withChain(same, chain);
  const layer = parsedLayer(layered);
  const own = ownFindings(content.findings, layer.entries, chain);
  const { value } = layer;
  const { widgetId } = content;
  if (own.some(isError) || chain.broken !== null || value === null || widgetId === null) {
    return refused(layered, { own, value });
  }
  const isSound = same?.whole?.widget != null;
  const whole = isSound
    ? same.whole
    : wholeContent({ omit: layer.omit, value, widgetId }, chain.inherited(), {
        notes: options.notes,
        fragments: chain.fragments.map(({ file }) => file),
      });
  const digest = isSound ? same.content.digest : composedDigest(bytes, chain.meanings);
  const isSilent = own.length === 0 && saysNothing(whole);
  const { unsettled } = chain;
  if (isSilent) {
    const isLasting = unsettled === null;
    const said = contentOf(layered, digest, { ...silent, widget: whole.widget });
    const kept = isLasting ? null : whole;
    return { content: said, bytes, chain, whole: kept, isLasting, elsewhere: nothingElsewhere };
  }
  const told = toldOf(layered, whole, { own, ...options });
  return {
    content: contentOf(layered, digest, told),
    ...{ bytes, chain, elsewhere: told.elsewhere, whole },
    isLasting: unsettled === null && (whole.suspension?.until ?? null) === null,
  };
}

const silent = { suspension: null, findings: [], notes: [], broken: null };

/** What a file says by itself, and what is wrong with its entries, sorted by place. */
function ownFindings(
  findings: readonly Finding[],
  entries: readonly Entry[],
  { atEntries }: Chain,
): readonly Finding[] {
  if (atEntries.length === 0) return findings;
  return [...findings, ...placedAt(entries, atEntries)].sort(byPlace);
}

function refused(
  layered: LayeredFile,
  { own, value }: { readonly own: readonly Finding[]; readonly value: JsonObject | null },
): Composed {
  const { bytes, chain, content } = layered;
  const findings = own.filter((finding) => !isAllowed(finding, value?.['sync']));
  const { suspension, notes } = content;
  const told = { widget: null, suspension, findings, notes, broken: chain.broken };
  return {
    content: contentOf(layered, bytes, told),
    ...{ bytes, chain, whole: null, isLasting: chain.unsettled === null },
    elsewhere: nothingElsewhere,
  };
}

/** Member by member: there are as many as files. */
function contentOf(
  layered: LayeredFile,
  digest: string,
  { widget, suspension, findings, notes, broken }: Omit<Told, 'elsewhere'>,
): ComposedContent {
  const { widgetId, idRange, untilRange } = layered.content;
  const { entries, unsettled } = layered.chain;
  return {
    widgetId,
    idRange,
    widget,
    suspension,
    untilRange,
    findings,
    notes,
    layer: parsedLayer(layered),
    digest,
    extends: entries,
    broken,
    unsettled,
  };
}

function parsedLayer({ file, content: { layer } }: LayeredFile): LayerContent {
  if (layer === undefined || 'unparsed' in layer) throw new Error(`${file} was not parsed`);
  return layer;
}

function isFaulty({ broken, atEntries }: Chain): boolean {
  return broken !== null || atEntries.length > 0;
}

function isOfSame(
  before: Composed,
  { bytes, chain }: Pick<LayeredFile, 'bytes' | 'chain'>,
): boolean {
  return before.bytes === bytes && before.chain.meanings === chain.meanings;
}

/** Whether its content says all, wherever its fragments' values stand. */
function isPlain({ whole, content }: Composed): boolean {
  return whole === null && content.widget !== null;
}

function withChain(plain: Composed, chain: Chain): Composed {
  const { unsettled } = chain;
  const content =
    plain.content.unsettled === unsettled ? plain.content : { ...plain.content, unsettled };
  return { ...plain, chain, content, isLasting: unsettled === null };
}

/** What only the whole shows, each finding where its field stands. */
function toldOf(
  layered: LayeredFile,
  whole: WholeContent,
  { own, now, places }: Omit<ComposeOptions, 'notes'> & { readonly own: readonly Finding[] },
): Told {
  const over = explainOver(whole.suspension, now);
  const at = valueIn('/sync/until');
  const ofBody = [...whole.findings, ...(over === null ? [] : [warningAt(at, 'no-effect', over)])];
  const problems = ofBody.map((finding) => placedIn(layered, finding, places));
  const notes = whole.notes.map((note) => placedIn(layered, note, places));
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
    elsewhere:
      problems.every(isOwn) && notes.every(isOwn)
        ? nothingElsewhere
        : { problems: inFragments(problems), notes: inFragments(notes) },
  };
}

interface Told extends Pick<FileContent, 'widget' | 'suspension' | 'findings' | 'notes'> {
  readonly broken: string | null;
  readonly elsewhere: Elsewhere;
}

function saysNothing({ suspension, findings, notes, ofOmit }: WholeContent): boolean {
  return suspension === null && [findings, notes, ofOmit].every(({ length }) => length === 0);
}

function unnamed({ file: _, affects: __, ...finding }: Problem): Finding {
  return finding;
}

function toldElsewhere({ file, range, summary }: Problem): string {
  return `${printable(file)}, line ${range.start.line}: ${summary}`;
}
