import {
  createOutgoingClosedMessage,
  createOutgoingNoticeMessage,
  createOutgoingOkMessage,
  type HandleMessagePlugin,
  LogLevel,
  MessageType,
} from '@nostr-relay/common';
import { NostrRelay } from '@nostr-relay/core';
import { Validator } from '@nostr-relay/validator';
import type { WebSocket } from 'ws';
import type { NostrEvent } from '../../src/records.ts';
import { MemoryRepository } from './relay-repository.ts';
import { LOOPBACK, type LoopbackServer, listenOnLoopback } from './relay-server.ts';

export interface RelayOptions {
  /** 0 (default) takes any free port; a stopped relay's port makes this its restart. */
  readonly port?: number;
  /** What the relay holds already, for a restart. */
  readonly repository?: MemoryRepository;
  /** NIP-42: challenge at connect and serve nobody who has not authenticated. */
  readonly auth?: boolean;
  /** The relay's clock minus ours, told in the `Date` header of the upgrade response; absent: no header. */
  readonly dateOffsetSec?: number;
}

export interface TestRelay extends LoopbackServer {
  readonly repository: MemoryRepository;
  /** Everything a stranger could fetch, newest first. */
  events(): NostrEvent[];
}

/** A real relay on loopback. */
export async function startRelay(options: RelayOptions = {}): Promise<TestRelay> {
  const repository = options.repository ?? new MemoryRepository();
  const relay = createRelay(repository, options.auth ?? false);
  const validator = new Validator({ maxContentLength: 512 * 1024 });
  const server = await listenOnLoopback({
    port: options.port,
    onHeaders(headers) {
      if (options.dateOffsetSec === undefined) return;
      headers.push(`Date: ${new Date(Date.now() + options.dateOffsetSec * 1000).toUTCString()}`);
    },
    onConnection: (socket) => serve(socket, relay, validator),
  });
  return { ...server, repository, events: () => repository.events() };
}

/** The caches are off: they serve stale lists and forget to say `duplicate:`. */
function createRelay(repository: MemoryRepository, auth: boolean): NostrRelay {
  const relay = new NostrRelay(repository, {
    ...(auth ? { hostname: LOOPBACK } : {}),
    logLevel: LogLevel.ERROR,
    filterResultCacheTtl: 0,
    eventHandlingResultCacheTtl: 0,
  });
  relay.register({
    beforeHandleEvent(event) {
      const message = repository.refusal(event);
      return message === undefined ? { canHandle: true } : { canHandle: false, message };
    },
  });
  return auth ? relay.register(strangersRefused) : relay;
}

const strangersRefused: HandleMessagePlugin = {
  async handleMessage(client, message, next) {
    if (client.pubkey !== undefined) return next();
    const words = 'auth-required: we only serve known accounts';
    switch (message[0]) {
      case MessageType.EVENT:
        return client.sendMessage(createOutgoingOkMessage(message[1].id, false, words));
      case MessageType.REQ:
        return client.sendMessage(createOutgoingClosedMessage(message[1], words));
      default:
        return next();
    }
  },
};

/** Messages of one client are handled one after another. */
function serve(socket: WebSocket, relay: NostrRelay, validator: Validator): void {
  let last: Promise<unknown> = Promise.resolve();
  const handle = async (data: string) => {
    try {
      await relay.handleMessage(socket, await validator.validateIncomingMessage(data));
    } catch (error) {
      socket.send(JSON.stringify(createOutgoingNoticeMessage(`error: ${(error as Error).message}`)));
    }
  };
  relay.handleConnection(socket);
  socket.on('message', (data) => {
    last = last.then(() => handle(String(data)));
  });
  socket.on('close', () => relay.handleDisconnect(socket));
}
