import { describe, expect, test } from 'vitest';
import type { RelayUrl } from '../../../src/ids.ts';
import type { EventTemplate, SignerOutcome } from '../../../src/ports.ts';
import type { NostrEvent } from '../../../src/records.ts';
import { createAuth } from '../../../src/relay/auth.ts';
import { defaultLimits } from '../../../src/relay/limits.ts';
import { createTurns } from '../../../src/relay/turns.ts';
import { createManualClock } from '../../support/clock.ts';
import { createRecordingLog } from '../../support/log.ts';
import { createAccount } from '../../support/nostr.ts';
import { createSeededRandom } from '../../support/random.ts';
import { until } from '../../support/until.ts';

const account = createAccount('member');

/** NIP-42 with a signer that signs when told to. */
function setUp() {
  const clock = createManualClock();
  const sent: NostrEvent[] = [];
  const settled: boolean[] = [];
  const asked: { challenge: string; sign(): void }[] = [];
  const sign = (template: EventTemplate) =>
    new Promise<SignerOutcome<NostrEvent>>((resolve) => {
      const challenge = template.tags[1]?.[1] ?? '';
      asked.push({ challenge, sign: () => resolve({ kind: 'ok', value: account.sign(template) }) });
    });
  const random = createSeededRandom('auth');
  const crypto = { verifyEvent: () => true };
  const log = createRecordingLog();
  const auth = createAuth(
    { clock, random, crypto, sign, log, limits: defaultLimits, turns: createTurns() },
    'wss://relay.example' as RelayUrl,
    {
      send: (frame) => sent.push(JSON.parse(frame)[1]) > 0,
      onChallenge() {},
      onSettled: (authenticated) => settled.push(authenticated),
    },
  );
  auth.opened();
  const challengesSent = () => sent.map(({ tags }) => tags[1]?.[1]);
  return { clock, auth, asked, sent, settled, challengesSent, log };
}

/** Everything that was ready to run has run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a challenge', () => {
  test('repeated while it is being answered is one question to the signer', () => {
    const { auth, asked } = setUp();
    for (let n = 0; n < 3; n++) auth.onChallenge('one');
    expect(asked.map(({ challenge }) => challenge)).toEqual(['one']);
  });

  test('takes the place of an earlier one: only the newest answer is sent', async () => {
    const { auth, asked, challengesSent } = setUp();
    auth.onChallenge('one');
    auth.onChallenge('two');
    for (const question of asked) question.sign();
    await until(() => challengesSent().length > 0, 'an answer');
    await settle();
    expect(challengesSent()).toEqual(['two']);
  });

  test('signed after the connection ended is not answered on the next one', async () => {
    const { auth, asked, sent } = setUp();
    auth.onChallenge('one');
    auth.down();
    auth.opened();
    asked[0]?.sign();
    await settle();
    expect(sent).toEqual([]);
    expect(auth.state()).toBe('not_asked');
  });

  test('once seen is worth waiting for at the next connection', () => {
    const { auth } = setUp();
    expect(auth.patienceMs()).toBe(100);
    auth.onChallenge('one');
    auth.down();
    auth.opened();
    expect(auth.patienceMs()).toBe(3_000);
  });
});

describe('an answer', () => {
  test('that the relay ignores has failed after 10 s, and is given again, with a line for each time', async () => {
    const { clock, auth, asked, sent, settled, log } = setUp();
    auth.onChallenge('one');
    for (let attempt = 1; attempt <= 3; attempt++) {
      await until(() => asked.length === attempt, 'the question');
      asked.at(-1)?.sign();
      await until(() => sent.length === attempt, 'the answer');
      clock.advance(15);
      expect(auth.state()).toBe('failed');
    }
    expect(settled).not.toContain(true);
    expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(3);
  });

  test('counts when the relay says OK to it, and to nothing else', async () => {
    const { clock, auth, asked, sent, settled } = setUp();
    auth.onChallenge('one');
    asked[0]?.sign();
    const { id } = await until(() => sent[0], 'the answer');
    expect(auth.onOk(account.sign().id, true, '')).toBe(false);
    expect(auth.state()).toBe('asked');
    expect(auth.onOk(id, true, '')).toBe(true);
    expect(auth.state()).toBe('authenticated');
    expect(settled).toEqual([true]);
    expect(clock.pending()).toBe(0);
  });
});
