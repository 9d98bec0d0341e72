import { relayUrl } from '../api/relay-url.ts';
import type { Config } from '../config.ts';
import { createEventCrypto } from '../identity/event-crypto.ts';
import { createMls } from '../mls/mls.ts';
import type { Log, Signer, Store } from '../ports.ts';
import { createRelays } from '../relay/relays.ts';
import type { EngineDeps } from '../scheduler/deps.ts';
import { createDisk } from '../store/disk.ts';
import type { StateOptions } from './state.ts';

/** Everything the engines work with, around an opened state. No relay is connected yet. */
export async function createEngineDeps(
  { clock, random, config, paths }: StateOptions,
  signer: Signer,
  store: Store,
  log: Log,
): Promise<Omit<EngineDeps, 'inbox'>> {
  const crypto = await createEventCrypto();
  return {
    account: signer.account,
    clock,
    random,
    store,
    disk: createDisk(paths.stateDir, clock),
    signer,
    crypto,
    mls: createMls(random),
    relays: createRelays({ clock, random, crypto, log, sign: (template) => signer.sign(template) }),
    log,
    policy: policyOf(config),
    bootstrap: config.relays.bootstrap.map(relayUrl),
  };
}

const policyOf = ({ key_packages: settings }: Config): EngineDeps['policy'] => ({
  standard: settings.standard,
  lastResort: settings.last_resort,
  refreshAfterSec: settings.refresh_after,
  lowStock: settings.low_stock,
  lifetimeSec: settings.lifetime,
});
