// @ts-check
// The step that makes one pull request of what was imported: it opens that, brings it up to date, or closes it where
// nothing is left of it. Its branch belongs to this step; where somebody else has committed to it, it stays as it is.
import { git, haveCommit } from './git.mjs';
import { GithubError, openGithub } from './github.mjs';
import { annotate, input, Mistake, needed, runStep, say } from './runner.mjs';

const branch = 'widget-sync/drift';
const title = 'Take over what was changed in the dashboard';
const [name, email] = [
  'github-actions[bot]',
  '41898282+github-actions[bot]@users.noreply.github.com',
];

await runStep(async (env) => {
  const github = openGithub(env);
  const base = needed(env, 'GITHUB_REF_NAME');
  const place = { base, repository: github.repository };
  const earlier = idOfBranch();
  if (earlier !== null && isOfSomebodyElse(earlier)) {
    annotate(
      'warning',
      `${branch} has a commit of somebody else, and stays as it is: merge its pull request, or delete the branch`,
    );
    return 0;
  }
  const open = await findOpen(github, place);
  // git is at work in the directory, where one is given.
  git('add', '--update', '--', input(env, 'DIRECTORY') === '' ? 'widgets' : '.');
  if (git('diff', '--cached', '--name-only') === '') {
    if (open !== null) await close(github, place.repository, open.number);
    return 0;
  }
  push(earlier);
  await propose(github, { ...place, open, body: bodyOf(env) });
  return 0;
});

/** On the server; null where there is none. */
function idOfBranch() {
  const [id = ''] = git('ls-remote', 'origin', `refs/heads/${branch}`).split(/\s/);
  return id === '' ? null : id;
}

/** @param {string} id */
function isOfSomebodyElse(id) {
  haveCommit(id, `the head of ${branch}`);
  return git('log', '-1', '--format=%ce', id) !== email;
}

/** @param {string | null} earlier */
function push(earlier) {
  const who = [
    '-c',
    `user.name=${name}`,
    '-c',
    `user.email=${email}`,
    '-c',
    'commit.gpgsign=false',
  ];
  git('switch', '-q', '--detach');
  git(...who, 'commit', '-q', '--no-verify', '-m', title);
  const isThere = earlier !== null && treeOf(earlier) === treeOf('HEAD');
  if (isThere) return say(`${branch} has it already`);
  // Nobody's commit is lost that has come meanwhile.
  git(
    'push',
    '-q',
    `--force-with-lease=refs/heads/${branch}:${earlier ?? ''}`,
    'origin',
    `HEAD:refs/heads/${branch}`,
  );
  say(`pushed to ${branch}`);
}

/** @param {string} commit */
function treeOf(commit) {
  return git('rev-parse', `${commit}^{tree}`);
}

/**
 * @param {import('./github.mjs').Github} github
 * @param {{ base: string, repository: string }} place
 * @returns {Promise<{ number: number, body: string | null } | null>}
 */
async function findOpen(github, { base, repository }) {
  const [, , owner] = repository.split('/');
  const words = new URLSearchParams({ state: 'open', head: `${owner}:${branch}`, base });
  const [open] = await github.ask('GET', `${repository}/pulls?${words}`);
  return open ?? null;
}

/**
 * @param {import('./github.mjs').Github} github
 * @param {{ base: string, repository: string, open: { number: number, body: string | null } | null, body: string }} wanted
 */
async function propose(github, { base, repository, open, body }) {
  try {
    if (open === null) {
      const made = await github.ask('POST', `${repository}/pulls`, {
        title,
        head: branch,
        base,
        body,
      });
      say(`opened #${made.number}`);
    } else if (open.body !== body) {
      await github.ask('PATCH', `${repository}/pulls/${open.number}`, { body });
    }
  } catch (error) {
    if (!(error instanceof GithubError) || error.status !== 403) throw error;
    const advice =
      'The job needs the permission pull-requests: write, and the repository the setting "Allow GitHub Actions to create and approve pull requests"';
    throw new Mistake(`${error.message}. ${advice}`);
  }
}

/** @param {import('./github.mjs').Github} github @param {string} repository @param {number} number */
async function close(github, repository, number) {
  await github.ask('PATCH', `${repository}/pulls/${number}`, { state: 'closed' });
  say(`closed #${number}: git and the dashboard say the same again`);
}

/** @param {import('./runner.mjs').Env} env */
function bodyOf(env) {
  const drifted = Number(input(env, 'DRIFTED'));
  const widgets = drifted === 1 ? 'a widget' : `${drifted} widgets`;
  return [
    `Somebody has changed ${widgets} in the dashboard, as the files of this pull request say it.`,
    '- Merged, git declares what is live.',
    '- To undo it instead, close this pull request and apply with `--drift correct`.',
    '',
  ].join('\n');
}
