import { describe, expect, test } from 'vitest';
import type { EventId } from '../../src/ids.ts';
import type { NostrEvent } from '../../src/records.ts';
import type { RelayLimits } from '../../src/relay/limits.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { type Decide, type Fault, faultsInOrder } from '../support/fault-proxy-faults.ts';
import { createAccount } from '../support/nostr.ts';
import { startRelay, type TestRelay } from '../support/relay.ts';
import { forThisTest, type RelayClient, startClient } from '../support/relay-client.ts';
import { listenOnLoopback } from '../support/relay-server.ts';
import { until } from '../support/until.ts';

const author = createAccount('author');
const note = (content: string) => author.sign({ content });

interface Scene {
  readonly relay: TestRelay;
  readonly proxy: FaultProxy;
  readonly client: RelayClient;
}

/** A client connected to a relay through a proxy that decides as told. */
async function scene(decide: Decide, limits: Partial<RelayLimits> = {}): Promise<Scene> {
  const relay = await forThisTest(startRelay());
  const proxy = await forThisTest(startFaultProxy({ upstream: relay.url, decide }));
  const client = startClient([proxy.url], { limits });
  await connected({ relay, proxy, client });
  return { relay, proxy, client };
}

const onEvents = (...faults: Fault[]) => scene(faultsInOrder('EVENT', faults));
/** The same event through a fresh client, which waits as long as it takes. */
async function sendAgain({ relay, proxy }: Scene, event: NostrEvent) {
  const again = { relay, proxy, client: startClient([proxy.url]) };
  await connected(again);
  return again.client.publish(proxy.url, event);
}
/** For tests in which no answer comes: not waited for long. */
const unanswered = (fault: Fault) => scene(faultsInOrder('EVENT', [fault]), { answerMs: 500 });
const connected = ({ proxy, client }: Scene) =>
  until(() => client.state(proxy.url).phase === 'connected', 'the connection');
const holds = (relay: TestRelay, id: string) => relay.events().some((event) => event.id === id);

describe('one event and a relay that misbehaves', () => {
  test('dropped on the way: unknown, since nobody can tell; sent again it is accepted', async () => {
    const unlucky = await unanswered({ kind: 'drop' });
    const { relay, proxy, client } = unlucky;
    const event = note('dropped');
    expect(await client.publish(proxy.url, event)).toEqual({
      kind: 'unknown',
      reason: 'no answer within 0.5 s',
    });
    expect(holds(relay, event.id)).toBe(false);
    expect(await sendAgain(unlucky, event)).toEqual({ kind: 'accepted', duplicate: false });
  });

  test('stored, the answer lost: unknown; sent again it counts as accepted, as a duplicate', async () => {
    const unlucky = await unanswered({ kind: 'lose_answer' });
    const { relay, proxy, client } = unlucky;
    const event = note('answer lost');
    expect(await client.publish(proxy.url, event)).toMatchObject({ kind: 'unknown' });
    expect(holds(relay, event.id)).toBe(true);
    expect(await sendAgain(unlucky, event)).toEqual({ kind: 'accepted', duplicate: true });
  });

  test('delayed, but within the bound: accepted', async () => {
    const { proxy, client } = await onEvents({ kind: 'delay', ms: 50 });
    expect(await client.publish(proxy.url, note('late'))).toEqual({ kind: 'accepted', duplicate: false });
  });

  test('delivered twice: one answer, accepted', async () => {
    const { relay, proxy, client } = await onEvents({ kind: 'duplicate' });
    const event = note('twice');
    expect(await client.publish(proxy.url, event)).toMatchObject({ kind: 'accepted' });
    expect(relay.events().map(({ id }) => id)).toEqual([event.id]);
  });

  test('overtaken by another: each gets its own answer', async () => {
    const { proxy, client } = await onEvents({ kind: 'reorder' }, { kind: 'reject', message: 'blocked: no' });
    const outcomes = await Promise.all(
      [note('a'), note('b')].map((event) => client.publish(proxy.url, event)),
    );
    expect(outcomes).toEqual([
      { kind: 'accepted', duplicate: false },
      { kind: 'rejected', prefix: 'blocked', message: 'blocked: no' },
    ]);
  });

  test.each(['before', 'after'] as const)('the connection breaks %s it arrives: unknown', async (when) => {
    const { relay, proxy, client } = await onEvents({ kind: 'close', when });
    const event = note(when);
    expect(await client.publish(proxy.url, event)).toEqual({ kind: 'unknown', reason: 'connection lost' });
    if (when === 'after') await until(() => holds(relay, event.id), 'the event to arrive');
    await connected({ relay, proxy, client });
    expect(await client.publish(proxy.url, event)).toEqual({ kind: 'accepted', duplicate: when === 'after' });
  });

  test('the daemon closes while an answer is awaited: unknown, not lost without a word', async () => {
    const { proxy, client } = await onEvents({ kind: 'drop' });
    const sent = client.publish(proxy.url, note('closing'));
    await until(() => proxy.received().length === 1, 'the event');
    await client.close();
    expect(await sent).toMatchObject({ kind: 'unknown' });
  });
});

