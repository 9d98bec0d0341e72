/** `dialogctl top` as a person has it: the built program on a terminal of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startTestServer } from '../support/rpc/server.ts';
import { until } from '../support/until.ts';

const DIALOGCTL = join(import.meta.dirname, '../../dist/cli/main.js');
const BOUND_MS = 20_000;
const LEFT_SCREEN = '\u001b[?7h\u001b[?25h\u001b[?1049l';

/** script(1) of util-linux makes a pseudo terminal; that of BSD takes other arguments. */
const pseudoTerminals = String(spawnSync('script', ['--version']).stdout).includes('util-linux');

/** Runs `dialogctl top` in a shell on a terminal of this size; the shell tells how it ended. */
async function topOnTerminal(columns: number, rows: number) {
  const { runtimeDir } = await startTestServer();
  const command = [
    `stty cols ${columns} rows ${rows}`,
    `"${process.execPath}" "${DIALOGCTL}" top --runtime-dir "${runtimeDir}"`,
    'echo "ended with $?,$(stty -a | grep -o ".icanon")"',
  ].join('; ');
  const child: ChildProcess = spawn('script', ['--quiet', '--command', command, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm', NO_COLOR: '1', SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let written = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    written += text;
  });
  const exited = once(child, 'exit');
  await until(() => written.includes('q quit'), 'the first picture', BOUND_MS);
  return { child, exited, written: () => written };
}

describe.skipIf(!pseudoTerminals)('on a pseudo terminal', () => {
  test.each([
    ['q', 'q'],
    ['Ctrl-C', '\u0003'],
  ])('a picture of exactly its size, and at %s the terminal is as it was', async (_key, typed) => {
    const { child, exited, written } = await topOnTerminal(72, 20);
    const [, picture = ''] = written().split('\u001b[1;1H');
    const lines = picture.split('\u001b').map((line) => line.replace(/^\[\d+;1H/, ''));
    expect(lines).toHaveLength(20);
    for (const line of lines) expect(line).toHaveLength(72);
    expect(lines[0]).toContain('11/11 published');
    child.stdin?.write(typed);
    await exited;
    const [, after = ''] = written().split(LEFT_SCREEN);
    expect(after.trim()).toBe('ended with 0, icanon');
  });
});
