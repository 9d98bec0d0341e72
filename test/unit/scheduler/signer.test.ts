import { afterEach, describe, expect, test } from 'vitest';
import { assess } from '../../../src/health/assess.ts';
import { createEventCrypto } from '../../../src/identity/event-crypto.ts';
import type { RelayUrl, Seconds } from '../../../src/ids.ts';
import { createMls } from '../../../src/mls/mls.ts';
import type { Mls, Signer, SignerOutcome, Store } from '../../../src/ports.ts';
import type { NostrEvent, PrivateKeyPackage } from '../../../src/records.ts';
import { createReconciler, type Reconciler } from '../../../src/scheduler/reconcile.ts';
import { createSession } from '../../../src/scheduler/session.ts';
import { createManualClock } from '../../support/clock.ts';
import { createLife } from '../../support/engine/mortal.ts';
import { createRelayWorld } from '../../support/engine/simulated-relays.ts';
import { createRecordingLog } from '../../support/log.ts';
import { createAccount } from '../../support/nostr.ts';
import { createSeededRandom } from '../../support/random.ts';
import { openMemoryStore } from '../../support/store.ts';
import { until } from '../../support/until.ts';
import { readInbox, wideDisk } from '../../support/world.ts';

const RELAY = 'ws://a.example' as RelayUrl;
const POLICY = {
  standard: 1,
  lastResort: 1,
  refreshAfterSec: 86_400 as Seconds,
  lowStock: 1,
  lifetimeSec: (84 * 86_400) as Seconds,
};
const account = createAccount('remote');
const stores: Store[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

/** An engine whose signer is somewhere else: `sign` decides what comes of each request. */
async function engineWith(sign: Signer['sign'], changed: (mls: Mls) => Mls = (mls) => mls) {
  const clock = createManualClock();
  const random = createSeededRandom('signer');
  const relays = createRelayWorld([RELAY]);
  relays.seed(account.sign({ kind: 10002, tags: [['r', RELAY]] }));
  relays.seed(account.sign({ kind: 10050, tags: [['relay', RELAY]] }));
  const port = relays.portFor(createLife(undefined), clock, async () => {});
  const session = createSession(clock.now(), port);
  const store = await openMemoryStore();
  stores.push(store);
  const decrypt = async (): Promise<SignerOutcome<string>> => ({ kind: 'absent', reason: 'not here' });
  const engine = createReconciler(
    {
      account: account.publicKey,
      clock,
      random,
      store,
      disk: wideDisk,
      signer: { account: account.publicKey, type: 'remote', sign, decrypt, close: async () => {} },
      crypto: await createEventCrypto(),
      mls: changed(createMls(random)),
      relays: port,
      log: createRecordingLog(),
      policy: POLICY,
      inbox: () => readInbox,
      bootstrap: [RELAY],
    },
    session,
    {
      passing() {},
      passed() {},
      failed(error) {
        throw error;
      },
    },
  );
  engine.wake();
  return { engine, clock, relays, session };
}

const packagesSent = (relays: { received: readonly { event: NostrEvent }[] }): number =>
  relays.received.filter(({ event }) => event.kind === 30443).length;

const hindrances = async (engine: Reconciler): Promise<(string | undefined)[]> =>
  (await engine.look()).plan.hindered.map(({ obstacle }) => obstacle);

describe('a signer that is somewhere else', () => {
  test('while it takes its time, everything but signing goes on', async () => {
    let answer: (() => void) | undefined;
    const { engine, relays, session } = await engineWith(
      (template) =>
        new Promise((resolve) => {
          answer = () => resolve({ kind: 'ok', value: account.sign(template) });
        }),
    );
    await until(() => answer, 'the signer is asked');
    await until(() => session.snapshot().readBackAt.has(RELAY), 'the relay is read meanwhile');
    expect(await hindrances(engine)).toContain('in_progress');
    await until(() => {
      answer?.();
      return packagesSent(relays) === 2;
    }, 'both packages are sent when it has signed');
  });

  test.each([
    ['refuses', { kind: 'refused', reason: 'the person said no' }],
    ['is away', { kind: 'absent', reason: 'no connection' }],
  ] as const)('that %s is asked again half a minute later, and nothing is half-made', async (_, outcome) => {
    let here = false;
    const { engine, clock, relays } = await engineWith(async (template) =>
      here ? { kind: 'ok', value: account.sign(template) } : outcome,
    );
    await until(async () => (await hindrances(engine)).includes('signer_absent'), 'the obstacle is named');
    const { world } = await engine.look();
    expect(world.packages).toEqual([]);
    expect(assess(world, POLICY).map(({ code }) => code)).toContain('signer_absent');
    expect(world.session.signer?.reason).toContain(outcome.reason);
    here = true;
    clock.advance(29);
    engine.wake();
    await engine.settled();
    expect(packagesSent(relays)).toBe(0);
    clock.advance(1);
    engine.wake();
    await until(() => packagesSent(relays) === 2, 'both packages are sent');
    expect((await engine.look()).world.session.signer).toBeUndefined();
  });

  test('that refuses in the middle of a batch leaves no private key behind in memory', async () => {
    let asked = 0;
    const made: PrivateKeyPackage[] = [];
    const { engine } = await engineWith(
      async (template) => {
        asked += 1;
        // The account proof and the first package are signed, the second is not.
        return asked === 3
          ? { kind: 'refused', reason: 'no' }
          : { kind: 'ok', value: account.sign(template) };
      },
      (mls) => ({
        ...mls,
        generateKeyPackage(request) {
          const keys = mls.generateKeyPackage(request);
          made.push(keys);
          return keys;
        },
      }),
    );
    await until(async () => (await hindrances(engine)).includes('signer_absent'), 'the obstacle is named');
    expect(made).toHaveLength(2);
    for (const { privateBytes } of made) expect(privateBytes.every((byte) => byte === 0)).toBe(true);
  });

  test('that returns another event than it was asked to sign is not believed', async () => {
    const { engine, relays } = await engineWith(async (template) => ({
      kind: 'ok',
      value: account.sign({ ...template, content: `${template.content} ` }),
    }));
    await until(async () => (await hindrances(engine)).includes('signer_absent'), 'it counts as a refusal');
    expect((await engine.look()).world.session.signer?.reason).toContain('another event');
    expect(packagesSent(relays)).toBe(0);
  });
});