describe('what a relay answers', () => {
  test.each([
    ['blocked: you are banned', 'blocked'],
    ['rate-limited: slow down', 'rate-limited'],
    ['invalid: bad tag', 'invalid'],
    ['pow: 24 bits wanted', 'pow'],
    ['replaced: have newer event', 'replaced'],
    ['no thanks', 'error'],
    ['', 'error'],
  ])('OK false %j is a rejection with prefix %j', async (message, prefix) => {
    const { proxy, client } = await onEvents({ kind: 'reject', message });
    expect(await client.publish(proxy.url, note(prefix))).toEqual({ kind: 'rejected', prefix, message });
  });

  test('OK false duplicate: is an acceptance: the relay has it', async () => {
    const { proxy, client } = await onEvents({ kind: 'reject', message: 'duplicate: have it' });
    expect(await client.publish(proxy.url, note('had'))).toEqual({ kind: 'accepted', duplicate: true });
  });

  test('an answer to another event, or to none, settles nothing', async () => {
    const { proxy, client } = await unanswered({ kind: 'drop' });
    const sent = client.publish(proxy.url, note('mine'));
    await until(() => proxy.received().length === 1, 'the event');
    proxy.say(['OK', note('another').id, true, '']);
    proxy.say(['OK', '', true, '']);
    expect(await sent).toMatchObject({ kind: 'unknown' });
  });

  test('words with control characters arrive as one bounded line', async () => {
    const { proxy, client } = await onEvents({
      kind: 'reject',
      message: `blocked: \u001b[31m\r\n${'x'.repeat(999)}`,
    });
    const outcome = await client.publish(proxy.url, note('words'));
    expect(outcome).toMatchObject({ kind: 'rejected', prefix: 'blocked' });
    expect(JSON.stringify(outcome)).toMatch(/^[\x20-\x7e]{1,260}$/);
    expect(JSON.stringify(outcome)).not.toContain('\\u001b');
  });
});

describe('many events at once', () => {
  test('the same event asked for twice is sent once and answered to both', async () => {
    const { proxy, client } = await scene(() => undefined);
    const event = note('shared');
    const outcomes = await Promise.all([1, 2].map(() => client.publish(proxy.url, event)));
    expect(outcomes).toEqual(Array(2).fill({ kind: 'accepted', duplicate: false }));
    expect(proxy.received()).toHaveLength(1);
  });

  test('more than may wait are turned away unsent', async () => {
    const limits = { pendingPublishes: 3, answerMs: 100 };
    const { proxy, client } = await scene(() => ({ kind: 'drop' }), limits);
    const events = ['a', 'b', 'c', 'd'].map(note);
    const kinds = (await Promise.all(events.map((event) => client.publish(proxy.url, event)))).map(
      ({ kind }) => kind,
    );
    expect(kinds).toEqual(['unknown', 'unknown', 'unknown', 'not_sent']);
  });

  test('a relay that has stopped reading is not written to without end', async () => {
    const frozen = await forThisTest(listenOnLoopback({ onConnection: (socket) => socket.pause() }));
    const client = startClient([frozen.url], { limits: { bufferedBytes: 100_000, answerMs: 200 } });
    await until(() => client.state(frozen.url).phase === 'connected', 'the connection');
    const large = note('x'.repeat(500_000));
    const events = Array.from({ length: 40 }, (_, n) => ({ ...large, id: `${n}` as EventId }));
    const outcomes = await Promise.all(events.map((event) => client.publish(frozen.url, event)));
    expect(outcomes[0]).toMatchObject({ kind: 'unknown' });
    const reason = 'not ready to be written to within 0.2 s';
    expect(outcomes.at(-1)).toEqual({ kind: 'not_sent', reason });
  });
});
