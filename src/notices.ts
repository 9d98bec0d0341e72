import type { UnixSeconds } from './ids.ts';
import type { Transaction } from './ports.ts';
import type { Notice } from './records.ts';

/** Appends to the durable notice log, as part of the commit that the notice tells of. */
export async function addNotice(
  tx: Pick<Transaction, 'notices'>,
  at: UnixSeconds,
  notice: Omit<Notice, 'seq' | 'at'>,
): Promise<void> {
  const [last] = await tx.notices.list({ reverse: true, limit: 1 });
  const seq = (last?.seq ?? 0) + 1;
  tx.notices.put(seq, { seq, at, ...notice });
}
