// Where it is kept what people were told of the accounts of one process: loaded with `--notify` only.
import {
  readNotifiedAccounts as readFile,
  writeNotifiedAccounts as writeFile,
} from '../../state/file/beside/notified-accounts.ts';

export const readNotifiedAccounts: typeof readFile = readFile;
export const writeNotifiedAccounts: typeof writeFile = writeFile;
