import { type CANCEL_SYMBOL, cancel, confirm, intro, isCancel, password, select, text } from '@clack/prompts';
import { relayUrl } from '../ipc/protocol/scalars.ts';
import type { InitOptions, TypedSecrets } from './init-options.ts';
import type { Dialogue } from './terminal.ts';

export interface InitAnswers {
  readonly options: InitOptions;
  readonly secrets: TypedSecrets;
}

/** Asks what `init` would be told by options; undefined when the person gave up. */
export async function askInit(dialogue: Dialogue): Promise<InitAnswers | undefined> {
  intro('dialogd looks after one account. Which one?', dialogue);
  try {
    const secrets = await askKey(dialogue);
    const relay = await askRelays(dialogue, 'Relays your KeyPackages are published to');
    const inbox = await askRelays(dialogue, 'Relays your invitations arrive at', relay);
    const publishLists = answered(
      await confirm({ ...dialogue, message: 'Publish these as your relay lists if you have none yet?' }),
    );
    return {
      options: { import: secrets.secret !== undefined, relay, inbox, publishLists },
      secrets,
    };
  } catch (error) {
    if (!(error instanceof GaveUp)) throw error;
    cancel('Nothing was changed.', dialogue);
    return undefined;
  }
}

async function askKey(dialogue: Dialogue): Promise<TypedSecrets> {
  const source = answered(
    await select({
      ...dialogue,
      message: 'Account key',
      options: [
        { value: 'create', label: 'Create a new account' },
        { value: 'import', label: 'Import one', hint: 'nsec, hex or ncryptsec' },
      ],
    }),
  );
  if (source === 'create') return {};
  const secret = answered(
    await password({
      ...dialogue,
      message: 'Secret key',
      validate: (value) => (value ? undefined : 'paste the key'),
    }),
  ).trim();
  if (!secret.startsWith('ncryptsec1')) return { secret };
  return { secret, password: answered(await password({ ...dialogue, message: 'Its password' })) };
}

async function askRelays(
  dialogue: Dialogue,
  message: string,
  initial: readonly string[] = [],
): Promise<string[]> {
  const answer = await text({
    ...dialogue,
    message: `${message} (several with spaces)`,
    placeholder: 'wss://relay.example',
    initialValue: initial.join(' '),
    validate(value) {
      const wrong = words(value ?? '').find((url) => !relayUrl.safeParse(url).success);
      if (wrong !== undefined) return `${wrong} is not a wss:// or ws:// URL`;
      return words(value ?? '').length === 0 ? 'name at least one' : undefined;
    },
  });
  return words(answered(answer));
}

const words = (value: string): string[] => value.split(/[\s,]+/).filter((word) => word !== '');

class GaveUp extends Error {}

function answered<T>(answer: T | typeof CANCEL_SYMBOL): T {
  if (isCancel(answer)) throw new GaveUp();
  return answer as T;
}
