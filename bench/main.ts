/** `npm run bench [-- NAME ...]`: figures, never tests. Compare ratios within one run; these machines are noisy. */
import { benchDaemon } from './daemon.ts';
import { benchInbox } from './inbox.ts';
import { benchMls } from './mls.ts';
import { benchGroups } from './mls-groups.ts';
import { benchSocket } from './socket.ts';

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  daemon: benchDaemon,
  inbox: benchInbox,
  socket: benchSocket,
  mls: benchMls,
  groups: benchGroups,
};

const asked = process.argv.slice(2);
const names = asked.length === 0 ? ['daemon', 'socket'] : asked;
for (const name of names) {
  const bench = BENCHES[name];
  if (bench === undefined) {
    console.error(`no benchmark "${name}": choose from ${Object.keys(BENCHES).join(', ')}`);
    process.exitCode = 2;
    break;
  }
  console.log(`\n== ${name}`);
  await bench();
}
