// Links inside a widget directory: none may lead out of it, and no folder is walked twice.
import { realpathSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { codeOf } from '../../base/errors.ts';
import type { Finding } from '../../model/document.ts';
import { errorAt, warningAt } from '../parse/finding.ts';
import { startOfFile } from '../parse/source-text.ts';
import { statsOf } from './stat-path.ts';

export interface FolderLinks {
  /** Why a linked file is not read; null where it may be. */
  refusal(path: string): Finding | null;
  /** Whether to walk something linked that may be a folder, or the finding; null for what is none. */
  follow(path: string): 'walk' | Finding | null;
}

/** For one walk of a root without links. */
export function followFolders(root: string): FolderLinks {
  const walked = new Set<string>();
  return {
    refusal(path) {
      return targetBelow(root, path) === null ? leadsOut() : null;
    },
    follow(path) {
      if (statsOf(join(root, path))?.isDirectory() !== true) return null;
      const below = targetBelow(root, path);
      // The kubelet keeps a volume's content in a hidden folder and links its entries to there.
      if (below === null || !isHidden(below)) return skipped();
      if ([...walked].some((other) => overlap(other, below))) return skipped();
      walked.add(below);
      return 'walk';
    },
  };
}

function overlap(one: string, other: string): boolean {
  return `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);
}

/** The end of a link, relative to the root; null when that is outside. */
function targetBelow(root: string, path: string): string | null {
  try {
    const below = relative(root, realpathSync.native(join(root, path)));
    return below === '..' || below.startsWith(`..${sep}`) ? null : below;
  } catch (error) {
    if (codeOf(error) === null) throw error;
    // It leads nowhere, or may not be followed: reading it will say so.
    return path;
  }
}

function isHidden(below: string): boolean {
  return below.split(sep).some((name) => name.startsWith('.'));
}

function skipped(): Finding {
  return warningAt(startOfFile, 'skipped-link', {
    summary: 'a linked folder is not followed',
    detail: 'Put the folder itself here, or name the linked one on the command line.',
  });
}

function leadsOut(): Finding {
  return errorAt(startOfFile, 'link-outside', {
    summary: 'the link leads out of the widget directory',
    detail: 'Expected a file of this directory. Put the file itself here.',
  });
}
