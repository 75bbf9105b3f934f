// The body of a notification, in the form that its target reads.
import { hideSecrets } from '../../base/secrets.ts';
import { type Notification, notificationJson } from '../../model/notify/notification.ts';
import { discordBody } from './discord.ts';
import { slackBody } from './slack.ts';
import { teamsBody } from './teams.ts';

export const targetKinds = ['slack', 'teams', 'discord', 'webhook'] as const;

export type TargetKind = (typeof targetKinds)[number];

/** JSON. */
export function messageBody(to: TargetKind, notification: Notification): string {
  return hideSecrets(bodyFor(to, notification));
}

function bodyFor(to: TargetKind, notification: Notification): string {
  switch (to) {
    case 'slack':
      return slackBody(notification);
    case 'teams':
      return teamsBody(notification);
    case 'discord':
      return discordBody(notification);
    case 'webhook':
      return JSON.stringify(notificationJson(notification));
  }
}
