import { MemoryLevel } from 'memory-level';
import { createSealer } from '../../src/identity/sealer.ts';
import type { Store } from '../../src/ports.ts';
import { openStore } from '../../src/store/store.ts';
import { createSeededRandom } from './random.ts';

/** The real store over a database in memory, for tests in which only the process dies and not the disk. */
export const openMemoryStore = (): Promise<Store> =>
  openStore({
    location: new MemoryLevel<string, Uint8Array>({ keyEncoding: 'utf8', valueEncoding: 'view' }),
    sealer: createSealer(new Uint8Array(32), createSeededRandom('seal')),
  });
