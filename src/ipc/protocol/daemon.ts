/** `daemon.*`: who answers, how it is, and a nudge. */
import { z } from 'zod';
import { healthState, warnings } from './health.ts';
import { kindCounts, pending } from './inbox.ts';
import { method, noParams } from './method.ts';
import { at, count, hex64, npub, seal, text, yesNo } from './scalars.ts';

const versionNumber = z.int().min(1).max(1_000_000);

export const hello = method({
  access: 'read',
  summary: 'Agrees on a protocol version and tells what this daemon can do.',
  params: z.strictObject({
    versions: z
      .strictObject({ min: versionNumber.describe('the oldest'), max: versionNumber.describe('the newest') })
      .refine(({ min, max }) => min <= max, 'min is greater than max')
      .describe('the protocol versions the client speaks, both ends included'),
    client: z.string().max(100).describe('name and version of the client, for the log').optional(),
  }),
  result: z.object({
    version: versionNumber.describe('the newest protocol version both speak'),
    daemon: text('version of the daemon'),
    features: z.array(z.string()).describe('names of optional parts this daemon has'),
  }),
  errors: ['unsupported'],
});

const supply = (what: string) =>
  z
    .object({
      wanted: count('packages the policy asks for'),
      confirmed: count('unused packages enough relays have confirmed'),
      total: count('unused packages of the current generation of each slot'),
    })
    .describe(what);

export const status = method({
  access: 'read',
  summary: 'The whole truth in one answer: health with reasons, the pool, the relays, what comes next.',
  params: noParams,
  result: z.object({
    account: hex64('the account').nullable(),
    npub: npub.nullable(),
    health: z.object({ state: healthState, warnings }),
    startedAt: at('when this process started'),
    now: at('the clock of the daemon'),
    version: text('version of the daemon'),
    pid: count('process id'),
    seal: seal.nullable(),
    guards: z
      .object({
        supervisor: z
          .enum(['native', 'systemd-notify', 'none'])
          .describe('how the service manager is told: by libc, by that program, or not at all'),
        watchdog: yesNo('true when the service manager ends a process that does not get on'),
        peersChecked: yesNo('true when clients of other users are turned away, whatever the file modes'),
        undumpable: yesNo('true when there is no core dump, and no debugger of the same user'),
      })
      .describe('what keeps watch over this process and its sockets'),
    signer: z
      .object({
        type: z.enum(['local', 'remote']).describe('in this process, or somewhere else'),
        state: z.enum(['ready', 'absent', 'refused']).describe('how the signer answered last'),
      })
      .nullable(),
    invitable: z.object({
      yes: yesNo('true when a stranger can find and invite the account'),
      reason: text('why not').optional(),
    }),
    packages: z.object({
      standard: supply('single-use packages'),
      lastResort: supply('last-resort packages'),
      retained: count('replaced packages whose private keys are still kept'),
      oldestAt: at('when the oldest current package was published').optional(),
      newestAt: at('when the newest current package was published').optional(),
      firstExpiryAt: at('when the first current package expires').optional(),
      nextRefreshAt: at('when age alone asks for the next package').optional(),
      lastPublishedAt: at('when a package last left this machine').optional(),
    }),
    relays: z.object({ connected: count('relays connected'), total: count('relays in use') }),
    inbox: z.object({
      listening: yesNo('true when an inbox relay pushes what is sent now'),
      caughtUp: yesNo('true when what those relays hold has been read to the end'),
      pending: pending.describe('gift wraps not done yet'),
      counts: kindCounts.describe('what came since this state was made'),
    }),
    nextWakeAt: at('when the engine looks again by itself').optional(),
    statusLine: text('one honest line, the same the supervisor shows'),
  }),
  errors: ['store_unavailable'],
});

/** What only a backup's passphrase keeps from whoever finds the file should not be guessed. */
export const MIN_BACKUP_PASSPHRASE = 12;
export const MAX_BACKUP_PASSPHRASE = 1_024;

export const backup = method({
  access: 'full',
  summary: 'Writes everything it takes to be this account elsewhere into one encrypted file.',
  params: z.strictObject({
    path: z
      .string()
      .max(4_096)
      .regex(/^\//, 'give an absolute path')
      .describe('the file to write; absolute, and where the daemon may write'),
    passphrase: z
      .string()
      .min(MIN_BACKUP_PASSPHRASE, `a passphrase has at least ${MIN_BACKUP_PASSPHRASE} characters`)
      .max(MAX_BACKUP_PASSPHRASE, `a passphrase has at most ${MAX_BACKUP_PASSPHRASE} characters`)
      .describe('opens the file again'),
    force: z.boolean().default(false).describe('replace a file that is there'),
  }),
  result: z.object({
    path: text('the file'),
    bytes: count('its size'),
    account: hex64('the account'),
    backupAt: at('the moment it holds'),
    counts: z.record(z.string(), count('records')).describe('how many records of each kind it holds'),
  }),
  errors: ['identity_invalid', 'path_unsafe', 'disk_full', 'backup_damaged', 'store_unavailable'],
});

export const wake = method({
  access: 'full',
  summary: 'Lets the engine look at everything now instead of at its next deadline.',
  params: noParams,
  result: z.object({}),
  errors: [],
});
