import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Finding, failed, fine, wrong } from '../../finding.ts';
import { accountExists, loadAccount } from '../../identity/account.ts';
import { readStateFile } from '../../identity/state-file.ts';
import { short } from '../../ids.ts';
import { ignoreMissing } from '../../private-file.ts';
import { sealOf } from '../state.ts';
import { systemRandom } from '../system.ts';
import type { Place } from './place.ts';

/** What `seal.json` and `account.json` say of where a secret comes from. */
interface Origins {
  readonly source?: string;
  readonly key?: { readonly kind: string };
}

/** Root looks at the state of a service: its secrets are not read for another user. */
const isForeign = ({ uid }: Stats): boolean => process.geteuid?.() === 0 && uid !== 0;

/** There is an account, its seal opens, and what it seals is the key of that account. Nothing secret is kept. */
export async function checkAccount(place: Place): Promise<Finding[]> {
  const { stateDir } = place.paths;
  // The configuration names what seals the key.
  if (place.config === undefined) return [];
  try {
    if (isForeign(await lstat(stateDir))) {
      return [fine('account.key', 'not looked at: it is that of the service alone')];
    }
    if (!(await accountExists(stateDir))) {
      return [wrong('account.exists', `${stateDir} belongs to no account yet`, 'dialogctl init')];
    }
    return await opened(place, place.config);
  } catch (error) {
    return [failed('account.key', error)];
  }
}

/** Nothing is written here: the account exists, so its seal does too or is refused. */
async function opened(place: Place, config: NonNullable<Place['config']>): Promise<Finding[]> {
  const { paths, env } = place;
  if (env.CREDENTIALS_DIRECTORY === undefined && (await needsCredential(paths.stateDir))) {
    return [fine('account.key', 'comes by a systemd credential, which the service alone can open')];
  }
  const { sealer, source } = await sealOf({ paths, config, env, random: systemRandom });
  const { signer } = await loadAccount({
    stateDir: paths.stateDir,
    sealer,
    credentialsDir: env.CREDENTIALS_DIRECTORY,
  });
  const { account } = signer;
  await signer.close();
  return [
    fine('account.seal', `sealed by ${source.replaceAll('_', ' ')}, which opens it`),
    fine('account.key', `the key of account ${short(account)} is there`),
  ];
}

async function needsCredential(stateDir: string): Promise<boolean> {
  const read = (name: string) => readStateFile<Origins>(join(stateDir, name)).catch(ignoreMissing);
  const [seal, account] = [await read('seal.json'), await read('account.json')];
  return seal?.source === 'credential' || account?.key?.kind === 'credential';
}
