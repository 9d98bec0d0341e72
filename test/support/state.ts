import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryLevel } from 'memory-level';
import { createSealer } from '../../src/identity/sealer.ts';
import { type KeyPackageRef, unixSeconds } from '../../src/ids.ts';
import type { Sealer, Store } from '../../src/ports.ts';
import type { Notice, PrivateKeyPackage } from '../../src/records.ts';
import { openStateDirectory } from '../../src/store/state-directory.ts';
import { openStore } from '../../src/store/store.ts';
import { createSeededRandom } from './random.ts';

/** The same seed is the same key. */
export const testSealer = (seed = 'seal'): Sealer =>
  createSealer(createSeededRandom(seed).bytes(32), createSeededRandom(`${seed}: nonces`));

/** Where a store lives between its openings. */
export interface Home {
  open(sealer?: Sealer): Promise<Store>;
  remove(): Promise<void>;
}

export async function createMemoryHome(): Promise<Home> {
  const location = new MemoryLevel<string, Uint8Array>({ keyEncoding: 'utf8', valueEncoding: 'view' });
  return { open: (sealer = testSealer()) => openStore({ location, sealer }), remove: () => location.close() };
}

/** LevelDB in a state directory, in a temporary directory of its own. */
export async function createDiskHome(): Promise<Home & { readonly stateDir: string }> {
  const parent = await mkdtemp(join(tmpdir(), 'dialogd-'));
  const stateDir = join(parent, 'state');
  return {
    stateDir,
    open: (sealer = testSealer()) => openStoreIn(stateDir, sealer),
    remove: () => rm(parent, { recursive: true, force: true }),
  };
}

/** The lock and the store; closing the store gives back both. */
export async function openStoreIn(path: string, sealer = testSealer()): Promise<Store> {
  const location = await openStateDirectory({ path, now: unixSeconds(1_800_000_000) });
  try {
    const store = await openStore({ location, sealer });
    return { ...store, close: () => store.close().then(location.close) };
  } catch (error) {
    await location.close();
    throw error;
  }
}

export const noticeOf = (seq: number): Notice => ({
  seq,
  at: unixSeconds(1_800_000_000),
  code: 'refreshed',
  severity: 'info',
  message: `notice ${seq} – ok`,
  data: { count: seq, done: true },
});

export const refOf = (name: string): KeyPackageRef => name as KeyPackageRef;

export const privatePackageOf = (name: string): PrivateKeyPackage => ({
  ref: refOf(name),
  message: Uint8Array.of(0, 1, 0, 5, 255),
  privateBytes: Uint8Array.from({ length: 100 }, (_, i) => i),
});
