/** Protocol versions. A change that an old client would misread raises the number. */
import { DaemonError } from '../../errors.ts';

export const protocolVersions = { min: 1, max: 1 } as const;

/** Optional parts of the protocol, by name, so that a client need not guess from version numbers. */
export const features: readonly string[] = ['batch', 'progress', 'notices'];

/** The newest version both ranges hold. Error: `unsupported` when they do not meet. */
export function agreeOnVersion(theirs: { readonly min: number; readonly max: number }): number {
  const version = Math.min(theirs.max, protocolVersions.max);
  if (version >= theirs.min && version >= protocolVersions.min) return version;
  throw new DaemonError(
    'unsupported',
    `this daemon speaks protocol versions ${protocolVersions.min} to ${protocolVersions.max}, the client ${theirs.min} to ${theirs.max}`,
    { repair: theirs.min > protocolVersions.max ? 'upgrade dialogd' : 'upgrade the client' },
  );
}
