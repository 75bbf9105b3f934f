// One message to each target, sent once: whether somebody will be told when it matters.
import type { Poster, PostResult } from '../../api/post.ts';
import { type Notification, severityOf } from '../../model/notify/notification.ts';
import { sha256 } from '../../model/widget.ts';
import { messageBody } from '../../render/notify/message-body.ts';
import { postFor } from './outlet/post-for.ts';
import type { NotifyTarget } from './target.ts';

export interface SampleDeps {
  readonly id: string;
  readonly time: Date;
  readonly host: string;
}

/** It names no widget, and nobody has to do anything. */
export function sampleMessage({ id, time, host }: SampleDeps): Notification {
  return {
    id,
    type: 'widgets.applied',
    state: 'happened',
    severity: severityOf['widgets.applied'],
    time,
    cause: sha256('sample'),
    ends: [],
    title: 'A test of the notifications of widget-sync',
    text: 'Nothing happened. When something needs a hand, it is said here.',
    count: 0,
    widgets: [],
    fields: [],
    commit: null,
    source: { directory: '', host },
    isTest: true,
  };
}

export async function sendSample(
  message: Notification,
  target: NotifyTarget,
  poster: Pick<Poster, 'post'>,
  signal: AbortSignal,
): Promise<PostResult> {
  const body = messageBody(target.to, message);
  return await poster.post(postFor(target, message, { body, time: message.time }), signal);
}
