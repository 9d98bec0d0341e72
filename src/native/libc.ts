import { createRequire } from 'node:module';

/** What Node cannot ask of the operating system, by way of libc. */
export interface Libc {
  /** Sends one datagram to a Unix socket; `@` at the start stands for an abstract address. Error: with its errno. */
  sendDatagram(address: string, bytes: Uint8Array): void;
  /** Effective user id of the process at the other end of a Unix stream socket, as it was when it connected. */
  peerUid(fd: number): number | undefined;
  /** No core dump, and no debugger of the same user (prctl(2), PR_SET_DUMPABLE). False where there is no such thing. */
  makeUndumpable(): boolean;
}

type Koffi = typeof import('koffi');

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const PR_SET_DUMPABLE = 4;
/** `sun_path` of sockaddr_un (unix(7)). */
const MAX_ADDRESS_BYTES = 108;

/**
 * Undefined where the optional package koffi is not installed or does not fit this machine; callers have another way, or do without and say so.
 */
export function loadLibc(): Libc | undefined {
  if (process.platform !== 'linux' && process.platform !== 'darwin') return undefined;
  let koffi: Koffi;
  try {
    koffi = createRequire(import.meta.url)('koffi');
  } catch {
    return undefined;
  }
  return process.platform === 'linux' ? linux(koffi) : darwin(koffi);
}

function linux(koffi: Koffi): Libc {
  // The functions of the running program itself, whichever libc it is linked with.
  const self = koffi.load(null);
  const socket = self.func('int socket(int, int, int)');
  const close = self.func('int close(int)');
  const sendto = self.func('long sendto(int, const void *, size_t, int, const void *, uint32_t)');
  const getsockopt = self.func('int getsockopt(int, int, int, void *, _Inout_ uint32_t *)');
  const prctl = self.func('int prctl(int, ulong, ulong, ulong, ulong)');

  return {
    sendDatagram(address, bytes) {
      const target = socketAddress(address);
      const fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) as number;
      const sent = fd < 0 ? -1 : sendto(fd, bytes, bytes.length, MSG_NOSIGNAL, target, target.length);
      const errno = koffi.errno();
      if (fd >= 0) close(fd);
      if (Number(sent) !== bytes.length) throw new Error(`sendto ${address}: errno ${errno}`);
    },
    peerUid(fd) {
      // struct ucred: pid, uid, gid, of 32 bits each (unix(7)).
      const credentials = Buffer.alloc(12);
      const known = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, credentials, [credentials.length]) === 0;
      return known ? new DataView(credentials.buffer, credentials.byteOffset).getUint32(4, true) : undefined;
    },
    makeUndumpable: () => prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) === 0,
  };
}

function darwin(koffi: Koffi): Libc {
  const getpeereid = koffi.load(null).func('int getpeereid(int, _Out_ uint32_t *, _Out_ uint32_t *)');
  return {
    sendDatagram(address) {
      throw new Error(`nobody listens for datagrams at ${address} on this system`);
    },
    peerUid(fd) {
      const uid: number[] = [0];
      return getpeereid(fd, uid, [0]) === 0 ? uid[0] : undefined;
    },
    makeUndumpable: () => false,
  };
}

/** sockaddr_un: family, then the path; an abstract address starts with a zero byte and has none at its end. */
function socketAddress(address: string): Buffer {
  const path = Buffer.from(address.startsWith('@') ? `\0${address.slice(1)}` : `${address}\0`);
  if (path.length > MAX_ADDRESS_BYTES) throw new Error(`${address} is too long for the address of a socket`);
  const family = Buffer.alloc(2);
  family[process.platform === 'linux' && littleEndian ? 0 : 1] = AF_UNIX;
  return Buffer.concat([family, path]);
}

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
