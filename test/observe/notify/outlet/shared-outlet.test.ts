// Accounts that share the way to the targets: each waits for its own messages alone.
import { expect, test } from 'vitest';
import type { Notification } from '../../../../src/model/notify/notification.ts';
import type { DeliveryEnd } from '../../../../src/observe/notify/outlet/delivery.ts';
import type { MessageListener } from '../../../../src/observe/notify/outlet/notifier.ts';
import { outletOfAccount } from '../../../../src/observe/notify/outlet/shared-outlet.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { messageOf } from '../messages.ts';

function world() {
  const clock = new FakeClock();
  const under = new Map<Notification, MessageListener>();
  const shared = {
    isWanted: () => true,
    notify: (message: Notification, listener: MessageListener) => void under.set(message, listener),
  };
  const heard: string[] = [];
  const open = (name: string) => {
    const outlet = outletOfAccount(shared, clock);
    const message = messageOf({ id: name });
    const onEnd = ({ id }: Notification, end: DeliveryEnd) => void heard.push(`${id} ${end}`);
    return { outlet, message, send: () => outlet.notify(message, { onEnd }) };
  };
  const end = (message: Notification, how: DeliveryEnd) => under.get(message)?.onEnd(message, how);
  return { clock, heard, open, end };
}

test('an account that is left waits for its own messages, and hears what became of them', async () => {
  const { heard, open, end } = world();
  const [one, two] = [open('one'), open('two')];
  one.send();
  two.send();
  let isStopped = false;
  const stopped = one.outlet.stop().then(() => {
    isStopped = true;
  });
  end(two.message, 'sent');
  expect(isStopped).toBe(false);
  end(one.message, 'sent');
  await stopped;
  expect(heard).toEqual(['two sent', 'one sent']);
});

test('what takes longer than it may wait is not heard of: it is told again by whoever comes next', async () => {
  const { clock, heard, open, end } = world();
  const one = open('one');
  one.send();
  const stopped = one.outlet.stop(2000);
  await clock.advance(2000);
  await stopped;
  end(one.message, 'sent');
  expect(heard).toEqual([]);
});

test('an account without messages under way is left at once', async () => {
  const { open } = world();
  await open('one').outlet.stop();
});
