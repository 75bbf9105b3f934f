// Permissions do not bind root.

/** Looks as nobody where the tests are run by root. */
export function asOrdinaryUser<T>(look: () => T): T {
  if (process.getuid?.() !== 0) return look();
  process.seteuid?.(65_534);
  try {
    return look();
  } finally {
    process.seteuid?.(0);
  }
}
