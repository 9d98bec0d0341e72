import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { arch, platform, release } from 'node:os';
import { VERSION } from '../../version.ts';
import { version } from './harmless.ts';

/** Versions of everything below the daemon. A release may carry the name of whoever built it: its numbers alone. */
export async function machineLines(env: NodeJS.ProcessEnv): Promise<string[]> {
  const [kernel = ''] = /^\d+(\.\d+)*/.exec(release()) ?? [];
  return [
    `dialogctl ${version(VERSION)}`,
    `Node ${version(process.versions.node)}`,
    `${platform()} ${version(kernel)} ${arch()}`,
    ...(await distribution()),
    ...(await systemd(env)),
  ];
}

/** os-release(5) */
async function distribution(): Promise<string[]> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const value = (key: string): string =>
    new RegExp(`^${key}="?([a-z0-9.]{1,20})"?$`, 'm').exec(text)?.[1] ?? 'unknown';
  return text === '' ? [] : [`${value('ID')} ${value('VERSION_ID')}`];
}

function systemd(env: NodeJS.ProcessEnv): Promise<string[]> {
  return new Promise((resolve) => {
    execFile('systemctl', ['--version'], { env, timeout: 5_000 }, (_error, stdout) => {
      const [, number] = /^systemd (\d+)/.exec(stdout) ?? [];
      resolve([number === undefined ? 'no systemd' : `systemd ${number}`]);
    });
  });
}
