import { DaemonError } from '../errors.ts';

/** Bytes of `sun_path` without its closing NUL: unix(7) on Linux, the BSDs' <sys/un.h> on macOS. */
const maxBytes = (platform: NodeJS.Platform): number => (platform === 'linux' ? 107 : 103);

/** Error: `config_invalid`. Longer paths would be cut off silently by some systems. */
export function checkSocketPath(path: string, platform: NodeJS.Platform = process.platform): void {
  const length = Buffer.byteLength(path);
  if (length <= maxBytes(platform)) return;
  throw new DaemonError(
    'config_invalid',
    `the socket path ${path} has ${length} bytes, and this system allows ${maxBytes(platform)}`,
    { repair: 'choose a runtime directory with a shorter path, with --runtime-dir' },
  );
}
