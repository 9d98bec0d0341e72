import type { Result } from '../../ipc/protocol/methods.ts';
import type { NotificationParams } from '../../ipc/protocol/notifications.ts';
import { type Context, print, withClient } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { counted, printable } from '../words.ts';

type Progress = NotificationParams<'progress'>;

/** The longest that a person is kept waiting; the daemon goes on by itself. */
const WAIT_MS = 600_000;
const BAR_CELLS = 24;
/** Back to the start of the line, and clear it (ECMA-48 EL). */
const REDRAW = '\r\u001b[2K';

/** Replaces every current KeyPackage, and shows how far that is unless told not to wait. */
export async function refreshKeys(context: Context, { wait }: { wait: boolean }): Promise<number> {
  const reporter = progressReporter(context.terminal);
  const result = await withClient(context, 'keyPackages.refresh', async (client) => {
    if (!context.options.json) client.on('progress', reporter.report);
    try {
      return await client.call('keyPackages.refresh', { wait, progressToken: 'refresh' }, WAIT_MS);
    } finally {
      reporter.done();
    }
  });
  print<'keyPackages.refresh'>(context, result, refreshView);
  return result.done || !wait ? exitCodes.success : exitCodes.error;
}

function refreshView({ done, confirmed, replaced }: Result<'keyPackages.refresh'>): string {
  const packages = counted(replaced, 'KeyPackage');
  return done
    ? `Replaced ${packages}; all are confirmed.\n`
    : `Asked for ${packages} to be replaced; ${confirmed} confirmed so far. The daemon goes on.\n`;
}

interface ProgressReporter {
  report(progress: Progress): void;
  done(): void;
}

/** One line drawn over and over where somebody watches, else one plain line for each change. */
function progressReporter({ live, err }: Terminal): ProgressReporter {
  let last = '';
  return {
    report(progress) {
      const { done, total, message } = printable(progress);
      if (message === last) return;
      last = message;
      err(live ? `${REDRAW}${bar(done, total)} ${message}` : `${message}\n`);
    },
    done() {
      if (live && last !== '') err(REDRAW);
    },
  };
}

function bar(done: number, total: number): string {
  const filled = total === 0 ? 0 : Math.min(BAR_CELLS, Math.floor((done / total) * BAR_CELLS));
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_CELLS - filled)}]`;
}
