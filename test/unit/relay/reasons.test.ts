import { describe, expect, test } from 'vitest';
import { reasonOfClose, reasonOfError } from '../../../src/relay/reasons.ts';

const error = (code: string | undefined, message = '') => Object.assign(new Error(message), { code });

describe('why a connection failed, for a person', () => {
  test.each([
    [error('ECONNREFUSED'), 'connection refused'],
    [
      Object.assign(new AggregateError([error('ECONNREFUSED')]), { code: 'ECONNREFUSED' }),
      'connection refused',
    ],
    [error('ENOTFOUND', 'getaddrinfo ENOTFOUND relay.example'), 'name not found'],
    [error('EAI_AGAIN'), 'name lookup failed'],
    [error('EHOSTUNREACH'), 'host unreachable'],
    [error('CERT_HAS_EXPIRED'), 'TLS: its certificate has expired'],
    [error('DEPTH_ZERO_SELF_SIGNED_CERT'), 'TLS: its certificate is self-signed'],
    [error('ERR_TLS_CERT_ALTNAME_INVALID'), 'TLS: its certificate is for another name'],
    [error('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'alert protocol version'), 'TLS: alert protocol version'],
    [error(undefined, 'Unexpected server response: 502'), 'not a relay: HTTP 502'],
    [error('HPE_INVALID_CONSTANT'), 'not a relay: does not speak HTTP'],
    [error('WS_ERR_INVALID_OPCODE'), 'broke the WebSocket protocol'],
    [error('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'), 'sent a message that is too large'],
    [error('ESOMETHING'), 'ESOMETHING'],
    [error(undefined), 'connection failed'],
  ])('%s', (cause, reason) => {
    expect(reasonOfError(cause)).toBe(reason);
  });
});

describe('why a connection ended, for a person', () => {
  test.each([
    [1000, '', 'closed by the relay'],
    [1005, '', 'closed by the relay'],
    [1001, 'restarting', 'the relay is going away: restarting'],
    [1006, '', 'connection lost'],
    [1008, 'too many connections', 'closed by the relay (1008): too many connections'],
  ])('close code %i %j', (code, words, reason) => {
    expect(reasonOfClose(code, words)).toBe(reason);
  });
});
