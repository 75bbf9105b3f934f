// A message as the request that carries it to a target.
import type { Post } from '../../../api/post.ts';
import type { Notification } from '../../../model/notify/notification.ts';
import type { NotifyTarget } from '../target.ts';
import { signatureHeaders } from './sign.ts';

/** Reads the target's files again where they have changed. */
export function postFor(
  { address, secret }: NotifyTarget,
  { id }: Notification,
  { body, time }: { readonly body: string; readonly time: Date },
): Post {
  const signing = secret?.read();
  const headers = signing === undefined ? {} : signatureHeaders({ id, time, body }, signing);
  return { address: address.read(), headers, body };
}
