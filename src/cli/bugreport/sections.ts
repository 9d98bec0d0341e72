/** Each part of a bug report, from fields that are named here and no others. Pure. */
import type { Config } from '../../config.ts';
import type { Finding } from '../../finding.ts';
import type { Result } from '../../ipc/protocol/methods.ts';
import type { LastFailure } from '../../last-failure.ts';
import type { Notice } from '../recent-notices.ts';
import { when, whenever } from '../words.ts';
import * as harmless from './harmless.ts';
import type { Pseudonyms } from './pseudonyms.ts';

type Status = Result<'daemon.status'>;
type Relay = Result<'relays.list'>['relays'][number];
type KeyPackage = Result<'keyPackages.list'>['packages'][number];

/** Numbers and choices; of names and places only whether there are any. */
export function configLines(config: Config | undefined): string[] {
  if (config === undefined) return ['has a mistake'];
  const { log, relays, key_packages: packages, schedule, metrics, seal } = config;
  return [
    `log.level ${log.level}`,
    `relays.bootstrap ${relays.bootstrap.length} relays`,
    ...Object.entries(packages).map(([key, value]) => `key_packages.${key} ${Number(value)}`),
    `schedule.tick ${harmless.cron(schedule.tick)}`,
    `metrics.textfile ${metrics.textfile === undefined ? 'not set' : 'set'}`,
    `seal.credential ${seal.credential === 'dialogd-seal' ? 'as usual' : 'set'}`,
    `seal.passphrase_file ${seal.passphrase_file === undefined ? 'not set' : 'set'}`,
  ];
}

/** In the place of a status that nobody tells. */
export const silenceLines = (failure: LastFailure | undefined, now: number): string[] => [
  'dialogd does not answer',
  ...(failure === undefined
    ? []
    : [`ended ${when(failure.at, now)} with ${harmless.name(failure.code)}, exit code ${failure.exitCode}`]),
];

export function statusLines(status: Status): string[] {
  const { now, health, packages, inbox, relays, invitable, signer, seal, guards } = status;
  return [
    `dialogd ${harmless.version(status.version)}, started ${when(status.startedAt, now)}`,
    `health ${health.state}`,
    `invitable ${invitable.yes ? 'yes' : `no: ${harmless.name(invitable.reason ?? '')}`}`,
    `account ${status.account === null ? 'none' : 'there'}`,
    `seal ${seal?.source ?? 'none'}`,
    `guards ${Object.entries(guards)
      .map(([name, guard]) => `${name} ${said(guard)}`)
      .join(', ')}`,
    `signer ${signer === null ? 'none' : `${signer.type} ${signer.state}`}`,
    `standard ${supply(packages.standard)}`,
    `last resort ${supply(packages.lastResort)}`,
    `retained ${packages.retained}`,
    `published ${whenever(packages.lastPublishedAt, now)}`,
    `first expiry ${whenever(packages.firstExpiryAt, now)}`,
    `next refresh ${whenever(packages.nextRefreshAt, now)}`,
    `next look ${whenever(status.nextWakeAt, now)}`,
    `relays ${relays.connected} of ${relays.total} connected`,
    `inbox ${inbox.caughtUp ? 'read' : 'being read'}, ${inbox.pending.count} gift wraps waiting`,
  ];
}

const said = (guard: string | boolean): string => (typeof guard === 'string' ? guard : yesNo(guard));

const yesNo = (is: boolean): string => (is ? 'yes' : 'no');

const supply = ({ wanted, confirmed, total }: Status['packages']['standard']): string =>
  `${confirmed} confirmed, ${total} there, ${wanted} wanted`;

export const healthLines = (
  { live, ready, fresh, warnings, now }: Result<'daemon.health'>,
  { relay }: Pseudonyms,
): string[] => [
  `live ${yesNo(live)}, ready ${yesNo(ready)}, fresh ${yesNo(fresh)}`,
  ...warnings.map(({ code, severity, dependsOn, since }) => {
    const on = /^wss?:/.test(dependsOn) ? relay(dependsOn) : harmless.name(dependsOn);
    return `${severity} ${harmless.name(code)}, on ${on}, since ${when(since, now)}`;
  }),
];

/** What was found, without the words, which name paths and relays. */
export const findingLines = (findings: readonly Finding[]): string[] =>
  findings.map(({ level, check }) => `${level} ${harmless.name(check)}`);

export const relayLines = (relays: readonly Relay[], now: number, { relay }: Pseudonyms): string[] =>
  relays.map(({ url, roles, phase, answering, auth, failures, connectedAt, lastError, ...rest }) =>
    [
      `${relay(url)} ${roles.join(' ')}: ${phase}`,
      ...(connectedAt === undefined ? [] : [`since ${when(connectedAt, now)}`]),
      answering ? 'answers' : 'does not answer',
      `auth ${auth}`,
      `${failures} failures`,
      ...(lastError === undefined ? [] : [harmless.reason(lastError)]),
      ...(rest.clockOffsetSec === undefined ? [] : [`clock ${rest.clockOffsetSec} s`]),
      `${rest.invalidEvents} invalid events`,
      rest.caughtUp ? 'caught up' : 'not caught up',
    ].join(', '),
  );

export const packageLines = (
  packages: readonly KeyPackage[],
  now: number,
  { relay, keyPackage }: Pseudonyms,
): string[] =>
  packages.map(({ ref, kind, state, generation, publishedAt, notAfter, relays }) =>
    [
      `${keyPackage(ref)} ${kind} ${state}`,
      `generation ${generation}`,
      `published ${whenever(publishedAt, now)}`,
      `expires ${when(notAfter, now)}`,
      ...relays.map(({ url, outcome, attempts, detail }) => {
        const words = detail === undefined ? '' : ` (${harmless.prefix(detail)})`;
        return `${relay(url)} ${outcome} after ${attempts}${words}`;
      }),
    ].join(', '),
  );

export const noticeLines = (notices: readonly Notice[], now: number, { relay }: Pseudonyms): string[] =>
  notices.map(({ at, severity, code, data }) => {
    const where = typeof data?.relay === 'string' ? ` ${relay(data.relay)}` : '';
    return `${when(at, now)}: ${severity} ${harmless.name(code)}${where}`;
  });
