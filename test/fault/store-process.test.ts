import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSeededRandom, drawBelow } from '../support/random.ts';
import { createDiskHome } from '../support/state.ts';

const ROUNDS = 6;
const LONGEST_LIFE_MS = 250;
/** Blocks of 512 bytes: enough for the witness, not for a table of a few dozen records. */
const FILE_SIZE_LIMIT = 14;

let home: Awaited<ReturnType<typeof createDiskHome>>;
beforeEach(async () => {
  home = await createDiskHome();
});
afterEach(() => home.remove());

interface Life {
  /** The last commit that it reported durable. */
  readonly reported: number;
  readonly signal: NodeJS.Signals | null;
  readonly complaints: string;
}

/** Runs the writer below a shell prefix, and kills it so long after its first commit. */
async function write(prefix: string, lifeMs: number): Promise<Life> {
  const writer = fileURLToPath(new URL('../support/store-writer.ts', import.meta.url));
  const command = [process.execPath, '--import', 'tsx', writer, home.stateDir];
  const child = spawn('sh', ['-c', `${prefix} exec "$@"`, 'sh', ...command], {
    cwd: join(import.meta.dirname, '../..'),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [reported, complaints] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    reported += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const closed = once(child, 'close');
  await Promise.race([once(child.stdout, 'data'), closed]);
  await Promise.race([delay(lifeMs), closed]);
  child.kill('SIGKILL');
  const [, signal] = await closed;
  return { reported: Number(reported.trimEnd().split('\n').at(-1)), signal, complaints };
}

async function expectNothingLost({ reported }: Life): Promise<void> {
  const store = await home.open();
  const [seqs, packages] = await store.read(async (view) => [
    (await view.notices.list()).map(({ seq }) => seq),
    (await view.privateKeyPackages.list()).map(({ ref }) => Number(ref)),
  ]);
  await store.close();
  const last = seqs.at(-1) ?? 0;
  // The commit under way may have become durable without having been reported.
  expect([reported, reported + 1]).toContain(last);
  expect(seqs).toEqual(Array.from({ length: last }, (_, i) => i + 1));
  expect(packages.sort((a, b) => a - b)).toEqual([last - 1, last]);
}

it('a process killed at any moment, openings and erasures included, loses nothing that was durable', async () => {
  const random = createSeededRandom('kills');
  for (let round = 0; round < ROUNDS; round++) {
    const life = await write('', drawBelow(random, LONGEST_LIFE_MS));
    // It ends by nothing but the kill: a store wrongly called damaged would have ended it before.
    expect(life).toMatchObject({ signal: 'SIGKILL', complaints: '' });
    await expectNothingLost(life);
  }
}, 120_000);

it('a process whose files may not grow any more says so, and loses nothing that was durable', async () => {
  const life = await write(`ulimit -f ${FILE_SIZE_LIMIT};`, 20_000);
  expect(life.signal).toBeNull();
  expect(life.complaints).toContain("code: 'store_unavailable'");
  expect(life.complaints).toContain('File too large');
  await expectNothingLost(life);
}, 60_000);
