// A widget directory whose looks follow one another, while the test moves the files and the clock.
import { Snapshots } from '../../src/documents/tree/snapshot-reader.ts';
import type { KnownContent, LoadedTree, Look, Unsettled } from '../../src/model/document.ts';
import { widgetId } from '../support/sandbox.ts';
import { HandClock } from './hand-clock.ts';
import { put, temporaryDirectory } from './temporary-directory.ts';

/** The file of the n-th widget. */
export const yaml = (n: number, name = `Widget ${n}`, sync = '') =>
  `widget_id: ${widgetId(n)}\nwidget_type: chat\ndisplay_name: ${name}\n${sync}`;

export interface World {
  readonly dir: string;
  readonly clock: HandClock;
  readonly snapshots: Snapshots;
  /** Every digest that was looked up in the records, which is done before bytes are parsed. */
  readonly lookedUp: string[];
}

/** Over a directory of two widgets, unless another one is named. */
export function worldOf(dir = twoWidgets()): World {
  const clock = new HandClock();
  const lookedUp: string[] = [];
  const remember = (digest: string): KnownContent | undefined => {
    lookedUp.push(digest);
    return undefined;
  };
  return { dir, clock, lookedUp, snapshots: new Snapshots(dir, { clock, remember }) };
}

export function twoWidgets(): string {
  const dir = temporaryDirectory();
  put(dir, 'a.yaml', yaml(1));
  put(dir, 'b.yaml', yaml(2));
  return dir;
}

export function treeOf(look: Look): LoadedTree {
  if ('unsettled' in look) throw new Error(`not believed: ${look.unsettled.message}`);
  return look.tree;
}

/** Names by file: of what is declared, or in brackets why it is held. */
export const namesIn = ({ documents, held }: LoadedTree) =>
  Object.fromEntries([
    ...documents.map(({ file, spec }) => [file, spec.display_name]),
    ...held.map(({ file, code }) => [file, `(${code})`]),
  ]);

/** The same of a look; or what it waits for, and how long. */
export const seen = (look: Look) => ('tree' in look ? namesIn(look.tree) : waitOf(look.unsettled));

const waitOf = ({ code, retryInMs }: Unsettled) => [code, retryInMs && Math.round(retryInMs)];

export const both = { 'a.yaml': 'Widget 1', 'b.yaml': 'Widget 2' };
export const moving = ['moving', 100];
export const goneOnce = ['moving', 200];
