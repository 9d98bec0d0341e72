import { doubtful, type Finding, failed, fine } from '../../finding.ts';
import { inspectStore } from '../../store/inspection.ts';
import type { Place } from './place.ts';

/** The files of the store, as far as they can be judged without opening it: a start checks the rest. */
export async function checkStore({ paths: { stateDir }, holder }: Place): Promise<Finding[]> {
  const check = 'store.sound';
  if (holder !== undefined) {
    return [fine(check, 'in use: it was checked when that process started')];
  }
  try {
    const unsound = await inspectStore(stateDir);
    if (unsound.length === 0) return [fine(check, 'every block of its table files is as it was written')];
    return [
      doubtful(
        check,
        `${unsound.join(', ')} not whole: half-written when dialogd was killed, or damaged`,
        'start dialogd, which tells one from the other; if damaged, restore a backup',
      ),
    ];
  } catch (error) {
    return [failed(check, error)];
  }
}
