// Who else can read or replace the file that holds the key. Pure; the file has been asked already.

export interface KeyFileFacts {
  /** The mode that `stat` gives; only the permissions are looked at. */
  readonly mode: number;
  readonly ownerUid: number;
}

/**
 * One line that says what is loose and what to do; null where nothing is. `ownUid` is the user this
 * process runs as, null where a system has none.
 *
 * Being readable by a group is no fault in a file of somebody else, or of root: the group is then
 * how this process gets at it, as in a Kubernetes secret (0440, root and the fsGroup).
 */
export function describeLoosePermissions(
  { mode, ownerUid }: KeyFileFacts,
  ownUid: number | null,
): string | null {
  if (ownUid === null) return null;
  const isOurs = ownerUid === ownUid && ownerUid !== 0;
  const who = [
    ...((mode & 0o004) !== 0 ? ['every user may read it'] : []),
    ...((mode & 0o040) !== 0 && isOurs ? ['its group may read it'] : []),
    ...((mode & 0o002) !== 0 ? ['every user may change it'] : []),
    ...((mode & 0o020) !== 0 ? ['its group may change it'] : []),
  ];
  if (who.length === 0) return null;
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  // Without its group, this process could not read the file of somebody else any more.
  const chmod = ownerUid === ownUid ? 'chmod 600' : 'chmod 640, and a group for this user alone';
  return `has mode ${octal}: ${who.join(', ')}; ${chmod} (in Kubernetes: defaultMode 0440 and an fsGroup)`;
}
