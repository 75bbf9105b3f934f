// @ts-check
// What a step of a job on GitHub has with its runner: inputs, outputs, a summary, and lines that the runner obeys
// (docs.github.com/actions: "Workflow commands").
import { randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';

/** @typedef {Readonly<Record<string, string | undefined>>} Env */

/** What whoever wrote the workflow can mend. */
export class Mistake extends Error {}

/**
 * Runs what a step does, and ends the process as the step is to end.
 * @param {(env: Env) => Promise<number>} work Gives the exit code.
 */
export async function runStep(work) {
  try {
    process.exitCode = await work(process.env);
  } catch (error) {
    annotate('error', error instanceof Mistake ? error.message : stackOf(error));
    process.exitCode = 1;
  }
}

/** @param {unknown} error */
function stackOf(error) {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * A line that GitHub shows above the log.
 * @param {'error' | 'warning' | 'notice'} kind
 * @param {string} text
 */
export function annotate(kind, text) {
  process.stdout.write(`::${kind} title=widget-sync::${escapeText(text)}\n`);
}

/**
 * A line of the log. Whatever it quotes, it is no command.
 * @param {string} text
 */
export function say(text) {
  const line = text.replaceAll(/\s+/g, ' ').replaceAll('##[', '## [');
  process.stdout.write(`widget-sync: ${line}\n`);
}

/**
 * The runner obeys no line that is printed meanwhile: the name by which it listens again is not to be guessed.
 * @template Result
 * @param {() => Promise<Result>} print
 */
export async function withoutCommands(print) {
  const name = randomBytes(32).toString('hex');
  process.stdout.write(`::stop-commands::${name}\n`);
  try {
    return await print();
  } finally {
    process.stdout.write(`::${name}::\n`);
  }
}

/** As `@actions/core` does. @param {string} text */
function escapeText(text) {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/**
 * @param {Env} env
 * @param {Readonly<Record<string, string>>} values
 */
export function setOutputs(env, values) {
  // A value of several lines could name others behind it, were its end to be guessed.
  const end = randomBytes(16).toString('hex');
  const lines = Object.entries(values).map(
    ([name, value]) => `${name}<<${end}\n${value}\n${end}\n`,
  );
  appendFileSync(needed(env, 'GITHUB_OUTPUT'), lines.join(''));
}

/**
 * @param {Env} env
 * @param {string} markdown
 */
export function addSummary(env, markdown) {
  appendFileSync(needed(env, 'GITHUB_STEP_SUMMARY'), `${markdown}\n`);
}

/**
 * What has happened, as GitHub tells it.
 * @param {Env} env
 * @returns {any}
 */
export function readEvent(env) {
  return JSON.parse(readFileSync(needed(env, 'GITHUB_EVENT_PATH'), 'utf8'));
}

/**
 * @param {Env} env
 * @param {string} name
 */
export function needed(env, name) {
  const value = env[name];
  if (value) return value;
  throw new Mistake(`${name} is not set: this runs as a step of a job on GitHub`);
}

/**
 * An input of the action, without the spaces around it; '' where it was not given.
 * @param {Env} env
 * @param {string} name
 */
export function input(env, name) {
  return (env[`INPUT_${name}`] ?? '').trim();
}
