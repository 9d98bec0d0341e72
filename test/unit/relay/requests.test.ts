import { describe, expect, test } from 'vitest';
import { createRequests } from '../../../src/relay/requests.ts';
import { createManualClock } from '../../support/clock.ts';

/** Requests to a relay that is a list of frames; `stuck` makes it take none. */
function setUp(pending = 10) {
  const clock = createManualClock();
  const written: string[] = [];
  const relay = { stuck: false };
  const requests = createRequests<string>(
    { clock },
    {
      pending,
      boundMs: 10_000,
      send: (frame) => !relay.stuck && written.push(frame) > 0,
      unanswered: (sent, reason) => `${sent ? 'unknown' : 'not sent'}: ${reason}`,
    },
  );
  return { clock, written, relay, requests };
}

describe('a question to a relay', () => {
  test('waits unwritten until the relay is ready, and is held back while it is not', async () => {
    const { written, requests } = setUp();
    const [one, two] = [requests.ask('1', 'one'), requests.ask('2', 'two')];
    expect(written).toEqual([]);
    requests.release();
    requests.hold();
    const three = requests.ask('3', 'three');
    expect(written).toEqual(['one', 'two']);
    requests.release();
    for (const key of ['1', '2', '3']) requests.settle(key, `answer ${key}`);
    expect(await Promise.all([one, two, three])).toEqual(['answer 1', 'answer 2', 'answer 3']);
    expect(written).toEqual(['one', 'two', 'three']);
  });

  test('ends after its bound, and says whether it was written', async () => {
    const { clock, relay, requests } = setUp();
    requests.release();
    const sent = requests.ask('1', 'one');
    relay.stuck = true;
    const unsent = requests.ask('2', 'two');
    clock.advance(10);
    expect(await sent).toBe('unknown: no answer within 10 s');
    expect(await unsent).toBe('not sent: not ready to be written to within 10 s');
    expect(clock.pending()).toBe(0);
  });

  test('ends with the connection', async () => {
    const { clock, requests } = setUp();
    requests.release();
    const sent = requests.ask('1', 'one');
    requests.hold();
    const unsent = requests.ask('2', 'two');
    requests.lost('reset');
    expect(await Promise.all([sent, unsent])).toEqual(['unknown: reset', 'not sent: reset']);
    expect(clock.pending()).toBe(0);
  });
});

describe('a question refused for want of authentication', () => {
  function refusedOnce() {
    const parts = setUp();
    parts.requests.release();
    return { ...parts, answer: parts.requests.ask('1', 'one') };
  }

  test('asked before we were known and refused after is written again at once', async () => {
    const { written, requests, answer } = refusedOnce();
    requests.refused('1', 'refused', 'authenticated');
    expect(written).toEqual(['one', 'one']);
    requests.settle('1', 'yes');
    expect(await answer).toBe('yes');
  });

  test('waits for authentication, and the refusal is the answer when it never comes', async () => {
    const { clock, written, requests, answer } = refusedOnce();
    requests.refused('1', 'refused', 'asked');
    clock.advance(10);
    expect(await answer).toBe('refused');
    expect(written).toEqual(['one']);
  });

  test('is unknown when it was written again and then lost', async () => {
    const { requests, answer } = refusedOnce();
    requests.refused('1', 'refused', 'asked');
    requests.release();
    requests.lost('reset');
    expect(await answer).toBe('unknown: reset');
  });

  test('a refusal of what was never written is some other answer, come late', async () => {
    const { written, requests } = setUp();
    const answer = requests.ask('1', 'one');
    requests.refused('1', 'refused', 'failed');
    requests.release();
    requests.settle('1', 'yes');
    expect(await answer).toBe('yes');
    expect(written).toEqual(['one']);
  });
});
