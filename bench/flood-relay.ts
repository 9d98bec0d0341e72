/** A relay in a process of its own that holds `COUNT` gift wraps for `ACCOUNT`, so that its work is not measured. */
import type { PublicKey } from '../src/ids.ts';
import { startScriptedRelay } from '../test/support/scripted-relay.ts';
import { junkWraps } from '../test/support/wraps.ts';

const { ACCOUNT, COUNT } = process.env;
const relay = await startScriptedRelay({ cap: 500 });
relay.hold(...junkWraps(ACCOUNT as PublicKey, Number(COUNT), Math.floor(Date.now() / 1_000)));
process.send?.(relay.url);
process.on('disconnect', () => process.exit());
