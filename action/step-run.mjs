// @ts-check
// The step that has the key, and no token of GitHub: validates, plans, and applies or imports.
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withoutMarker } from './plan-comment.mjs';
import { runCommand } from './run-command.mjs';
import {
  addSummary,
  annotate,
  input,
  Mistake,
  needed,
  readEvent,
  runStep,
  say,
  setOutputs,
} from './runner.mjs';

/** @typedef {import('./runner.mjs').Env} Env */

await runStep(async (env) => {
  const folder = mkdtempSync(join(needed(env, 'RUNNER_TEMP'), 'widget-sync-'));
  const job = { env, own: environmentOf(env), folder, place: placeOf(env), args: argsOf(env) };
  const command = input(env, 'COMMAND');
  const isValid = await validate(job, command);
  switch (command) {
    case 'validate':
      addSummary(
        env,
        isValid ? '### ✅ The widget files are valid' : '### ❌ The widget files are not valid',
      );
      return isValid ? 0 : 1;
    case 'plan':
      return isBlind(job)
        ? withoutPlan(job, isValid)
        : await plan(job, [...sightOf(job), ...job.args]);
    case 'apply':
      return await apply(job);
    default:
      return await importDrift(job);
  }
});

/**
 * @typedef {object} Job
 * @property {Env} env
 * @property {Env} own The environment of the command.
 * @property {string} folder For the files that it writes.
 * @property {readonly string[]} place The directory, where one is named.
 * @property {readonly string[]} args
 */

/** Findings stand beside the lines. @param {Job} job @param {string} command */
async function validate({ env, own, folder, place, args }, command) {
  const annotations = join(folder, 'annotations');
  const words = ['validate', ...place, ...(command === 'validate' ? args : [])];
  const code = await runCommand([...words, '--output', `github=${annotations}`], own);
  // Lines that the runner is to obey: the command has written them so that no text of a file is one of them.
  if (existsSync(annotations)) process.stdout.write(readFileSync(annotations, 'utf8'));
  setOutputs(env, { valid: String(code === 0) });
  return code === 0;
}

/** A guest has no keys, and beside a file of accounts nothing else says what is live. @param {Job} job */
function isBlind({ env, own }) {
  return input(env, 'GUEST') === 'true' && Boolean(own['WIDGET_SYNC_ACCOUNTS']) && !hasKey(own);
}

/** @param {Job} job @param {boolean} isValid */
function withoutPlan({ env }, isValid) {
  const why =
    'a pull request of a fork or Dependabot gets no keys: the files of all accounts were checked, and no plan was made';
  say(why);
  addSummary(
    env,
    `### ${isValid ? '✅' : '❌'} The widget files are ${isValid ? '' : 'not '}valid\n\n${why}.`,
  );
  return isValid ? 0 : 1;
}

/** @param {Env} own */
function hasKey(own) {
  return [own['INSIGHTO_API_KEY'], own['INSIGHTO_API_KEY_FILE']].some(Boolean);
}

/** @param {Job} job @param {readonly string[]} words */
async function plan({ env, own, folder, place }, words) {
  const [json, markdown] = [join(folder, 'plan.json'), join(folder, 'plan.md')];
  const outputs = ['--output', `json=${json}`, '--output', `markdown=${markdown}`];
  const shown = ['--values', valuesOf(env)];
  const code = await runCommand(['plan', ...place, ...words, ...shown, ...outputs], own);
  if (!existsSync(json) || !existsSync(markdown)) {
    addSummary(env, '### ❌ No plan could be made\n\nThe log says why.');
    annotate('error', 'no plan could be made: the log says why');
    return code || 1;
  }
  const made = JSON.parse(readFileSync(json, 'utf8'));
  const changes = changesOf(made);
  if (words.includes('off') && words[words.indexOf('off') - 1] === '--live') {
    addSummary(env, '_Two commits are compared: nothing that is live was read._');
  }
  addSummary(env, withoutMarker(readFileSync(markdown, 'utf8')));
  setOutputs(env, {
    'plan-json': json,
    'plan-markdown': markdown,
    changes: String(changes.length),
    checksum: changes.length > 0 ? (made.checksum ?? '') : '',
    calm: String(code === 0 && changes.length === 0),
  });
  return code;
}

