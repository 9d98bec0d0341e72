import { PassThrough } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import { expect, it } from 'vitest';
import { openScreen } from '../../../src/cli/screen.ts';
import { until } from '../../support/until.ts';

/** Streams that pass for those of a terminal. */
function createTerminalStreams(isTTY = true) {
  const raw: boolean[] = [];
  const input = Object.assign(new PassThrough(), { isTTY, setRawMode: (mode: boolean) => raw.push(mode) });
  const output = Object.assign(new PassThrough(), { columns: 100, rows: 30 });
  let written = '';
  output.on('data', (chunk) => {
    written += chunk;
  });
  const screen = openScreen(input as unknown as ReadStream, output as unknown as WriteStream);
  return { raw, input, output, screen, written: () => written };
}

it('takes the terminal over and gives it back as it was, once', async () => {
  const exits = process.listenerCount('exit');
  const { raw, input, output, screen, written } = createTerminalStreams();
  screen.draw(['one', 'two']);
  await until(() => written().includes('two'), 'the lines');
  expect(written()).toBe('\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[1;1Hone\u001b[2;1Htwo');
  screen.close();
  screen.draw(['late']);
  screen.close();
  expect(written()).not.toContain('late');
  expect(written().split('\u001b[?7h\u001b[?25h\u001b[?1049l')).toHaveLength(2);
  expect(raw).toEqual([true, false]);
  expect([input.listenerCount('keypress'), output.listenerCount('resize')]).toEqual([0, 0]);
  expect([input.isPaused(), process.listenerCount('exit')]).toEqual([true, exits]);
});

it('tells keys by their names, and takes an arrow for no letter', async () => {
  const { input, screen } = createTerminalStreams();
  const keys: string[] = [];
  screen.onKey((name) => keys.push(name));
  input.write('r\u001b[A\u0003q');
  await until(() => keys.includes('q'), 'the keys');
  expect(keys).toEqual(['r', 'up', 'ctrl-c', 'q']);
  screen.close();
});

it('tells when the size changes, on a cleared screen', async () => {
  const { output, screen, written } = createTerminalStreams();
  let resized = 0;
  screen.onResize(() => {
    resized += 1;
  });
  Object.assign(output, { columns: 50, rows: 0 }).emit('resize');
  expect([resized, screen.size()]).toEqual([1, { columns: 50, rows: 24 }]);
  expect(written()).toContain('\u001b[2J');
  screen.close();
});

it('works without keys where input is no terminal', () => {
  const { raw, screen } = createTerminalStreams(false);
  screen.close();
  expect(raw).toEqual([]);
});
