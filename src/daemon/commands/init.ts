import type { Command } from 'commander';
import { relayUrl } from '../../api/relay-url.ts';
import { clearUnbound } from '../../backup/unbound-store.ts';
import { loadConfig } from '../../config.ts';
import { DaemonError } from '../../errors.ts';
import { type AccountKey, assertNoAccount, createAccount } from '../../identity/account.ts';
import { newSecretKey, parseSecret } from '../../identity/secret.ts';
import { readSecretFromFd } from '../../identity/secret-input.ts';
import type { RelayUrl } from '../../ids.ts';
import { forgetLastFailure } from '../../last-failure.ts';
import { resolvePaths } from '../../paths.ts';
import { readMeta } from '../../scheduler/gather.ts';
import { openStateDirectory } from '../../store/state-directory.ts';
import { openStore } from '../../store/store.ts';
import { wholeNumber } from '../../usage/whole-number.ts';
import { sealOf } from '../state.ts';
import { systemClock, systemRandom } from '../system.ts';
import { addSettings } from '../write-config.ts';

interface InitOptions {
  readonly import?: boolean;
  readonly secretFd?: number;
  readonly passwordFd?: number;
  readonly credential?: string;
  readonly keyFile?: string;
  readonly relay: readonly string[];
  readonly inbox: readonly string[];
  readonly publishLists: boolean;
  readonly passphraseFile?: string;
  readonly stateDir?: string;
  readonly config?: string;
  readonly json?: boolean;
}

const several = (value: string, before: readonly string[]): string[] => [...before, value];

/** `dialogd init`, which `dialogctl init` runs: makes the state directory that of one account. */
export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description('create or import the account (run it through dialogctl init)')
    .option('--import', 'read nsec, hex or ncryptsec from standard input')
    .option('--secret-fd <fd>', 'read it from this file descriptor', wholeNumber)
    .option('--password-fd <fd>', 'read the password of an ncryptsec from this file descriptor', wholeNumber)
    .option('--credential <name>', 'use the key in this systemd credential, at every start')
    .option('--key-file <path>', 'use the key in this file, at every start')
    .option('--relay <url>', 'relay to publish to and look at first; repeatable', several, [])
    .option('--inbox <url>', 'relay where invitations arrive; repeatable', several, [])
    .option('--no-publish-lists', 'publish no relay lists')
    .option('--passphrase-file <path>', 'seal with a key stretched from this file')
    .option('--json', 'answer in JSON')
    .action((_, command: Command) => init(command.optsWithGlobals<InitOptions>()));
}

async function init(options: InitOptions): Promise<void> {
  const write = options.relay.map(relayUrl);
  const inbox = (options.inbox.length > 0 ? options.inbox : options.relay).map(relayUrl);
  const paths = resolvePaths(process.env, options);
  const directory = await openStateDirectory({ path: paths.stateDir, now: systemClock.now() });
  try {
    await assertNoAccount(paths.stateDir);
    await addSettings(paths.configFile, {
      bootstrap: [...new Set([...write, ...inbox])],
      passphraseFile: options.passphraseFile,
    });
    const seal = await sealOf({
      paths,
      config: loadConfig(paths.configFile),
      env: process.env,
      random: systemRandom,
    });
    const place = {
      stateDir: paths.stateDir,
      sealer: seal.sealer,
      credentialsDir: process.env.CREDENTIALS_DIRECTORY,
    };
    const key = accountKey(options);
    const isNew = key.kind === 'sealed' && !imports(options);
    const wish = options.publishLists && write.length > 0 ? { write, inbox, replace: isNew } : undefined;
    await prepareStore(directory, seal.sealer, wish);
    const account = await createAccount(place, key, systemClock.now());
    forgetLastFailure(paths.stateDir);
    report(options, { account, stateDir: paths.stateDir, configFile: paths.configFile, seal: seal.source });
  } finally {
    await directory.close();
  }
}

const imports = (options: InitOptions): boolean => options.import === true || options.secretFd !== undefined;

function accountKey(options: InitOptions): AccountKey {
  const { secretFd, credential, keyFile, passwordFd } = options;
  const ways = [imports(options), credential !== undefined, keyFile !== undefined].filter(Boolean).length;
  if (ways > 1) {
    throw new DaemonError('invalid_argument', 'the account key can come from one place only', {
      repair: 'give one of --import, --secret-fd, --credential, --key-file',
    });
  }
  if (keyFile !== undefined) return { kind: 'file', path: keyFile };
  if (credential !== undefined) return { kind: 'credential', name: credential };
  if (!imports(options)) return { kind: 'sealed', secretKey: newSecretKey(systemRandom) };
  const password = passwordFd === undefined ? undefined : readSecretFromFd(passwordFd);
  return { kind: 'sealed', secretKey: parseSecret(readSecretFromFd(secretFd ?? 0), password) };
}

/** The daemon publishes what is wished for; a key that existed before keeps the lists it has. */
async function prepareStore(
  location: Parameters<typeof openStore>[0]['location'],
  sealer: Parameters<typeof openStore>[0]['sealer'],
  relayListWish: { write: RelayUrl[]; inbox: RelayUrl[]; replace: boolean } | undefined,
): Promise<void> {
  const store = await openStore({ location, sealer });
  try {
    await clearUnbound(store);
    if (relayListWish === undefined) return;
    await store.update('settings', async (tx) => {
      tx.meta.put('meta', { ...(await readMeta(tx)), relayListWish });
    });
  } finally {
    await store.close();
  }
}

function report(
  { json, relay }: InitOptions,
  made: { account: string; stateDir: string; configFile: string; seal: string },
): void {
  if (json === true) return void process.stdout.write(`${JSON.stringify(made)}\n`);
  const next =
    relay.length === 0 ? ['', 'No relay is configured yet: add [relays] bootstrap = ["wss://..."].'] : [];
  const lines = [
    `account   ${made.account}`,
    `state     ${made.stateDir}`,
    `config    ${made.configFile}`,
    `sealed by ${made.seal.replace('_', ' ')}`,
    ...next,
    '',
    'Start the daemon: dialogd',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
