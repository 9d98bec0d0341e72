import { describe, expect, test } from 'vitest';
import type { EventTemplate, SignerOutcome } from '../../src/ports.ts';
import type { NostrEvent } from '../../src/records.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { faultsInOrder } from '../support/fault-proxy-faults.ts';
import { createAccount } from '../support/nostr.ts';
import { startRelay } from '../support/relay.ts';
import { account, forThisTest, listen, startClient } from '../support/relay-client.ts';
import { until } from '../support/until.ts';

const stranger = createAccount('stranger');
const wraps = { kinds: [1059], '#p': [account.publicKey] };
const wrap = (content: string) => stranger.sign({ kind: 1059, content, tags: [['p', account.publicKey]] });

/** A relay that serves nobody it does not know, and a proxy that sees what it is told. */
async function guardedRelay() {
  const relay = await forThisTest(startRelay({ auth: true }));
  const proxy = await forThisTest(startFaultProxy({ upstream: relay.url }));
  return { relay, proxy, said: () => proxy.received().map(([type]) => type) };
}

/** A relay that lets everybody in; the proxy before it asks who it is when told to. */
async function openRelay(...[type, faults]: Parameters<typeof faultsInOrder>) {
  const relay = await forThisTest(startRelay());
  return forThisTest(startFaultProxy({ upstream: relay.url, decide: faultsInOrder(type, faults) }));
}

describe('a relay that challenges at connect', () => {
  test('is answered before anything else is said to it', async () => {
    const { proxy, said } = await guardedRelay();
    const client = startClient([proxy.url], { limits: { challengeMs: 5_000 } });
    const heard = listen(client, wraps);
    await until(() => client.state(proxy.url).phase === 'connected', 'the connection');
    const sent = client.publish(proxy.url, wrap('mine'));
    await until(() => heard.caughtUp.length === 1, 'the reading');
    expect(await sent).toEqual({ kind: 'accepted', duplicate: false });
    expect(said()).toEqual(['AUTH', 'REQ', 'EVENT']);
    expect(client.state(proxy.url)).toMatchObject({ auth: 'authenticated', caughtUp: true });
  });

  test('gets the relay address and its challenge back, signed by the account', async () => {
    const { proxy } = await guardedRelay();
    const client = startClient([proxy.url]);
    await until(() => client.state(proxy.url).auth === 'authenticated', 'authentication');
    const [, event] = proxy.received()[0] as unknown as ['AUTH', NostrEvent];
    expect(event).toMatchObject({ kind: 22242, pubkey: account.publicKey, content: '' });
    expect(event.tags).toEqual([
      ['relay', proxy.url],
      ['challenge', expect.any(String)],
    ]);
  });

  test('is authenticated to anew after every reconnect, and the subscription lives on', async () => {
    const { relay, proxy } = await guardedRelay();
    const client = startClient([proxy.url]);
    const heard = listen(client, wraps);
    await until(() => heard.caughtUp.length === 1, 'the first reading');
    proxy.dropConnections();
    const backdated = stranger.sign({
      kind: 1059,
      created_at: 1_700_000_000,
      tags: [['p', account.publicKey]],
    });
    relay.repository.store(backdated);
    await until(() => heard.ids().includes(backdated.id), 'the wrap of the time between');
    const live = wrap('after reconnect');
    expect(await client.publish(proxy.url, live)).toMatchObject({ kind: 'accepted' });
    await until(() => heard.ids().includes(live.id), 'a live wrap');
    expect(client.state(proxy.url)).toMatchObject({ auth: 'authenticated', caughtUp: true });
  });
});

describe('a relay that asks only when something is wanted of it', () => {
  test('a refused subscription is opened again once it knows us', async () => {
    const proxy = await openRelay('REQ', [{ kind: 'demand_auth' }]);
    const client = startClient([proxy.url]);
    const heard = listen(client, wraps);
    await until(() => heard.caughtUp.length === 1, 'the reading');
    expect(client.state(proxy.url).auth).toBe('authenticated');
  });

  test('a refused event is sent once more and accepted', async () => {
    const proxy = await openRelay('EVENT', [{ kind: 'demand_auth' }]);
    const client = startClient([proxy.url]);
    await until(() => client.state(proxy.url).phase === 'connected', 'the connection');
    expect(await client.publish(proxy.url, wrap('twice'))).toEqual({ kind: 'accepted', duplicate: false });
    expect(proxy.received().filter(([type]) => type === 'EVENT')).toHaveLength(2);
  });

  test('a refused query is asked once more and answered', async () => {
    const proxy = await openRelay('REQ', [{ kind: 'demand_auth' }]);
    const client = startClient([proxy.url]);
    await until(() => client.state(proxy.url).phase === 'connected', 'the connection');
    expect(await client.fetch(proxy.url, wraps)).toMatchObject({ kind: 'complete', events: [] });
  });

  test('one that is never satisfied gets an event twice, not for ever', async () => {
    const proxy = await openRelay('EVENT', Array(9).fill({ kind: 'demand_auth' }));
    const client = startClient([proxy.url]);
    await until(() => client.state(proxy.url).phase === 'connected', 'the connection');
    const outcome = await client.publish(proxy.url, wrap('in vain'));
    expect(outcome).toMatchObject({ kind: 'rejected', prefix: 'auth-required' });
    expect(proxy.received().filter(([type]) => type === 'EVENT')).toHaveLength(2);
  });

  test('end of stored events read as a stranger does not count when a challenge comes late', async () => {
    const relay = await forThisTest(startRelay());
    const proxy = await forThisTest(
      startFaultProxy({
        upstream: relay.url,
        decide: ({ message }) => (message[0] === 'EOSE' ? { kind: 'drop' } : undefined),
      }),
    );
    const client = startClient([proxy.url]);
    const heard = listen(client, wraps);
    const [, asStranger] = await until(() => proxy.received().find(([type]) => type === 'REQ'), 'the REQ');
    proxy.say(['AUTH', 'late']);
    proxy.say(['EOSE', asStranger]);
    await until(() => proxy.received().some(([type]) => type === 'AUTH'), 'our answer');
    expect(heard.caughtUp).toEqual([]);
  });
});

