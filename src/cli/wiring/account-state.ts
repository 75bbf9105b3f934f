// Which kind of store keeps the state, and whose state a command shows that only looks. Nothing else opens
// what a store keeps.
import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { AccountEntry } from '../../accounts/account-entry.ts';
import { StateError } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';
import { version } from '../../base/version.ts';
import type { Settings } from '../../config/settings.ts';
import type { Announcement } from '../../model/notify/notification.ts';
import type { NotifiedOf } from '../../state/file/beside/notified-accounts.ts';
import {
  readUnfollowed as readUnfollowedFile,
  removeUnfollowed as removeUnfollowedFile,
  writeUnfollowed as writeUnfollowedFile,
} from '../../state/file/beside/unfollowed.ts';
import { fileState } from '../../state/file/file-store.ts';
import { moveState } from '../../state/file/move/move-state.ts';
import type { StateBackend, StateOptions, StateView } from '../../state/state-store.ts';
import { refuseStateOfAnother } from '../../state/whose-state.ts';
import type { ProcessContext } from '../process-context.ts';

/** A store without files. */
export interface NamedStates extends StateBackend {
  /** The names of the accounts that something is kept of, sorted. Throws `StateError`. */
  accounts(): Promise<readonly string[]>;
  /** Why whoever holds the account cannot follow it; null where nothing is said. Throws `StateError`. */
  unfollowed(account: string): Promise<string | null>;
}

/** By the place in which their states lie. */
const stores = new Map<string, NamedStates>();

/** Null where the place is a directory. */
export function storeAt(place: string): NamedStates | null {
  return stores.get(place) ?? null;
}

/** From now on the states in this place are kept there. */
export function keepStatesIn(place: string, store: NamedStates): void {
  stores.set(place, store);
}

function backendOf({ directory }: Pick<StateOptions, 'directory'>): StateBackend {
  return stores.get(dirname(directory)) ?? fileState;
}

export const stateBackend: StateBackend = {
  open: (options) => backendOf(options).open(options),
  look: (options) => backendOf(options).look(options),
};

/** Whether it lies in a directory: other stores are no files for anybody to watch. */
export function isInFiles(state: string): boolean {
  return !stores.has(dirname(state));
}

/** Of this kind of store alone: what is kept in directories has a place that it can leave. */
export const moveStateDirectory: typeof moveState = moveState;

/** Why an account is not followed. Throws `StateError`. */
export const readUnfollowed: typeof readUnfollowedFile = async (state) => {
  const store = storeAt(dirname(state));
  return store === null ? await readUnfollowedFile(state) : await store.unfollowed(basename(state));
};
export { removeUnfollowedFile, writeUnfollowedFile };

/**
 * What people were told of the accounts of one process: loaded with `--notify` only. Both throw `StateError`.
 * A store that several processes share does not keep what one of them has said: what lasts is told again after
 * its restart.
 */
export async function openNotifiedAccounts(of: NotifiedOf): Promise<{
  read(): Promise<readonly Announcement[]>;
  save(announcements: readonly Announcement[]): Promise<void>;
}> {
  if (storeAt(of.directory) !== null) return { read: async () => [], save: async () => {} };
  const kept = await import('../../state/file/beside/notified-accounts.ts');
  return {
    read: () => kept.readNotifiedAccounts(of),
    save: (announcements) => kept.writeNotifiedAccounts(of, announcements),
  };
}

type Looking = Pick<StateOptions, 'clock'> & Partial<Pick<StateOptions, 'warn'>>;

/** `warn` is for who asks what was applied. */
export function lookAtState(
  { state, apiUrl }: Pick<Settings, 'state' | 'apiUrl'>,
  { clock, warn = () => {} }: Looking,
): StateView {
  return stateBackend.look({ directory: state, apiUrl, reader: version, clock, warn });
}

/** The state of the account that is to be shown. Throws `StateError`. */
export async function openView(
  settings: Settings,
  told: Looking,
): Promise<{ readonly view: StateView; readonly apiUrl: string }> {
  const found = lookAtState(settings, told);
  await requireBegun(settings, found);
  const apiUrl = await apiToShow(settings, found);
  return { view: lookAtState({ state: settings.state, apiUrl }, told), apiUrl };
}

/** Throws `StateError`: that there is no state, or what keeps a process from beginning one. */
async function requireBegun({ state }: Pick<Settings, 'state'>, view: StateView): Promise<void> {
  try {
    await view.requireState();
  } catch (error) {
    const says = error instanceof StateError ? await readUnfollowed(state) : null;
    throw says === null ? error : new StateError(says);
  }
}

/** Of an account that was never begun: the key file that is still to come; null where that is not why. */
export function missingKey({ name, key }: AccountEntry): string | null {
  if (key.kind !== 'file' || existsSync(key.path)) return null;
  return `key_file of ${name} (${key.path}) does not exist`;
}

/** `damaged`: as `StateView.status` has it. */
export function sayDamaged(
  damaged: string | null,
  { stderr }: Pick<ProcessContext, 'stderr'>,
): void {
  if (damaged === null) return;
  stderr.write(
    `widget-sync: what the last pass found is not known: ${printable(damaged)} is damaged or of another version; the next pass writes it anew\n`,
  );
}

/** `unfollowed`: as `readUnfollowed` has it. */
export function sayUnfollowed(
  unfollowed: string | null,
  { stderr }: Pick<ProcessContext, 'stderr'>,
): void {
  if (unfollowed !== null)
    stderr.write(`widget-sync: not followed now: ${printable(unfollowed)}\n`);
}

/**
 * The API that was asked for, or, where none was named, the one that the state belongs to: the default
 * is for those who send. Throws `StateError` where the state belongs to others than the one named.
 */
export async function apiToShow(settings: Settings, view: StateView): Promise<string> {
  if (settings.given.has('apiUrl')) {
    await requireStateOf(whoseState(settings), view);
    return settings.apiUrl;
  }
  for await (const recorded of view.apiUrls()) return recorded;
  return settings.apiUrl;
}

/** Says whose state is shown, where it is not what the other commands would use. */
export function sayWhose(
  apiUrl: string,
  { state, ...asked }: Settings,
  { stderr }: Pick<ProcessContext, 'stderr'>,
): void {
  if (asked.given.has('apiUrl') || apiUrl === asked.apiUrl) return;
  stderr.write(
    `widget-sync: ${printable(state)} is the state of ${printable(apiUrl)}; commands that ask or send need --api-url for it\n`,
  );
}

/** Throws `StateError` where the state belongs to others than this API. A state that tells nothing is fine. */
export async function requireStateOf(
  { apiUrl, state, account = null }: WhoseState,
  view: StateView,
): Promise<void> {
  await refuseStateOfAnother({ directory: state, apiUrl, account }, view.apiUrls());
}

interface WhoseState extends Pick<Settings, 'state' | 'apiUrl'> {
  /** Its name in the file of accounts; null: the command line names the only one. */
  readonly account?: string | null;
}

/** The state of an account of several is called as the account is, and its API is said by the file. */
export function whoseState({ state, apiUrl, given }: Settings): WhoseState {
  return { state, apiUrl, account: given.get('apiUrl') === 'accounts' ? basename(state) : null };
}
