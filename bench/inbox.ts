/** The receiving half beside what it cannot do without: one signature check a wrap taken, a check and two NIP-44 a wrap opened. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createEventCrypto } from '../src/identity/event-crypto.ts';
import { createLocalSigner } from '../src/identity/local-signer.ts';
import type { RelayUrl } from '../src/ids.ts';
import { openInbox } from '../src/inbox/inbox.ts';
import type { EventCrypto, Log, Signer } from '../src/ports.ts';
import type { NostrEvent } from '../src/records.ts';
import { createRelays } from '../src/relay/relays.ts';
import { systemClock } from '../test/support/clock.ts';
import { createAccount, type TestAccount } from '../test/support/nostr.ts';
import { createSeededRandom } from '../test/support/random.ts';
import { createDiskHome } from '../test/support/state.ts';
import { until } from '../test/support/until.ts';
import { wideDisk } from '../test/support/world.ts';
import { giftWrap, junkWraps } from '../test/support/wraps.ts';
import { line, median, timed } from './figures.ts';

const ROUNDS = 3;
const TAKEN = 5_000;
const OPENED = 300;
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

export async function benchInbox(): Promise<void> {
  const owner = createAccount('bench');
  const crypto = await createEventCrypto();
  const signer = await createLocalSigner(Uint8Array.from(owner.secretKey));
  const relay = fork(join(import.meta.dirname, 'flood-relay.ts'), {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, ACCOUNT: owner.publicKey, COUNT: String(TAKEN) },
  });
  const [url] = (await once(relay, 'message')) as [RelayUrl];
  const now = Math.floor(Date.now() / 1_000);
  const sample = junkWraps(owner.publicKey, 1_000, now);
  const own = Array.from({ length: OPENED }, (_, i) =>
    giftWrap(owner, owner.publicKey, now - i, { kind: 14 }),
  );
  const figures = {
    checks: [] as number[],
    taken: [] as number[],
    floor: [] as number[],
    opened: [] as number[],
  };
  const away: Signer = { ...signer, decrypt: async () => ({ kind: 'absent', reason: 'not measured' }) };

  for (let round = 0; round < ROUNDS; round++) {
    figures.checks.push(sample.length / (await timed(async () => void sample.forEach(crypto.verifyEvent))));
    figures.taken.push(TAKEN / (await take(url, owner, crypto, away)));
    figures.floor.push(OPENED / (await timed(() => openByHand(own, signer, crypto))));
    figures.opened.push(OPENED / (await open(own, owner, crypto, signer)));
  }
  relay.disconnect();
  line('signature checks/s', median(figures.checks).toFixed(0));
  line('gift wraps taken/s', median(figures.taken).toFixed(0));
  line('taken / checks', (median(figures.taken) / median(figures.checks)).toFixed(2));
  line('a check and two NIP-44, a second', median(figures.floor).toFixed(0));
  line('gift wraps opened/s', median(figures.opened).toFixed(0));
  line('opened / that', (median(figures.opened) / median(figures.floor)).toFixed(2));
}

async function openByHand(wraps: readonly NostrEvent[], signer: Signer, crypto: EventCrypto): Promise<void> {
  for (const wrap of wraps) {
    const outer = await signer.decrypt(wrap.pubkey, wrap.content);
    const seal = JSON.parse(outer.kind === 'ok' ? outer.value : '') as NostrEvent;
    crypto.verifyEvent(seal);
    await signer.decrypt(seal.pubkey, seal.content);
  }
}

async function withInbox(
  owner: TestAccount,
  crypto: EventCrypto,
  signer: Signer,
  work: (parts: {
    inbox: Awaited<ReturnType<typeof openInbox>>;
    relays: ReturnType<typeof createRelays>;
  }) => Promise<number>,
  stored: readonly NostrEvent[] = [],
): Promise<number> {
  const home = await createDiskHome();
  const store = await home.open();
  const relay = 'ws://127.0.0.1:1/' as RelayUrl;
  await store.update('receive', async (tx) => {
    for (const event of stored)
      tx.wraps.put(event.id, { id: event.id, receivedAt: systemClock.now(), relay, bytes: 1_000, event });
  });
  const random = createSeededRandom('bench');
  const sign = (template: Parameters<Signer['sign']>[0]) => signer.sign(template);
  const relays = createRelays({ clock: systemClock, random, crypto, log: silent, sign });
  const parts = {
    account: owner.publicKey,
    clock: systemClock,
    random,
    store,
    disk: wideDisk,
    relays,
    signer,
    crypto,
  };
  const inbox = await openInbox(
    { ...parts, log: silent, elapsedMs: () => 0, signing: () => false },
    { changed() {}, ownList: async () => {}, failed: (error) => console.error(error) },
  );
  const sec = await work({ inbox, relays });
  await inbox.close();
  await relays.close();
  await store.close();
  await home.remove();
  return sec;
}

const take = (url: RelayUrl, owner: TestAccount, crypto: EventCrypto, signer: Signer): Promise<number> =>
  withInbox(owner, crypto, signer, ({ inbox, relays }) =>
    timed(async () => {
      relays.use([url]);
      inbox.listenOn([url]);
      await until(() => inbox.facts().kept.count === TAKEN, 'all are taken', 60_000);
    }),
  );

const open = (
  wraps: readonly NostrEvent[],
  owner: TestAccount,
  crypto: EventCrypto,
  signer: Signer,
): Promise<number> =>
  withInbox(
    owner,
    crypto,
    signer,
    ({ inbox }) => timed(() => until(() => inbox.facts().kept.count === 0, 'all are opened', 60_000)),
    wraps,
  );
