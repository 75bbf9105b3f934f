// What git-sync 4 can be told, of its manual: of a misspelt variable it says nothing.
// https://github.com/kubernetes/git-sync/blob/v4.7.1/README.md
const flags = [
  'depth',
  'group-write',
  'http-bind',
  'http-metrics',
  'init-period',
  'link',
  'max-failures',
  'password-file',
  'period',
  'ref',
  'repo',
  'root',
  'ssh-key-file',
  'ssh-known-hosts',
  'ssh-known-hosts-file',
  'submodules',
  'sync-timeout',
  'username',
];
const variablesAlone = ['GITSYNC_PASSWORD'];

/** `--period=30s`, or `GITSYNC_PERIOD`. */
export function isKnownToGitSync(word: string): boolean {
  const [, flag] = /^--([a-z-]+)=/.exec(word) ?? [];
  if (flag !== undefined) return flags.includes(flag);
  const variables = flags.map((name) => `GITSYNC_${name.replaceAll('-', '_').toUpperCase()}`);
  return [...variables, ...variablesAlone].includes(word);
}
