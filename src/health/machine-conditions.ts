import type { World } from '../keypackages/world.ts';
import type { Condition } from './condition.ts';

/** Peers and relays refuse what is dated further off than this. */
const MAX_CLOCK_OFFSET_SEC = 300;
/** The state is a few MiB; a small file system of its own has less to spare. */
const LOW_DISK_BYTES = 64 * 1024 * 1024;
const LOW_DISK_SHARE = 0.05;

/** What is wrong with what this machine provides. */
export const machineConditions = (world: World): Condition[] => [
  ...signer(world),
  ...clock(world),
  ...disk(world),
];

const signer = ({ session }: World): Condition[] =>
  session.signer === undefined
    ? []
    : [
        {
          code: 'signer_absent',
          severity: 'error',
          dependsOn: 'signer',
          message: `the signer does not sign (${session.signer.reason})`,
          repair: 'make the signer reachable; it is asked again by itself',
        },
      ];

function clock({ session, slots, now }: World): Condition[] {
  const offset = session.clockOffsetSec ?? 0;
  const ahead = Math.max(0, ...slots.map((slot) => slot.lastCreatedAt)) - now;
  if (Math.abs(offset) <= MAX_CLOCK_OFFSET_SEC && ahead <= MAX_CLOCK_OFFSET_SEC) return [];
  const by = Math.abs(offset) > MAX_CLOCK_OFFSET_SEC ? offset : -ahead;
  const minutes = Math.round(Math.abs(by) / 60);
  const reference = offset === by ? 'the relays' : 'our own last events';
  return [
    {
      code: 'clock_skew',
      severity: 'error',
      dependsOn: 'clock',
      message: `the clock of this machine is ${minutes} min ${by > 0 ? 'ahead of' : 'behind'} ${reference}`,
      repair: 'set the clock (timedatectl set-ntp true)',
    },
  ];
}

/** Less is free than the state may need. */
export const isLow = (freeBytes: number, totalBytes: number): boolean =>
  freeBytes < Math.min(LOW_DISK_BYTES, totalBytes * LOW_DISK_SHARE);

function disk({ disk: { freeBytes, totalBytes, trouble, reserveGone = false } }: World): Condition[] {
  if (trouble !== undefined) {
    return [
      {
        code: 'disk_failing',
        severity: 'error',
        dependsOn: 'disk',
        message: `the state directory cannot be written (${trouble})`,
        repair: 'see to the disk and the permissions of the state directory, then restart dialogd',
      },
    ];
  }
  if (!isLow(freeBytes, totalBytes) && !reserveGone) return [];
  return [
    {
      code: 'disk_low',
      severity: 'warning',
      dependsOn: 'disk',
      message: `the disk of the state directory has ${Math.floor(freeBytes / 1024)} KiB left${reserveGone ? ': the space set aside for this is in use, and gift wraps stay on the relays' : ''}`,
      repair: 'free some space: a full disk ends dialogd',
    },
  ];
}