/** Of all accounts, each with the name of its own. @param {any} made @returns {{ account?: string, widget_id: string, reason: string }[]} */
function changesOf(made) {
  if (made.accounts === undefined) return made.changes;
  return made.accounts.flatMap((/** @type {any} */ { account, changes = [] }) =>
    changes.map((/** @type {any} */ change) => ({ ...change, account })),
  );
}

/** The summary tells of the plan; what became of it stands in the log. @param {Job} job */
async function apply(job) {
  const { env, own, folder, place, args } = job;
  const words = [...sinceOf(env), ...args];
  await plan(job, words);
  const made = join(folder, 'plan.json');
  if (!existsSync(made)) return 1;
  const pinned = pinOf(env, JSON.parse(readFileSync(made, 'utf8')));
  // What stood in the dashboard is in none of these lines.
  const shown = valuesOf(env) === 'git' && !args.includes('--json') ? ['--json'] : [];
  const code = await runCommand(['apply', ...place, ...words, ...pinned, ...shown], own);
  addSummary(
    env,
    code === 0 ? '**✅ Applied.**' : '**❌ Not all of it could be applied.** The log says why.',
  );
  return code;
}

/** @param {Env} env @param {any} made @returns {string[]} */
function pinOf(env, made) {
  const asked = input(env, 'CHECKSUM');
  if (asked === '') return [];
  if (asked !== 'reviewed') return ['--checksum', asked];
  const [reviewed, where] = [input(env, 'REVIEWED'), input(env, 'REVIEWED_IN')];
  if (reviewed === '') return [];
  if (reviewed === made.checksum) {
    say(`the plan is the one that was reviewed in ${where}`);
    return ['--checksum', reviewed];
  }
  say(`the plan is another one than was reviewed in ${where}: the limit on changes holds`);
  return [];
}

/** Into the files, what people have changed in the dashboard, and nothing that git has changed since. @param {Job} job */
async function importDrift(job) {
  const { env, own, folder, place, args } = job;
  const code = await plan(job, sinceOf(env));
  const json = join(folder, 'plan.json');
  if (!existsSync(json)) return code;
  const made = JSON.parse(readFileSync(json, 'utf8'));
  if (made.accounts !== undefined) {
    throw new Mistake(
      'import is for one account: give its directory, instead of WIDGET_SYNC_ACCOUNTS',
    );
  }
  const drifted = [
    ...made.drifted,
    ...made.changes.filter((/** @type {any} */ { reason }) => reason === 'drifted'),
  ].map(({ widget_id: id }) => id);
  setOutputs(env, { drifted: String(drifted.length) });
  if (drifted.length === 0) {
    say('nobody has changed a widget in the dashboard');
    return 0;
  }
  const only = drifted.flatMap((id) => ['--only', id]);
  return await runCommand(['import', ...place, '--update', ...only, ...args], own);
}

/** What people have put into the dashboard is not for everybody who reads a public repository. @param {Env} env */
function valuesOf(env) {
  const asked = input(env, 'VALUES');
  if (asked !== 'auto') return asked;
  return readEvent(env).repository?.private === true ? 'all' : 'git';
}

/** By what a plan sees: the key, a snapshot, or git alone. @param {Job} job @returns {string[]} */
function sightOf({ env, own }) {
  const snapshot = input(env, 'SNAPSHOT');
  if (snapshot !== '' && !hasKey(own)) return ['--snapshot', snapshot];
  if (input(env, 'GUEST') !== 'true' || hasKey(own)) return sinceOf(env);
  say(
    'a pull request of a fork or Dependabot gets no key: the plan compares two commits, and sees nothing of what is live',
  );
  return ['--live', 'off', ...sinceOf(env)];
}

/** @param {Env} env */
function sinceOf(env) {
  return ['--since', input(env, 'SINCE')];
}

/** @param {Env} env @returns {string[]} */
function placeOf(env) {
  const directory = input(env, 'DIRECTORY');
  if (directory === '') return [];
  return [directory.startsWith('-') ? `./${directory}` : directory];
}

/** @param {Env} env */
function argsOf(env) {
  return input(env, 'ARGS')
    .split(/\s+/)
    .filter((word) => word !== '');
}

/** An input that was not given hides no key in a file. @param {Env} env */
function environmentOf(env) {
  const { INSIGHTO_API_KEY: key = '', ...rest } = env;
  return key.trim() === '' && rest['INSIGHTO_API_KEY_FILE'] ? rest : env;
}
