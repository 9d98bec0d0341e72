import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../ipc/client.ts';
import type { NotificationParams } from '../ipc/protocol/notifications.ts';

export type Notice = NotificationParams<'notice'>['notice'];

/** Longer the first ones are not waited for. */
const WITHIN_MS = 2_000;

/** The last `count` notices, in a list that goes on as more are written; `heard` is called for each. */
export async function recentNotices(
  client: Client,
  count: number,
  heard: () => void = () => {},
): Promise<readonly Notice[]> {
  // The number of the newest is known to those who subscribe.
  const { subscription, newest } = await client.call('notices.subscribe', {});
  await client.call('notices.unsubscribe', { subscription });
  const notices: Notice[] = [];
  const complete = new Promise<void>((resolve) => {
    if (newest === 0) resolve();
    client.on('notice', ({ notice }) => {
      notices.push(notice);
      if (notices.length > count) notices.shift();
      if (notice.seq >= newest) resolve();
      heard();
    });
  });
  await client.call('notices.subscribe', { since: Math.max(0, newest - count) });
  await Promise.race([complete, client.closed, delay(WITHIN_MS, undefined, { ref: false })]);
  return notices;
}
