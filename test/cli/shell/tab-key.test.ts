// The tab key, in each shell as a person has it: in a terminal, with the script that `completion` prints.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryDirectory, writeFile } from '../../support/command.ts';
import { runHere } from '../../support/program.ts';

const isInstalled = (program: string) => spawnSync(program, ['--version']).error === undefined;
const hasTmux = spawnSync('tmux', ['-V']).error === undefined;

/** What stands in for the command keeps its words, and says that it has them. */
const shells = [
  {
    shell: 'bash',
    by: '',
    command: 'bash --norc --noprofile',
    setup: `source completion
widget-sync() { printf '%s\\n' "$@" > words; tmux wait-for -S done; }`,
  },
  {
    shell: 'zsh',
    by: '',
    command: 'zsh -f',
    setup: `autoload -U compinit && compinit -D -u
source completion
widget-sync() { printf '%s\\n' "$@" > words; tmux wait-for -S done; }`,
  },
  {
    shell: 'zsh',
    by: ', which finds the script by its name',
    command: 'zsh -f',
    setup: `mkdir functions && cp completion functions/_widget-sync
fpath=($PWD/functions $fpath)
autoload -U compinit && compinit -D -u
widget-sync() { printf '%s\\n' "$@" > words; tmux wait-for -S done; }`,
  },
  {
    shell: 'fish',
    by: '',
    command: 'fish --no-config',
    setup: `source completion
function widget-sync; printf '%s\\n' $argv > words; tmux wait-for -S done; end`,
  },
] as const;

/** `⇥` stands for the tab key. */
const typed: readonly (readonly [line: string, words: readonly string[]])[] = [
  ['pla⇥--detail⇥', ['plan', '--detailed-exitcode']],
  ['valid⇥--format sari⇥', ['validate', '--format', 'sarif']],
  ['apply wid⇥', ['apply', 'widgets']],
  ['init --ci gith⇥', ['init', '--ci', 'github']],
  ['run --acc⇥acco⇥', ['run', '--accounts', 'accounts.yaml']],
  ['completion fi⇥', ['completion', 'fish']],
];

const left = hasTmux ? '' : ' (LEFT OUT: tmux is not installed)';

describe.skipIf(!hasTmux)(`the tab key${left}`, () => {
  for (const { shell, by, command, setup } of shells) {
    const isThere = isInstalled(shell);
    const note = isThere ? '' : ` (LEFT OUT: ${shell} is not installed)`;

    test.skipIf(!isThere)(
      `completes words, values, folders and files in ${shell}${by}${note}`,
      async () => {
        const cwd = temporaryDirectory();
        const { stdout } = await runHere(['completion', shell]);
        writeFile(cwd, 'completion', stdout);
        writeFile(cwd, 'setup', setup);
        writeFile(cwd, 'accounts.yaml', '');
        mkdirSync(join(cwd, 'widgets'));
        const terminal = openTerminal(command, cwd);
        terminal.type('source ./setup; tmux wait-for -S ready');
        terminal.waitFor('ready');
        for (const [line, words] of typed) {
          terminal.type(`widget-sync ${line}`);
          terminal.waitFor('done');
          // Zsh takes the stroke behind a folder away again.
          const kept = readFileSync(join(cwd, 'words'), 'utf8').trimEnd().replace(/\/$/, '');
          expect(kept.split('\n'), line).toEqual(words);
        }
      },
    );
  }
});

/** A session of a tmux of its own, which ends with the test. */
function openTerminal(command: string, cwd: string) {
  // Short: a socket's path may have a hundred characters.
  const socket = join(cwd, 'tmux');
  const env = { PATH: process.env['PATH'], HOME: cwd, TERM: 'xterm', LC_ALL: 'C.UTF-8' };
  const tmux = (...words: string[]) =>
    execFileSync('tmux', ['-S', socket, '-f', '/dev/null', ...words], {
      ...{ cwd, env, encoding: 'utf8', timeout: 20_000, stdio: ['ignore', 'pipe', 'pipe'] },
    });
  tmux('new-session', '-d', '-x', '120', '-y', '30', command);
  onTestFinished(() => void tmux('kill-server'));
  return {
    type(line: string) {
      tmux('send-keys', '-l', '--', `${line.replaceAll('⇥', '\t')}\r`);
    },
    waitFor(what: string) {
      try {
        tmux('wait-for', what);
      } catch (error) {
        throw new Error(`not ${what}; on the terminal:\n${tmux('capture-pane', '-p')}`, {
          cause: error,
        });
      }
    },
  };
}
