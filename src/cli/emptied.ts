// A directory in which nothing is left, for the commands that look once: they refuse, as the daemon
// waits, since a volume may be gone.
import type { Look } from '../documents/types.ts';
import type { WidgetDirectory } from '../documents/widget-directory.ts';
import type { AppliedState } from '../state/store.ts';
import { count, printable } from '../text.ts';

interface Looked {
  readonly directory: Pick<WidgetDirectory, 'look' | 'dir'>;
  readonly state: Pick<AppliedState, 'records'>;
}

/** The directory, whose look is nothing to act on while it holds no widget file and widgets came from it. */
export function refusingEmptied({ directory, state }: Looked): Pick<WidgetDirectory, 'look'> {
  return {
    look(): Look {
      const seen = directory.look();
      if ('unsettled' in seen || state.records.size === 0) return seen;
      const { documents, held } = seen.tree;
      if (documents.length > 0 || held.length > 0) return seen;
      const message =
        `The widget directory ${printable(directory.dir)} holds no widget file, though ` +
        `${count(state.records.size, 'widget')} came from it: nothing changes until files are back.`;
      return { unsettled: { code: 'emptied', message, retryInMs: null } };
    },
  };
}
