import { describe, expect, test } from 'vitest';
import type { Filter } from '../../src/ports.ts';
import type { NostrEvent } from '../../src/records.ts';
import { createAccount } from '../support/nostr.ts';
import { startRelay } from '../support/relay.ts';
import { ago, forThisTest, startClient } from '../support/relay-client.ts';
import { until } from '../support/until.ts';

const author = createAccount('author');
const stranger = createAccount('stranger');

/** The relay of the tests, asked the way a daemon asks it. */
async function relayAndClient() {
  const relay = await forThisTest(startRelay());
  const client = startClient([relay.url]);
  await until(() => client.state(relay.url).phase === 'connected', 'the connection');
  const publish = (event: NostrEvent) => client.publish(relay.url, event);
  const fetch = async (filter: Filter) => {
    const outcome = await client.fetch(relay.url, filter);
    return outcome.kind === 'complete' ? outcome.events : outcome.kind;
  };
  return { relay, publish, fetch };
}

const slot = (created_at: number, d: string, content = '') =>
  author.sign({ kind: 30443, created_at, content, tags: [['d', d]] });

describe('the relay that tests run against behaves like one', () => {
  test('one addressable event a slot: the newest, then the lower id; other slots are untouched', async () => {
    const { publish, fetch } = await relayAndClient();
    const [old, other] = [slot(100, 'one'), slot(100, 'two')];
    const rivals = ['a', 'b'].map((content) => slot(200, 'one', content));
    const [winner, loser] = rivals.sort((a, b) => (a.id < b.id ? -1 : 1)) as [NostrEvent, NostrEvent];
    for (const event of [old, other, loser, winner])
      expect(await publish(event)).toMatchObject({ kind: 'accepted' });
    for (const event of [loser, old]) {
      expect(await publish(event)).toMatchObject({ kind: 'rejected', prefix: 'replaced' });
    }
    expect(await fetch({ kinds: [30443] })).toEqual([winner, other]);
    expect(await fetch({ '#d': ['two'] })).toEqual([other]);
  });

  test('one replaceable event a kind and author', async () => {
    const { publish, fetch } = await relayAndClient();
    const lists = [author, stranger].flatMap((account) => [
      account.sign({ kind: 10002, created_at: 100 }),
      account.sign({ kind: 10002, created_at: 200 }),
    ]);
    for (const list of lists) await publish(list);
    expect(await fetch({ kinds: [10002], authors: [author.publicKey] })).toEqual([lists[1]]);
    expect(await fetch({ kinds: [10002], limit: 1 })).toHaveLength(1);
  });

  test('a deletion request removes what its author published, for good, and nobody else may ask for it', async () => {
    const { publish, fetch } = await relayAndClient();
    const [one, two] = [slot(100, 'one'), slot(100, 'two')];
    for (const event of [one, two]) await publish(event);
    const tags = [
      ['e', one.id],
      ['a', `30443:${author.publicKey}:two`],
    ];
    await publish(stranger.sign({ kind: 5, created_at: 150, tags }));
    expect(await fetch({ kinds: [30443] })).toHaveLength(2);
    await publish(author.sign({ kind: 5, created_at: 150, tags }));
    expect(await fetch({ kinds: [30443] })).toEqual([]);
    for (const event of [one, two]) expect(await publish(event)).toMatchObject({ prefix: 'deleted' });
    expect(await publish(slot(200, 'two'))).toMatchObject({ kind: 'accepted' });
  });

  test('an expired event is neither taken nor served', async () => {
    const { relay, publish, fetch } = await relayAndClient();
    const expired = author.sign({ tags: [['expiration', String(ago(1))]] });
    expect(await publish(expired)).toMatchObject({ kind: 'rejected' });
    relay.repository.store(expired);
    expect(await fetch({ ids: [expired.id] })).toEqual([]);
  });

  test('a forged event is not taken', async () => {
    const { relay, publish } = await relayAndClient();
    expect(await publish({ ...author.sign(), content: 'forged' })).toMatchObject({ prefix: 'invalid' });
    expect(relay.events()).toEqual([]);
  });
});
