import type { Result } from '../../ipc/protocol/methods.ts';
import { facts } from '../table.ts';
import { counted, spaced, whenever } from '../words.ts';
import { paintState, warningsText } from './health.ts';
import { whatCame } from './inbox.ts';
import type { View } from './view.ts';

type Status = Result<'daemon.status'>;

export const statusView: View<'daemon.status'> = (status, { paint }) => {
  const { health, statusLine } = status;
  const head = `${paintState(paint, health.state)}  ${statusLine}\n\n`;
  return head + facts(paint, factsOf(status)) + warningsText(health.warnings, status.now, paint);
};

function factsOf(status: Status): [string, string][] {
  const { now, packages, inbox, relays } = status;
  return [
    ['Account', status.npub ?? 'none yet; run: dialogctl init'],
    ['Key sealed by', status.seal === null ? '-' : sealText(status.seal)],
    ['Signer', status.signer === null ? '-' : `${status.signer.type}, ${status.signer.state}`],
    [
      'Invitable',
      status.invitable.yes ? 'yes' : `no: ${spaced(status.invitable.reason ?? 'unknown reason')}`,
    ],
    ['Packages', packagesText(packages)],
    ['Published', whenever(packages.lastPublishedAt, now)],
    ['Oldest', whenever(packages.oldestAt, now)],
    ['First expiry', whenever(packages.firstExpiryAt, now)],
    ['Next refresh', whenever(packages.nextRefreshAt, now)],
    ['Relays', `${relays.connected} of ${relays.total} connected`],
    ['Inbox', inboxText(inbox)],
    ['Next look', whenever(status.nextWakeAt, now)],
    ['Guards', guardsText(status.guards)],
    [
      'Daemon',
      `version ${status.version}, process ${status.pid}, started ${whenever(status.startedAt, now)}`,
    ],
  ];
}

function inboxText({ listening, caughtUp, pending, counts }: Status['inbox']): string {
  const state = listening ? (caughtUp ? 'read to the end' : 'listening, being read') : 'not listening';
  const waiting = pending.count === 0 ? '' : `; ${counted(pending.count, 'gift wrap')} waiting`;
  return `${state}; ${whatCame(counts)}${waiting}`;
}

export const sealText = ({ source, path }: NonNullable<Status['seal']>): string =>
  path === undefined ? spaced(source) : `${spaced(source)} ${path}`;

function guardsText({ supervisor, watchdog, peersChecked, undumpable }: Status['guards']): string {
  const told = {
    native: 'service manager told by libc',
    'systemd-notify': 'service manager told by systemd-notify',
    none: 'no service manager',
  };
  return [
    told[supervisor],
    watchdog ? 'watchdog on' : 'no watchdog',
    peersChecked ? 'clients checked' : 'clients not checked',
    undumpable ? 'no core dumps' : 'core dumps possible',
  ].join(', ');
}

function packagesText({ standard, lastResort, retained }: Status['packages']): string {
  const confirmed = `${standard.confirmed}/${standard.wanted} standard, ${lastResort.confirmed}/${lastResort.wanted} last resort confirmed`;
  return retained === 0 ? confirmed : `${confirmed}; ${retained} older kept`;
}
