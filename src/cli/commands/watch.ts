import type { Client } from '../../ipc/client.ts';
import type { NotificationParams } from '../../ipc/protocol/notifications.ts';
import { type Context, withClient } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { noticeLine } from '../views/notice.ts';
import { printable } from '../words.ts';

/** Prints notices as they are written, until interrupted or until the daemon goes away. */
export function watch(context: Context, { since }: { since?: number }): Promise<number> {
  return withClient(context, 'notices.subscribe', (client) => follow(context, client, since));
}

async function follow(context: Context, client: Client, since?: number): Promise<number> {
  const { terminal } = context;
  let last = since ?? 0;
  client.on('notice', ({ notice }) => {
    last = notice.seq;
    terminal.out(line(context, notice));
  });
  let restore = (): void => {};
  const interrupted = new Promise<'interrupted'>((resolve) => {
    restore = terminal.onInterrupt(() => resolve('interrupted'));
  });
  try {
    const { oldest, newest } = await client.call('notices.subscribe', since === undefined ? {} : { since });
    if (since === undefined) last = Math.max(last, newest);
    else if (oldest > since + 1) {
      terminal.err(`dialogctl: notices ${since + 1} to ${oldest - 1} are no longer kept\n`);
    }
    if ((await Promise.race([interrupted, client.closed])) === 'interrupted') return exitCodes.success;
  } finally {
    restore();
  }
  terminal.err(`dialogctl: dialogd has stopped\n  go on later with: dialogctl watch --since ${last}\n`);
  return exitCodes.notRunning;
}

const line = ({ options, terminal }: Context, notice: NotificationParams<'notice'>['notice']): string =>
  options.json ? `${JSON.stringify(notice)}\n` : noticeLine(printable(notice), terminal.paint);
