// The headers by which a receiver knows that a webhook is genuine (standardwebhooks.com, version 1).
import { createHmac } from 'node:crypto';

export interface Signed {
  /** The same in every try: receivers ignore one that they have had. */
  readonly id: string;
  readonly time: Date;
  readonly body: string;
}

export function signatureHeaders({ id, time, body }: Signed, secret: Buffer) {
  const seconds = Math.floor(time.getTime() / 1000);
  const signed = createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${signed}`,
  };
}
