// Asks another process of this program, on its own server, whether it works.
import { messageOf } from '../base/errors.ts';
import { shorten } from '../base/text.ts';

export interface Health {
  readonly isWell: boolean;
  /** One line for people. */
  readonly says: string;
}

/** What asks restarts the daemon after some answers of this kind: it must not wait for longer. */
const patienceMs = 5000;

/** `base` is a URL without a path. Never rejects: no answer is bad health. */
export async function askHealth(base: string, stop: AbortSignal): Promise<Health> {
  const url = `${base}/healthz`;
  try {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(patienceMs)]);
    const answer = await fetch(url, { signal, redirect: 'error' });
    const [line = ''] = (await answer.text()).split('\n');
    const says = shorten(line, 200);
    if (answer.ok) return { isWell: true, says };
    return { isWell: false, says: `${url} answers ${answer.status}: ${says}` };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { isWell: false, says: `${url} does not answer: ${messageOf(cause)}` };
  }
}
