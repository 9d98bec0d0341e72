/** The exchanges in docs/rpc: read from Markdown, said again to a server, compared. */
import { expect } from 'vitest';
import { isMethodName, methods } from '../../../src/ipc/protocol/methods.ts';
import { type NotificationName, notifications } from '../../../src/ipc/protocol/notifications.ts';
import type { Line, RawClient } from './raw-client.ts';

export interface Exchange {
  readonly socket: 'full' | 'readOnly';
  /**
   * `stable`: every daemon answers exactly this. `abridged`: the document leaves things out. Otherwise the
   * values are those of one daemon at one time, and another's have the same shape.
   */
  readonly values: 'stable' | 'sample' | 'abridged';
  readonly lines: readonly { readonly from: 'client' | 'daemon'; readonly value: Line }[];
}

const BLOCK = /^```jsonl exchange([^\n]*)\n(.*?)^```$/gms;
const ARROWS = { '--> ': 'client', '<-- ': 'daemon' } as const;

export function readExchanges(markdown: string): Exchange[] {
  return [...markdown.matchAll(BLOCK)].map(([, marks = '', body = '']) => ({
    socket: marks.includes('read-only') ? 'readOnly' : 'full',
    values: marks.includes('stable') ? 'stable' : marks.includes('abridged') ? 'abridged' : 'sample',
    lines: body
      .trimEnd()
      .split('\n')
      .map((line) => ({
        from: ARROWS[line.slice(0, 4) as keyof typeof ARROWS],
        value: JSON.parse(line.slice(4)),
      })),
  }));
}

/** Says it to a daemon with the sample handlers, or to any other, and compares what comes back. */
export const replay = (exchange: Exchange, client: RawClient, to: 'samples' | 'any daemon'): Promise<void> =>
  exchange.values === 'stable' || (exchange.values === 'sample' && to === 'samples')
    ? replayExactly(exchange, client)
    : replayByShape(exchange, client);

/** Every line must come back as it is written. */
async function replayExactly({ lines }: Exchange, client: RawClient): Promise<void> {
  for (const { from, value } of lines) {
    if (from === 'client') client.send(`${JSON.stringify(value)}\n`);
    else expect(await client.next()).toEqual(value);
  }
}

/** Every answer must fit the schema of its method, or be the same error; notifications come as they like. */
async function replayByShape({ lines }: Exchange, client: RawClient): Promise<void> {
  const asked = new Map<unknown, string>();
  for (const { from, value } of lines) {
    if (from === 'client') {
      asked.set(value.id, value.method ?? '');
      client.send(`${JSON.stringify(value)}\n`);
    } else if (value.method === undefined) {
      expectSameShape(await nextAnswer(client), value, asked.get(value.id) ?? '');
    } else {
      expectNotification(value);
    }
  }
}

async function nextAnswer(client: RawClient): Promise<Line> {
  for (;;) {
    const line = await client.next();
    if (line === undefined) throw new Error('the connection ended before the answer');
    if (line.method === undefined) return line;
    expectNotification(line);
  }
}

function expectNotification({ method, params }: Line): void {
  notifications[method as NotificationName].parse(params);
}

function expectSameShape(actual: Line, written: Line, method: string): void {
  expect(actual.id).toEqual(written.id);
  if (written.error !== undefined) {
    expect(actual.error?.code).toBe(written.error.code);
    return;
  }
  if (!isMethodName(method)) throw new Error(`no method ${method}`);
  for (const { result } of [written, actual]) methods[method].result.parse(result);
}
