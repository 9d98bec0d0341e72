import type { Client } from '../../ipc/client.ts';
import { type Bell, createBell } from '../bell.ts';
import { type Context, withClient } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { failureOf } from '../failure.ts';
import { recentNotices } from '../recent-notices.ts';
import type { Screen } from '../screen.ts';
import { COLUMNS } from '../terminal.ts';
import { type TopAnswers, type TopState, topScreen, topText } from '../views/top.ts';
import { printable } from '../words.ts';

/** How often everything is asked for when nothing happens, and at most when much does. */
const EVERY_MS = 2_000;
const AT_MOST_EVERY_MS = 200;
/** Notices that are kept for showing. */
const NOTICES = 100;

/** Shows everything at once, and goes on until told to quit; without a terminal only once. */
export function top(context: Context): Promise<number> {
  const { screen } = context.terminal;
  return context.options.json || screen === undefined ? once(context) : live(context, screen());
}

function once(context: Context): Promise<number> {
  const { terminal, options } = context;
  return withClient(context, 'daemon.status', async (client) => {
    const notices = await recentNotices(client, NOTICES);
    const answers = await ask(client);
    const state = { answers, notices, trouble: undefined, paused: false };
    terminal.out(
      options.json
        ? `${JSON.stringify({ ...answers, notices }, null, 2)}\n`
        : topText(printable(state), COLUMNS, terminal.paint),
    );
    return exitCodes.success;
  });
}

/** A picture that is kept true until somebody quits. */
interface Watch {
  readonly state: { -readonly [Key in keyof TopState]: TopState[Key] };
  readonly bell: Bell;
  draw(): void;
  /** To be asked for even while paused. */
  wanted: boolean;
  ended: boolean;
  /** Ends the connection there is, if there is one. */
  hangUp(): void;
}

async function live(context: Context, screen: Screen): Promise<number> {
  const { paint } = context.terminal;
  const watch: Watch = {
    state: { answers: undefined, notices: [], trouble: undefined, paused: false },
    bell: createBell(AT_MOST_EVERY_MS, EVERY_MS),
    draw: () => screen.draw(topScreen(printable(watch.state), screen.size(), paint)),
    wanted: false,
    ended: false,
    hangUp() {},
  };
  screen.onResize(watch.draw);
  let restore = (): void => {};
  const quit = new Promise<void>((resolve) => {
    const keys = keysOf(watch, resolve);
    screen.onKey((name) => keys[name]?.());
    restore = context.terminal.onInterrupt(resolve);
  });
  try {
    await Promise.race([quit, keepConnected(context, watch)]);
    return exitCodes.success;
  } finally {
    watch.ended = true;
    watch.hangUp();
    watch.bell.ring();
    restore();
    screen.close();
  }
}

function keysOf(watch: Watch, quit: () => void): Readonly<Record<string, () => void>> {
  const look = (): void => {
    watch.wanted = true;
    watch.bell.ring();
  };
  return {
    q: quit,
    'ctrl-c': quit,
    r: look,
    p() {
      watch.state.paused = !watch.state.paused;
      watch.draw();
      if (!watch.state.paused) look();
    },
  };
}

/** One connection for as long as it lasts, then another: a daemon that restarts is an everyday thing. */
async function keepConnected(context: Context, watch: Watch): Promise<void> {
  while (!watch.ended) {
    try {
      await withClient(context, 'daemon.status', (client) => follow(client, watch));
      watch.state.trouble = 'dialogd has stopped';
    } catch (error) {
      watch.state.trouble = failureOf(error, context.terminal.now()).message;
    }
    if (watch.ended) return;
    watch.draw();
    await watch.bell.wait();
  }
}

async function follow(client: Client, watch: Watch): Promise<void> {
  const { state, bell } = watch;
  let over = false;
  watch.hangUp = () => client.close();
  void client.closed.then(() => {
    over = true;
    bell.ring();
  });
  state.notices = await recentNotices(client, NOTICES, bell.ring);
  watch.wanted = true;
  while (!over && !watch.ended) {
    if (watch.wanted || !state.paused) {
      watch.wanted = false;
      state.answers = await ask(client);
      state.trouble = undefined;
      watch.draw();
    }
    await bell.wait();
  }
}

async function ask(client: Client): Promise<TopAnswers> {
  const [status, { packages }, { relays }] = await Promise.all([
    client.call('daemon.status', {}),
    client.call('keyPackages.list', {}),
    client.call('relays.list', {}),
  ]);
  return { status, packages, relays };
}
