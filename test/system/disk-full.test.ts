import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createInstallation } from '../support/program.ts';
import { startRelay } from '../support/relay.ts';

/** Why this suite cannot run here; undefined: it can. */
function hindrance(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root';
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'needs the right to mount in a namespace of its own';
  }
}

/**
 * A state directory on a disk of 4 MiB, in a mount namespace: init, fill the disk, start, make room, start again.
 * Prints the exit code of the first start and of the last status.
 */
const SCRIPT = `
set -u
mkdir -p "$STATE" && mount -t tmpfs -o size=4m,mode=700 tmpfs "$STATE"
"$NODE" "$CTL" init --relay "$RELAY" --inbox "$RELAY" >/dev/null || exit 1
head -c 4m /dev/zero > "$STATE/filler" 2>/dev/null
"$NODE" "$DAEMON" 2>"$HOME/first.log"; echo "first start: $?"
grep -o 'disk_full' "$HOME/first.log" | head -n 1
rm "$STATE/filler"
"$NODE" "$DAEMON" 2>/dev/null & daemon=$!
for attempt in $(seq 100); do
  "$NODE" "$CTL" status >"$HOME/status" 2>&1 && break
done
head -n 1 "$HOME/status"
kill "$daemon"; wait "$daemon"; echo "second start: $?"
`;

/** The same on 100 MiB, where space was set aside: somebody else fills all of the rest while the daemon is away. */
const RESERVED = `
set -u
mkdir -p "$STATE" && mount -t tmpfs -o size=100m,mode=700 tmpfs "$STATE"
"$NODE" "$CTL" init --relay "$RELAY" --inbox "$RELAY" >/dev/null || exit 1
run() {
  "$NODE" "$DAEMON" 2>"$HOME/$1.log" & daemon=$!
  for attempt in $(seq 300); do
    "$NODE" "$CTL" status >"$HOME/status" 2>&1; grep -q '11/11 published' "$HOME/status" && break
  done
  grep -o '11/11 published' "$HOME/status" | head -n 1
  [ "$1" = full ] && grep -o 'disk_low' "$HOME/status" | head -n 1
  test -f "$STATE/reserve" && echo "reserve" || echo "no reserve"
  kill "$daemon"; wait "$daemon"; echo "$1: $?"
}
run first
head -c 100m /dev/zero > "$STATE/filler" 2>/dev/null
run full
rm "$STATE/filler"
run again
`;

const reason = hindrance();
const skipped = reason === undefined ? '' : ` (${reason})`;

async function printedBy(script: string): Promise<string> {
  const installation = await createInstallation();
  const relay = await startRelay();
  const dist = join(import.meta.dirname, '../../dist');
  try {
    const { stdout } = await promisify(execFile)(
      'unshare',
      ['--mount', '--propagation', 'private', 'bash', '-c', script],
      {
        env: {
          ...installation.env,
          NODE: process.execPath,
          CTL: join(dist, 'cli/main.js'),
          DAEMON: join(dist, 'daemon/main.js'),
          STATE: installation.stateDir,
          RELAY: relay.url,
        },
      },
    );
    return stdout;
  } finally {
    await relay.stop();
    await installation.remove();
  }
}

test.skipIf(reason !== undefined)(
  `on a full disk the daemon says so and exits 74, and with room again it loses nothing${skipped}`,
  async () => {
    const stdout = await printedBy(SCRIPT);
    expect(stdout).toContain('first start: 74\ndisk_full');
    expect(stdout).toContain('11/11 published');
    expect(stdout).toContain('second start: 0');
  },
);

test.skipIf(reason !== undefined)(
  `a disk that somebody else has filled does not keep the daemon from starting and from its work${skipped}`,
  async () => {
    expect((await printedBy(RESERVED)).trim().split('\n')).toEqual([
      ...['11/11 published', 'reserve', 'first: 0'],
      ...['11/11 published', 'disk_low', 'no reserve', 'full: 0'],
      ...['11/11 published', 'reserve', 'again: 0'],
    ]);
  },
);
