// The tree of widget files under chaos, and its whole past: which content stood in it from when to when.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import type { WidgetId } from '../../src/model/widget.ts';
import { widgetId } from '../support/sandbox.ts';
import { type Content, makeContent, textOf } from './contents.ts';
import type { Dice } from './dice.ts';

/** One content, or none that can be used, for a while. */
export interface Span {
  readonly content: Content | null;
  /** `performance.now()` just before it could be seen. */
  readonly fromMs: number;
  /** Just after it could no longer be seen; Infinity while it can. */
  toMs: number;
}

export type WriteStyle = 'in place' | 'replaced' | 'slowly';
export type Breakage = 'nonsense' | 'empty' | 'unknown field' | 'suspended' | 'twice';
/** `valid`: a content; `held`: a file that cannot be used now; `gone`: no file. */
export type Standing = 'valid' | 'held' | 'gone';

export interface WidgetFileHistory {
  readonly widgetId: WidgetId;
  readonly spans: readonly Span[];
}

interface Entry {
  readonly widgetId: WidgetId;
  readonly spans: Span[];
  path: string;
  /** A second file with the same id. */
  copy: string | null;
  standing: Standing;
}

export class WidgetFiles {
  readonly dir: string;
  readonly #dice: Dice;
  readonly #entries: Entry[];
  #versions = 0;

  constructor(dir: string, count: number, dice: Dice) {
    this.dir = dir;
    this.#dice = dice;
    this.#entries = Array.from({ length: count }, (_, n) => ({
      widgetId: widgetId(n),
      spans: [],
      path: `widget-${n}.yaml`,
      copy: null,
      standing: 'gone',
    }));
  }

  get histories(): readonly WidgetFileHistory[] {
    return this.#entries;
  }

  get count(): number {
    return this.#entries.length;
  }

  standing(n: number): Standing {
    return this.#at(n).standing;
  }

  path(n: number): string {
    return this.#at(n).path;
  }

  /** What the file declares now; null where it declares nothing that can be used. */
  content(n: number): Content | null {
    return this.#at(n).spans.at(-1)?.content ?? null;
  }

  /** A new content for the n-th widget, whatever became of its file before. */
  async write(n: number, style: WriteStyle): Promise<void> {
    this.#versions += 1;
    await this.#put(n, makeContent(n, this.#versions, this.#dice), style);
  }

  /** The content before the last one, as `git revert` brings it back. */
  async takeBack(n: number): Promise<void> {
    const contents = this.#at(n).spans.flatMap(({ content }) => content ?? []);
    const now = contents.at(-1);
    const before = contents.findLast((content) => content !== now);
    if (before !== undefined) await this.#put(n, before, 'replaced');
  }

  rename(n: number): void {
    const entry = this.#at(n);
    if (entry.standing === 'gone') return;
    const path = `folder-${this.#dice.between(0, 2)}/widget-${n}-${this.#dice.between(0, 99)}.yaml`;
    mkdirSync(dirname(join(this.dir, path)), { recursive: true });
    renameSync(join(this.dir, entry.path), join(this.dir, path));
    entry.path = path;
  }

  remove(n: number): void {
    const entry = this.#at(n);
    this.#removeCopy(entry);
    rmSync(join(this.dir, entry.path), { force: true });
    entry.standing = 'gone';
    this.#show(entry, null, systemClock.monotonicMs());
  }

  /** False: there is nothing left to break. */
  breakFile(n: number, how: Breakage): boolean {
    const entry = this.#at(n);
    const content = this.content(n);
    if (entry.standing !== 'valid' || content === null) return false;
    const text = textOf(entry.widgetId, content);
    const fromMs = systemClock.monotonicMs();
    if (how === 'twice') {
      entry.copy = `copy-of-${n}.yaml`;
      writeFileSync(join(this.dir, entry.copy), text);
    } else {
      const broken = {
        nonsense: 'widget_id: [\n',
        empty: '',
        'unknown field': `${text}no_such_field: 1\n`,
        suspended: textOf(entry.widgetId, content, { suspend: true }),
      };
      writeFileSync(join(this.dir, entry.path), broken[how]);
    }
    entry.standing = 'held';
    this.#show(entry, null, fromMs);
    return true;
  }

  async #put(n: number, content: Content, style: WriteStyle): Promise<void> {
    const entry = this.#at(n);
    const path = join(this.dir, entry.path);
    const text = textOf(entry.widgetId, content);
    const fromMs = systemClock.monotonicMs();
    if (style === 'slowly') {
      // Without its last line it is no widget file.
      const head = text.lastIndexOf('widget_type');
      writeFileSync(path, text.slice(0, this.#dice.between(0, head)));
      await systemClock.sleep(this.#dice.between(1, 60));
      writeFileSync(path, text);
    } else if (style === 'replaced') {
      const temporary = join(this.dir, `.${n}.tmp`);
      writeFileSync(temporary, text);
      renameSync(temporary, path);
    } else {
      writeFileSync(path, text);
    }
    this.#removeCopy(entry);
    entry.standing = 'valid';
    this.#show(entry, content, fromMs);
  }

  #removeCopy(entry: Entry): void {
    if (entry.copy !== null) rmSync(join(this.dir, entry.copy), { force: true });
    entry.copy = null;
  }

  #show(entry: Entry, content: Content | null, fromMs: number): void {
    const last = entry.spans.at(-1);
    if (last !== undefined) last.toMs = systemClock.monotonicMs();
    entry.spans.push({ content, fromMs, toMs: Number.POSITIVE_INFINITY });
  }

  #at(n: number): Entry {
    const entry = this.#entries[n];
    if (entry === undefined) throw new Error(`there is no widget ${n}`);
    return entry;
  }
}