describe('a signer that does not sign', () => {
  test('that refuses leaves the relay unauthenticated, and its rejections are told as they are', async () => {
    const { proxy } = await guardedRelay();
    let asked = 0;
    const client = startClient([proxy.url], {
      sign: async () => {
        asked += 1;
        return { kind: 'refused', reason: 'not today' };
      },
    });
    await until(() => client.state(proxy.url).auth === 'failed', 'the failure');
    const outcome = await client.publish(proxy.url, wrap('as a stranger'));
    expect(outcome).toMatchObject({ kind: 'rejected', prefix: 'auth-required' });
    expect(await client.fetch(proxy.url, wraps)).toMatchObject({ kind: 'failed' });
    expect(asked).toBe(1);
    expect(client.lines.text()).toContain('signer refused: not today');
  });

  test('that is away for a while is asked again, and then everything opens', async () => {
    const { proxy } = await guardedRelay();
    let away = 2;
    const client = startClient([proxy.url], {
      sign: async (template) =>
        away-- > 0
          ? { kind: 'absent', reason: 'no connection' }
          : { kind: 'ok', value: account.sign(template) },
    });
    const heard = listen(client, wraps);
    await until(() => heard.caughtUp.length === 1, 'the reading');
    expect(client.state(proxy.url)).toMatchObject({ auth: 'authenticated', caughtUp: true });
  });

  test('that is slow does not keep an open relay waiting, and what it missed is read again', async () => {
    const proxy = await openRelay('REQ', []);
    let signIt: () => void = () => {};
    const slow = new Promise<void>((resolve) => {
      signIt = resolve;
    });
    const sign = async (template: EventTemplate): Promise<SignerOutcome<NostrEvent>> => {
      await slow;
      return { kind: 'ok', value: account.sign(template) };
    };
    const client = startClient([proxy.url], { sign, limits: { answerMs: 500 } });
    const heard = listen(client, wraps);
    await until(() => heard.caughtUp.length === 1, 'the first reading');
    proxy.say(['AUTH', 'a challenge nobody upstream knows']);
    await until(() => heard.caughtUp.length === 2, 'the reading as a stranger');
    expect(client.state(proxy.url).auth).toBe('asked');
    signIt();
    await until(() => heard.caughtUp.length === 3, 'the reading as ourselves');
    expect(client.state(proxy.url).auth).toBe('authenticated');
  });

  test('that returns another event is not believed', async () => {
    const { proxy, said } = await guardedRelay();
    const client = startClient([proxy.url], {
      sign: async () => ({ kind: 'ok', value: account.sign({ kind: 1, content: 'something else' }) }),
    });
    await until(() => client.state(proxy.url).auth === 'failed', 'the failure');
    expect(said()).not.toContain('AUTH');
  });

  test('a relay that refuses our answer is told so in its own words', async () => {
    const { proxy } = await guardedRelay();
    proxy.decideWith(
      faultsInOrder('AUTH', Array(9).fill({ kind: 'reject', message: 'restricted: not you' })),
    );
    const client = startClient([proxy.url]);
    await until(() => client.state(proxy.url).auth === 'failed', 'the failure');
    expect(client.lines.text()).toContain('restricted: not you');
  });

  test('a relay that challenges without end is answered a bounded number of times', async () => {
    const proxy = await openRelay('REQ', []);
    let asked = 0;
    const client = startClient([proxy.url], {
      sign: async () => {
        asked += 1;
        return { kind: 'refused', reason: 'no' };
      },
    });
    await until(() => client.state(proxy.url).phase === 'connected', 'the connection');
    for (let n = 0; n < 50; n++) proxy.say(['AUTH', `challenge ${n}`]);
    expect(await client.publish(proxy.url, wrap('still works'))).toMatchObject({ kind: 'accepted' });
    expect(asked).toBe(5);
  });
});
