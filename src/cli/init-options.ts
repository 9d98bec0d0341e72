/** Options of `dialogctl init`, as commander names them; file descriptors are those of this process. */
export interface InitOptions {
  readonly import?: boolean;
  readonly secretFd?: number;
  readonly passwordFd?: number;
  readonly credential?: string;
  readonly keyFile?: string;
  readonly relay?: readonly string[];
  readonly inbox?: readonly string[];
  readonly publishLists?: boolean;
  readonly passphraseFile?: string;
  readonly stateDir?: string;
  readonly config?: string;
}

/** What a person typed: it reaches dialogd through pipes and never stands in an argument. */
export interface TypedSecrets {
  /** An nsec, hex or ncryptsec, for standard input. */
  readonly secret?: string;
  /** Password of an ncryptsec (NIP-49), for file descriptor 3. */
  readonly password?: string;
}

/** The same options for dialogd. Lists are repeated, so that none can swallow what follows. */
export function initArguments(options: InitOptions): string[] {
  const valued = (flag: string, value: string | number | undefined): string[] =>
    value === undefined ? [] : [flag, String(value)];
  return [
    ...(options.import ? ['--import'] : []),
    ...valued('--secret-fd', options.secretFd),
    ...valued('--password-fd', options.passwordFd),
    ...valued('--credential', options.credential),
    ...valued('--key-file', options.keyFile),
    ...(options.relay ?? []).flatMap((url) => ['--relay', url]),
    ...(options.inbox ?? []).flatMap((url) => ['--inbox', url]),
    ...(options.publishLists === false ? ['--no-publish-lists'] : []),
    ...valued('--passphrase-file', options.passphraseFile),
    ...valued('--state-dir', options.stateDir),
    ...valued('--config', options.config),
  ];
}
