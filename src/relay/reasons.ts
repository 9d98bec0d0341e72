/** Why a connection failed or ended, in words a person understands: what `lastError` shows. */

/** Of errors of sockets and TLS, by their code. */
export const REASONS_BY_CODE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  ENOTFOUND: 'name not found',
  EAI_AGAIN: 'name lookup failed',
  ETIMEDOUT: 'no answer from the network',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  EADDRNOTAVAIL: 'network unreachable',
  EPROTO: 'TLS: the relay does not speak TLS on this port',
  ERR_SSL_WRONG_VERSION_NUMBER: 'TLS: the relay does not speak TLS on this port',
  CERT_HAS_EXPIRED: 'TLS: its certificate has expired',
  CERT_NOT_YET_VALID: 'TLS: its certificate is not valid yet (is the clock right?)',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'TLS: its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'TLS: its certificate is self-signed',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'TLS: its certificate comes from an unknown issuer',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'TLS: its certificate comes from an unknown issuer',
  ERR_TLS_CERT_ALTNAME_INVALID: 'TLS: its certificate is for another name',
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'sent a message that is too large',
};

/** Of an error of a socket, of TLS, of the HTTP upgrade or of the WebSocket protocol. */
export function reasonOfError(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const known = REASONS_BY_CODE[code];
  if (known !== undefined) return known;
  const status = /^Unexpected server response: (\d+)/.exec(error.message)?.[1];
  if (status !== undefined) return `not a relay: HTTP ${status}`;
  if (code.startsWith('HPE_')) return 'not a relay: does not speak HTTP';
  if (code.startsWith('WS_ERR_')) return 'broke the WebSocket protocol';
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) return `TLS: ${error.message}`;
  return error.message || code || 'connection failed';
}

/** Of a close frame (RFC 6455 section 7.4.1); `words` as the peer sent them, made readable. */
export function reasonOfClose(code: number, words: string): string {
  const said = words === '' ? '' : `: ${words}`;
  switch (code) {
    case 1000:
    case 1005:
      return `closed by the relay${said}`;
    case 1001:
      return `the relay is going away${said}`;
    case 1006:
      return 'connection lost';
    default:
      return `closed by the relay (${code})${said}`;
  }
}
