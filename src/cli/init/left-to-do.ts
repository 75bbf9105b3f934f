// What the files of a system of CI leave to a person.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ci, WantedFile } from './wanted-files.ts';

/** Lines, each a sentence. */
export function leftToDo(ci: Ci, directory: string, files: readonly WantedFile[]): string[] {
  switch (ci) {
    case 'none':
      return [];
    case 'github': {
      const unnamed = files
        .map(({ path }) => path)
        .filter((path) => read(join(directory, path)).includes('YOUR_ACCOUNT/widget-sync'));
      return [
        ...(unnamed.length === 0
          ? []
          : [
              `Put the owner of the repository of widget-sync for YOUR_ACCOUNT in ${unnamed.join(' and ')}.`,
            ]),
        'The workflows take the key from the secret INSIGHTO_API_KEY.',
      ];
    }
    case 'gitlab':
      return [
        ...(/"widget-sync": "[^"]*\.tgz"/.test(read(join(directory, 'package.json')))
          ? []
          : [
              'The jobs run what package.json names, and build nothing: npm install --save-dev, with a tarball of widget-sync.',
            ]),
        'They take the key from the masked variable INSIGHTO_API_KEY.',
      ];
  }
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
