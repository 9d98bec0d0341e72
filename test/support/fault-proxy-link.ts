import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import type { NostrEvent } from '../../src/records.ts';
import type { Exchange, Fault, Message } from './fault-proxy-faults.ts';
import type { EventHistory } from './fault-proxy-history.ts';

/** How long a reordered message waits for another to overtake it. */
const OVERTAKE_MS = 100;

type Direction = Exchange['direction'];

export interface LinkOptions {
  readonly client: WebSocket;
  readonly upstream: WebSocket;
  readonly history: EventHistory;
  /** The fate of one message; called once for each, in order of arrival. */
  fate(direction: Direction, message: Message): Fault;
}

/** Joins one client to the relay behind the proxy and lets every message meet its fate. */
export function joinLink({ client, upstream, history, fate }: LinkOptions): void {
  const early: string[] = [];
  const held = new Map<Direction, () => void>();
  const unanswered = new Set<unknown>();
  const stale = new Set<unknown>();
  const challenge = randomUUID();

  const write = (direction: Direction, message: Message) => {
    const frame = JSON.stringify(message);
    if (direction === 'from_relay') client.send(frame);
    else if (answers(message, challenge)) client.send(JSON.stringify(['OK', idOf(message), true, '']));
    else if (upstream.readyState === WebSocket.CONNECTING) early.push(frame);
    else upstream.send(frame);
  };
  const release = (direction: Direction) => {
    const overtaken = held.get(direction);
    held.delete(direction);
    overtaken?.();
  };
  const forward = (direction: Direction, message: Message) => {
    write(direction, message);
    release(direction);
  };

  const meet = (direction: Direction, message: Message) => {
    const fault = fate(direction, message);
    switch (fault.kind) {
      case 'drop':
        return;
      case 'delay':
        setTimeout(() => forward(direction, message), fault.ms);
        return;
      case 'duplicate':
        forward(direction, message);
        return forward(direction, message);
      case 'reorder':
        if (held.has(direction)) return forward(direction, message);
        held.set(direction, () => write(direction, message));
        setTimeout(() => release(direction), OVERTAKE_MS);
        return;
      case 'close':
        if (fault.when === 'after') forward(direction, message);
        return breakOff();
      case 'reject':
        return direction === 'to_relay' ? refuse(message, fault.message) : forward(direction, message);
      case 'demand_auth':
        if (direction === 'from_relay') return forward(direction, message);
        client.send(JSON.stringify(['AUTH', challenge]));
        return refuse(message, 'auth-required: who are you?');
      case 'lose_answer':
        unanswered.add(idOf(message));
        return forward(direction, message);
      case 'serve_stale':
        stale.add(message[1]);
        return forward(direction, message);
      case 'pass':
        return forward(direction, message);
    }
  };

  const refuse = (message: Message, words: string) => {
    const answer = message[0] === 'REQ' ? ['CLOSED', message[1], words] : ['OK', idOf(message), false, words];
    client.send(JSON.stringify(answer));
  };
  /** What is on its way to the relay still arrives; nothing comes back. */
  const breakOff = () => {
    upstream.removeAllListeners('message');
    if (upstream.readyState !== WebSocket.CONNECTING) upstream.close();
    client.terminate();
  };
  const fromClient = (message: Message) => {
    if (message[0] === 'EVENT') history.remember(message[1] as NostrEvent);
    meet('to_relay', message);
  };
  const fromRelay = (message: Message) => {
    if (message[0] === 'OK' && unanswered.delete(message[1])) return;
    if (message[0] !== 'EVENT' || !stale.has(message[1])) return meet('from_relay', message);
    const older = history.before(message[2] as NostrEvent);
    if (older !== undefined) meet('from_relay', ['EVENT', message[1], older]);
  };

  client.on('message', (data) => fromClient(JSON.parse(String(data))));
  upstream.on('message', (data) => fromRelay(JSON.parse(String(data))));
  upstream.on('open', () => {
    for (const frame of early) upstream.send(frame);
    if (client.readyState !== WebSocket.OPEN) upstream.close();
  });
  upstream.on('close', () => client.terminate());
  client.on('close', () => {
    if (upstream.readyState === WebSocket.OPEN) upstream.close();
  });
  upstream.on('error', () => client.terminate());
}

function idOf(message: Message): unknown {
  return (message[1] as NostrEvent).id;
}

function answers(message: Message, challenge: string): boolean {
  if (message[0] !== 'AUTH') return false;
  return (message[1] as NostrEvent).tags.some(([name, value]) => name === 'challenge' && value === challenge);
}
