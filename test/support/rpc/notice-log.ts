import type { UnixSeconds } from '../../../src/ids.ts';
import type { NoticeSource } from '../../../src/ipc/handlers.ts';
import type { Notice } from '../../../src/records.ts';
import { NOW } from './samples.ts';

/** A notice log in memory. */
export interface NoticeLog extends NoticeSource {
  write(code: string, message: string, parts?: Partial<Notice>): void;
  /** Forgets notices up to and including `seq`, as retention does. */
  forget(seq: number): void;
  /** Pages read so far: how hard the log was pulled at. */
  readonly pagesRead: number;
}

export function createNoticeLog(count = 0): NoticeLog {
  let kept: Notice[] = [];
  let pagesRead = 0;
  const listeners = new Set<() => void>();
  const log: NoticeLog = {
    get pagesRead() {
      return pagesRead;
    },
    range: async () => ({ oldest: kept[0]?.seq ?? 0, newest: kept.at(-1)?.seq ?? 0 }),
    async read(since, limit) {
      pagesRead += 1;
      return kept.filter((notice) => notice.seq > since).slice(0, limit);
    },
    onNotice(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    write(code, message, parts = {}) {
      const seq = (kept.at(-1)?.seq ?? 0) + 1;
      kept.push({ seq, at: (NOW + seq) as UnixSeconds, code, severity: 'info', message, ...parts });
      for (const listener of listeners) listener();
    },
    forget(seq) {
      kept = kept.filter((notice) => notice.seq > seq);
    },
  };
  for (let n = 1; n <= count; n++) log.write('pool_refreshed', `notice ${n}`);
  return log;
}
