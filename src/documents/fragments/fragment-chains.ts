// What a file's entries of `extends` lead to: the fragments that reach it, in order, or why they do not. Pure, but
// for the fragments that it asks for.
import { dirname } from 'node:path';
import type { JsonObject } from '../../base/json/json.ts';
import { printable } from '../../base/text.ts';
import type { Finding } from '../../model/document.ts';
import { isError } from '../check/layer-content.ts';
import { isAllowed } from '../check/sync-policy.ts';
import { composeFragments, type Layer } from '../compose/compose-layers.ts';
import { OrderedFragments, type Ring } from '../compose/order-fragments.ts';
import { byPlace } from '../parse/finding.ts';
import {
  type EntryFinding,
  idle,
  mostEntries,
  mostOfWidget,
  placedAt,
  tooManyEntries,
  tooManyReached,
} from './entry-findings.ts';
import type { Fragment, FragmentFiles } from './fragment-files.ts';

export interface Chain {
  /** A file that has the entries; all in its folder that name the same share the chain. */
  readonly from: string;
  /** As written. */
  readonly entries: readonly string[];
  /** The weakest first, broken ones among them. */
  readonly fragments: readonly Fragment[];
  /** To be said in the file that has the entries. */
  readonly atEntries: readonly EntryFinding[];
  /** `_brand.yaml, line 7: header_color stands twice`; null where all of them can be used. */
  readonly broken: string | null;
  /** The name of a fragment that was being written a moment ago; null where none was. */
  readonly unsettled: string | null;
  /** The meanings of the fragments in order, as one text. */
  readonly meanings: string;
  /** What the fragments declare together; asked for only where none is broken. */
  readonly inherited: () => JsonObject;
}

export class FragmentChains {
  readonly #files: Pick<FragmentFiles, 'resolve'>;
  readonly #nodes = new Map<string, Node>();
  readonly #rings = new Map<string, Finding[]>();
  readonly #chains = new Map<string, Chain>();
  readonly #before: ReadonlyMap<string, Chain>;
  readonly #renewed = new Map<Chain, Chain>();
  /** What was asked for last. */
  #last: { folder: string; entries: readonly string[]; chain: Chain } | null = null;

  /** `before`: the chains of the look before. What is as it was then is the same object. */
  constructor(
    files: Pick<FragmentFiles, 'resolve'>,
    before: ReadonlyMap<string, Chain> = new Map(),
  ) {
    this.#files = files;
    this.#before = before;
  }

  /** By the key of what has it, for the next look. */
  get chains(): ReadonlyMap<string, Chain> {
    return this.#chains;
  }

  /** Of a file, from the widget directory, and its entries as written. */
  chainOf(from: string, entries: readonly string[]): Chain {
    const folder = dirname(from);
    // Files come folder by folder, and most of one folder say the same.
    if (this.#last?.folder === folder && isSameList(this.#last.entries, entries)) {
      return this.#last.chain;
    }
    const chain = this.#chainBy(JSON.stringify([folder, ...entries]), from, entries);
    this.#last = { folder, entries, chain };
    return chain;
  }

