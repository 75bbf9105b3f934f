// Somebody who is told: where, in which form, and of what.
import {
  type Notification,
  type NotificationType,
  notificationTypes,
  quietTypes,
  type Severity,
  severities,
  severityOf,
} from '../../model/notify/notification.ts';
import type { TargetKind } from '../../render/notify/message-body.ts';
import type { SecretFile } from './secret-file.ts';

export interface NotifyTarget {
  /** For the log and for people; unique. */
  readonly name: string;
  readonly to: TargetKind;
  readonly types: ReadonlySet<NotificationType>;
  readonly address: SecretFile<URL>;
  /** Of a webhook; null for all others. */
  readonly secret: SecretFile<Buffer> | null;
}

/** The types that a target is sent, by what its entry asks for. */
export function typesOf(
  events: readonly NotificationType[] | undefined,
  minSeverity: Severity,
): ReadonlySet<NotificationType> {
  const asked = events ?? notificationTypes.filter((type) => !quietTypes.includes(type));
  const least = severities.indexOf(minSeverity);
  return new Set(asked.filter((type) => severities.indexOf(severityOf[type]) >= least));
}

export function wants({ types }: Pick<NotifyTarget, 'types'>, { type }: Notification): boolean {
  return types.has(type);
}
