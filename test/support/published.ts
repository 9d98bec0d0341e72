import type { NostrEvent } from '../../src/records.ts';
import type { InProcessDaemon } from './in-process.ts';
import { isKeyPackage } from './key-package-events.ts';
import type { TestRelay } from './relay.ts';

export const packagesOn = (relay: TestRelay): NostrEvent[] => relay.events().filter(isKeyPackage);

async function whole(daemon: InProcessDaemon): Promise<boolean> {
  const { packages } = await daemon.client.call('daemon.status', {});
  return packages.standard.confirmed + packages.lastResort.confirmed === 11;
}

export const untilWhole = (daemon: InProcessDaemon) =>
  daemon.passUntil(() => whole(daemon), 'eleven packages are confirmed');
