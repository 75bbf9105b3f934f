// @ts-check
// The API of GitHub, as far as the steps of the action ask it: with the token of their step, and of the repository
// that the job runs for.
import { needed } from './runner.mjs';

/** @typedef {import('./runner.mjs').Env} Env */
/** @typedef {ReturnType<typeof openGithub>} Github */

const deadlineMs = 30_000;
const pageSize = 100;

/** An answer that is no success, or none at all (`status` 0). */
export class GithubError extends Error {
  /**
   * @param {string} message
   * @param {number} status
   */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** @param {Env} env */
export function openGithub(env) {
  const api = env['GITHUB_API_URL'] || 'https://api.github.com';
  const headers = {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${needed(env, 'GITHUB_TOKEN')}`,
    'user-agent': 'widget-sync',
    'x-github-api-version': '2022-11-28',
  };

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   * @returns {Promise<any>}
   */
  async function ask(method, path, body) {
    const request = {
      ...{ method, headers, signal: AbortSignal.timeout(deadlineMs) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    };
    const answer = await fetch(api + path, request).catch((/** @type {Error} */ error) => {
      throw new GithubError(`${method} ${path}: ${reasonOf(error)}`, 0);
    });
    const text = await answer.text();
    if (!answer.ok) {
      const said = messageIn(text);
      throw new GithubError(
        `${method} ${path}: GitHub answered ${answer.status}${said}`,
        answer.status,
      );
    }
    return text === '' ? null : JSON.parse(text);
  }

  return {
    ask,
    /** The path of the repository in the API. */
    repository: `/repos/${needed(env, 'GITHUB_REPOSITORY')}`,
    /**
     * All entries of a list, of every page.
     * @param {string} path
     */
    async all(path) {
      /** @type {any[]} */
      const entries = [];
      for (let page = 1; ; page += 1) {
        const more = await ask('GET', `${path}?per_page=${pageSize}&page=${page}`);
        entries.push(...more);
        if (more.length < pageSize) return entries;
      }
    },
  };
}

/** Node's own says `fetch failed`, and why behind it. @param {Error} error */
function reasonOf(error) {
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** @param {string} text */
function messageIn(text) {
  try {
    const { message } = JSON.parse(text);
    return typeof message === 'string' ? ` (${message})` : '';
  } catch {
    return '';
  }
}
