/** The built daemon before a relay that holds a flood: what it takes, what it costs, and what goes on meanwhile. */
import { readFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { PublicKey } from '../../src/ids.ts';
import type { Client } from '../../src/ipc/client.ts';
import type { NostrEvent } from '../../src/records.ts';
import { isKeyPackage } from '../support/key-package-events.ts';
import {
  connectTo,
  createInstallation,
  initialise,
  startDaemonProcess,
  untilWhole,
} from '../support/program.ts';
import { startScriptedRelay } from '../support/scripted-relay.ts';
import { SOAK } from '../support/soak.ts';
import { until } from '../support/until.ts';
import { junkWrap, junkWraps } from '../support/wraps.ts';

const MIB = 1024 * 1024;
const VALID = SOAK ? 10_000 : 2_000;
const FORGED = SOAK ? 100_000 : 4_000;
const LARGE = 60;
const PATIENCE_MS = SOAK ? 600_000 : 120_000;

/** In KiB, as the kernel has it. */
async function memory(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
}

const inbox = async (client: Client) => (await client.call('daemon.status', {})).inbox;

test.skipIf(process.platform !== 'linux')(
  'a flood on the inbox relay delays no KeyPackage and no status, is taken in the end, and costs bounded memory',
  async () => {
    const relay = await startScriptedRelay({ cap: 500 });
    const installation = await createInstallation();
    onTestFinished(async () => {
      await relay.stop();
      await installation.remove();
    });
    await initialise(installation, [relay.url]);
    const calm = startDaemonProcess(installation);
    onTestFinished(() => void calm.kill('SIGKILL'));
    const first = await connectTo(installation);
    await untilWhole(first);
    const account = (await first.call('identity.show', {})).account as PublicKey;
    const idle = await memory(calm.pid, 'VmRSS');
    await calm.kill('SIGTERM');

    const now = Math.floor(Date.now() / 1_000);
    const valid = junkWraps(account, VALID, now);
    const forged: NostrEvent[] = Array.from({ length: FORGED }, (_, i) => ({
      ...valid[i % VALID]!,
      id: i.toString(16).padStart(64, '0') as NostrEvent['id'],
      created_at: (now - (i % VALID)) as NostrEvent['created_at'],
    }));
    const large = Array.from({ length: LARGE }, (_, salt) =>
      junkWrap(account, { at: now - salt, salt, content: `${salt} ${'x'.repeat(200 * 1024)}` }),
    );
    relay.hold(...valid, ...forged, ...large);
    relay.habits.extra = [
      `["EVENT","$ID",${'['.repeat(200_000)}`,
      `["EVENT","$ID",{"content":"${'x'.repeat(2 * MIB)}"}]`,
    ];
    const packagesBefore = relay.events().filter(isKeyPackage).length;

    const flooded = startDaemonProcess(installation);
    onTestFinished(() => void flooded.kill('SIGKILL'));
    const client = await connectTo(installation);
    const { requestedAt } = await client.call('keyPackages.refresh', {});
    const replaced = await until(
      async () => {
        const status = await client.call('daemon.status', {});
        const { standard, lastResort, oldestAt = 0 } = status.packages;
        const fresh =
          oldestAt >= requestedAt &&
          status.inbox.listening &&
          standard.confirmed + lastResort.confirmed === 11;
        return fresh ? status : undefined;
      },
      'eleven new packages are out',
      PATIENCE_MS,
    );
    expect(packagesBefore).toBe(11);
    expect(replaced.inbox.caughtUp).toBe(false);

    const all = VALID + LARGE;
    await until(
      async () => {
        const { pending, counts } = await inbox(client);
        return pending.count + (counts.broken ?? 0) === all;
      },
      'all that is valid is taken',
      PATIENCE_MS,
    );
    const peak = await memory(flooded.pid, 'VmHWM');
    expect(peak - idle).toBeLessThan(128 * MIB);
    const { skipped } = await client.call('inbox.list', {});
    expect(skipped.invalid).toBeGreaterThanOrEqual(FORGED);
    expect(skipped.malformed).toBeGreaterThan(0);
    expect(skipped.too_large).toBeGreaterThan(0);
    expect((await flooded.kill('SIGTERM')).code).toBe(0);
  },
  3 * PATIENCE_MS,
);
