import { emitKeypressEvents } from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** The whole terminal, until it is closed. */
export interface Screen {
  size(): Size;
  /** One line for each row, each as wide as the screen; nothing once it is closed. */
  draw(lines: readonly string[]): void;
  /** Calls `listener` with the name of every key; with Control it is `ctrl-c`. */
  onKey(listener: (name: string) => void): void;
  onResize(listener: () => void): void;
  /** Gives the terminal back as it was. */
  close(): void;
}

/** xterm's control sequences: the alternate screen, no cursor, and lines that never wrap; and back again. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l';
const startOf = (row: number): string => `\u001b[${row};1H`;
const CLEAR = '\u001b[2J';

/** For a terminal that does not tell its size. */
const USUAL: Size = { columns: 80, rows: 24 };

interface Key {
  readonly name?: string;
  readonly ctrl?: boolean;
}

/** Takes the terminal over. It is given back even when the process ends without closing. */
export function openScreen(input: ReadStream, output: WriteStream): Screen {
  const keyListeners: ((name: string) => void)[] = [];
  const resizeListeners: (() => void)[] = [];
  const pressed = (_text: string | undefined, { name, ctrl }: Key): void => {
    if (name === undefined) return;
    for (const listener of keyListeners) listener(ctrl ? `ctrl-${name}` : name);
  };
  const resized = (): void => {
    output.write(CLEAR);
    for (const listener of resizeListeners) listener();
  };
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    process.off('exit', close);
    output.off('resize', resized);
    output.write(LEAVE);
    input.off('keypress', pressed);
    if (input.isTTY) input.setRawMode(false);
    input.pause();
  };

  process.once('exit', close);
  output.on('resize', resized);
  output.write(ENTER);
  if (input.isTTY) {
    emitKeypressEvents(input);
    input.on('keypress', pressed);
    input.setRawMode(true);
    input.resume();
  }
  return {
    size: () => ({ columns: output.columns || USUAL.columns, rows: output.rows || USUAL.rows }),
    draw(lines) {
      if (open) output.write(lines.map((line, above) => startOf(above + 1) + line).join(''));
    },
    onKey: (listener) => void keyListeners.push(listener),
    onResize: (listener) => void resizeListeners.push(listener),
    close,
  };
}
