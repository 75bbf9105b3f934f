// The address of a target and the secret of its signatures, from the texts of their files. Both are known as
// secrets once they can be used, and hidden wherever they would be shown: what is still being written could be a
// word of any text. What is wrong is said without them.
import { registerSecret } from '../../base/secrets.ts';
import { isLoopback } from '../../config/api-url.ts';
import type { Parsed } from './secret-file.ts';

/** A path that is shorter stands in ordinary texts by chance, and hardly holds a secret. */
const shortestSecretPath = 16;

export function parseAddress(text: string): Parsed<URL> {
  const url = /^https?:\/\/\S+$/i.test(text) ? urlOf(text) : null;
  if (url === null) {
    return { problem: 'it holds no address: one line that begins with https:// is expected' };
  }
  if (url.protocol !== 'https:' && !isLoopback(url.hostname)) {
    return { problem: 'it holds an http:// address, which sends all in clear text: use https://' };
  }
  if (url.username !== '' || url.password !== '') {
    return { problem: 'its address holds a user or a password: remove what stands before the @' };
  }
  const path = `${url.pathname}${url.search}`;
  // A host alone is no secret, and stands in links of widgets.
  if (path !== '/') for (const secret of [text, url.href]) registerSecret(secret);
  if (path.length >= shortestSecretPath) registerSecret(path);
  return { value: url };
}

function urlOf(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

const secretAdvice = 'make one with: echo "whsec_$(openssl rand -base64 32)"';

/** Standard Webhooks: 24 to 64 bytes, as base64 behind `whsec_`. */
export function parseSigningSecret(text: string): Parsed<Buffer> {
  const [, encoded = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const secret = Buffer.from(encoded, 'base64');
  if (encoded === '') return { problem: `it holds no whsec_ and base64: ${secretAdvice}` };
  if (secret.length < 24 || secret.length > 64) {
    return {
      problem: `its secret has ${secret.length} bytes, 24 to 64 are expected: ${secretAdvice}`,
    };
  }
  for (const part of [text, encoded]) registerSecret(part);
  return { value: secret };
}
