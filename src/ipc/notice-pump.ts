import type { Notice } from '../records.ts';
import type { NoticeSource } from './handlers.ts';

/** Notices read from the log at a time. */
const PAGE = 100;

/**
 * Sends every notice after `since`, in order, until `signal` aborts. Nothing is queued: the next page is read
 * when `send` has let the last one go, so a slow client is merely behind.
 */
export async function pumpNotices(
  source: NoticeSource,
  since: number,
  signal: AbortSignal,
  send: (notice: Notice) => Promise<void>,
): Promise<void> {
  let fresh = false;
  let wake = (): void => {};
  const rouse = (): void => {
    fresh = true;
    wake();
  };
  const stopListening = source.onNotice(rouse);
  signal.addEventListener('abort', rouse, { once: true });
  try {
    for (let last = since; !signal.aborted; ) {
      fresh = false;
      const page = await source.read(last, PAGE);
      for (const notice of page) {
        if (signal.aborted) return;
        await send(notice);
        last = notice.seq;
      }
      if (page.length === 0 && !fresh) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    stopListening();
  }
}