  #chainBy(key: string, from: string, entries: readonly string[]): Chain {
    const known = this.#chains.get(key);
    if (known !== undefined) return known;
    const made = this.#makeChain(from, entries);
    const before = this.#before.get(key);
    const chain = before !== undefined && isSameChain(before, made) ? before : made;
    this.#chains.set(key, chain);
    return chain;
  }

  /** What a chain of the look before has become: the same object where nothing of it moved. */
  renewed(before: Chain): Chain {
    const known = this.#renewed.get(before);
    if (known !== undefined) return known;
    const chain = this.chainOf(before.from, before.entries);
    this.#renewed.set(before, chain);
    return chain;
  }

  /** Errors and warnings of a fragment that some chain has, sorted by place. */
  findingsOf(fragment: Fragment): Finding[] {
    const { findings } = this.#nodeOf(fragment);
    const all = [...findings, ...(this.#rings.get(fragment.file) ?? [])].sort(byPlace);
    if (all.every(isError)) return all;
    const order = this.#newOrder();
    order.add(fragment.file);
    const { sync } = composeFragments(this.#layers(order.files));
    return all.filter((finding) => !isAllowed(finding, sync));
  }

  #makeChain(from: string, entries: readonly string[]): Chain {
    const { targets, atEntries } = this.#follow(from, entries);
    const order = this.#newOrder();
    const overAt = targets.findIndex((file) => {
      if (file !== null) order.add(file);
      return order.isOver;
    });
    const { files } = order;
    for (const ring of order.rings) this.#noteRing(ring);
    const fragments = files.flatMap((file) => this.#nodes.get(file)?.fragment ?? []);
    const tooMany = overAt === -1 ? [] : [tooManyReached(overAt)];
    const layers = this.#layers(files);
    let inherited: JsonObject | null = null;
    return {
      ...{ from, entries, fragments },
      atEntries: [...atEntries, ...tooMany].sort((a, b) => a.entry - b.entry),
      broken: this.#brokenIn(fragments),
      unsettled: fragments.find(({ rest }) => rest.settlesInMs > 0)?.file ?? null,
      meanings: fragments.map(({ content }) => content.meaning).join('\n'),
      inherited: () => {
        inherited ??= composeFragments(layers);
        return inherited;
      },
    };
  }

  /** Reads what the entries lead to, and what that leads to. */
  #follow(from: string, entries: readonly string[]): Followed {
    const targets: (string | null)[] = [];
    const atEntries: EntryFinding[] = [];
    const order = this.#newOrder();
    for (const [entry, text] of entries.slice(0, mostEntries).entries()) {
      const found = this.#files.resolve(from, text);
      if ('refusal' in found) {
        targets.push(null);
        atEntries.push({ severity: 'error', entry, ...found.refusal });
        continue;
      }
      const { file } = this.#nodeOf(found).fragment;
      if (order.has(file)) {
        atEntries.push({ severity: 'warning', code: 'no-effect', entry, ...idle(text) });
      }
      order.add(file);
      targets.push(file);
    }
    if (entries.length > mostEntries) atEntries.push(tooManyEntries(entries.length));
    return { targets, atEntries };
  }

  #nodeOf(fragment: Fragment): Node {
    const known = this.#nodes.get(fragment.file);
    if (known !== undefined) return known;
    const { content, file } = fragment;
    // It is there while its entries are followed: they may lead back to it.
    const node: Node = { fragment, targets: [], findings: content.findings };
    this.#nodes.set(file, node);
    const texts = content.entries.map(({ text }) => text);
    const { targets, atEntries } = this.#follow(file, texts);
    node.targets = targets;
    node.findings = [...content.findings, ...placedAt(content.entries, atEntries)];
    return node;
  }

  #newOrder(): OrderedFragments {
    return new OrderedFragments((file) => this.#nodes.get(file)?.targets ?? [], mostOfWidget);
  }

  #layers(files: readonly string[]): Layer[] {
    return files.map((file) => ({
      file,
      value: this.#nodes.get(file)?.fragment.content.value ?? {},
    }));
  }

  /** A ring is told at one place, whichever of its fragments it was entered by. */
  #noteRing({ way }: Ring): void {
    const ring = way.slice(0, -1);
    const first = ring.indexOf([...ring].sort()[0] ?? '');
    const turned = [...ring.slice(first), ...ring.slice(0, first)];
    const closing = this.#nodes.get(turned.at(-1) ?? '');
    if (closing === undefined) return;
    const entry = closing.targets.indexOf(turned[0] ?? '');
    const finding = {
      ...({ severity: 'error', code: 'extends-cycle', entry } as const),
      summary: 'the fragment extends itself',
      detail: `${[...turned, turned[0] ?? ''].map(printable).join(' → ')}. Take one of these entries out.`,
    };
    const { content, file } = closing.fragment;
    const told = this.#rings.get(file) ?? [];
    const [placed] = placedAt(content.entries, [finding]);
    const isNew = told.every(({ detail }) => detail !== finding.detail);
    if (placed !== undefined && isNew) this.#rings.set(file, [...told, placed]);
  }

  #brokenIn(fragments: readonly Fragment[]): string | null {
    const errors = fragments.flatMap(({ file }) => {
      const node = this.#nodes.get(file);
      const findings = [...(node?.findings ?? []), ...(this.#rings.get(file) ?? [])];
      return findings.filter(isError).map((finding) => ({ file, ...finding }));
    });
    const [first] = errors;
    if (first === undefined) return null;
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
    return `${printable(first.file)}, line ${first.range.start.line}: ${first.summary}${more}`;
  }
}

/** Whether all that is told of what has the one holds for what has the other. */
function isSameChain(a: Chain, b: Chain): boolean {
  return (
    a.atEntries.length + b.atEntries.length === 0 &&
    a.broken === b.broken &&
    a.unsettled === b.unsettled &&
    a.fragments.length === b.fragments.length &&
    a.fragments.every((one, index) => isSameFragment(one, b.fragments[index]))
  );
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}

function isSameFragment(a: Fragment, b: Fragment | undefined): boolean {
  return (
    a.file === b?.file && a.path === b.path && a.digest === b.digest && a.content === b.content
  );
}

interface Node {
  readonly fragment: Fragment;
  /** By entry; null for one that leads to no fragment. */
  targets: readonly (string | null)[];
  findings: readonly Finding[];
}

interface Followed {
  readonly targets: readonly (string | null)[];
  readonly atEntries: readonly EntryFinding[];
}
