/** What a running daemon says of itself, judged by whoever asks. Pure. */
import { doubtful, type Finding, fine, wrong } from '../../finding.ts';
import type { Result } from '../../ipc/protocol/methods.ts';
import { counted } from '../words.ts';

/** Everything that was asked. */
export interface Answers {
  readonly status: Result<'daemon.status'>;
  readonly relays: Result<'relays.list'>;
  /** Version of the program that is installed. */
  readonly installed: string;
}

type Check = (answers: Answers) => readonly Finding[];

/** Peers and relays refuse what is dated further off. */
const WRONG_CLOCK_SEC = 300;
const NOTABLE_CLOCK_SEC = 60;

const health: Check = ({ status: { health: found } }) => {
  if (found.warnings.length === 0) return [fine('daemon.health', found.state)];
  return found.warnings.map(({ code, severity, message, repair }) =>
    (severity === 'error' ? wrong : doubtful)(`health.${code}`, message, repair),
  );
};

const version: Check = ({ status, installed }) => [
  status.version === installed
    ? fine('daemon.version', `version ${status.version} runs, as installed`)
    : doubtful(
        'daemon.version',
        `version ${status.version} runs, and ${installed} is installed`,
        'restart it: dialogctl service install',
      ),
];

const clock: Check = ({ relays: { relays } }) => {
  const offsets = relays.flatMap(({ clockOffsetSec }) => clockOffsetSec ?? []).sort((a, b) => a - b);
  const offset = offsets[Math.floor(offsets.length / 2)];
  if (offset === undefined) return [fine('clock.offset', 'no relay told the time to compare with')];
  const far = Math.abs(offset);
  const message = `this clock is ${far} s ${offset < 0 ? 'behind' : 'ahead of'} the relays`;
  if (far <= NOTABLE_CLOCK_SEC) return [fine('clock.offset', 'this clock agrees with the relays')];
  const repair = 'timedatectl set-ntp true';
  if (far > WRONG_CLOCK_SEC) return [wrong('clock.offset', message, repair)];
  return [doubtful('clock.offset', message, repair)];
};

const connections: Check = ({ relays: { relays } }) => {
  const check = 'relays.connected';
  const away = relays.filter(({ phase, answering }) => phase !== 'connected' || !answering);
  const message = `${relays.length - away.length} of ${counted(relays.length, 'relay')} connected`;
  if (relays.length === 0)
    return [wrong(check, 'no relay is in use', 'set relays.bootstrap, restart dialogd')];
  if (away.length === 0) return [fine(check, message)];
  const names = away.map((relay) => `${relay.url} (${absence(relay)})`).join(', ');
  const tell = away.length === relays.length ? wrong : doubtful;
  return [tell(check, `${message} and answering; not: ${names}`, 'dialogctl relays list')];
};

const absence = ({ phase, lastError = 'no reason yet' }: Answers['relays']['relays'][number]): string =>
  phase === 'connected' ? 'does not answer' : lastError;

const lists: Check = ({ relays: { lists: known } }) => {
  const missing = ([10002, 10050] as const).filter((kind) => !known.listsKnown[kind]);
  if (missing.length === 0) return [fine('relays.lists', 'both relay lists are known')];
  return [
    wrong(
      'relays.lists',
      `no relay list of kind ${missing.join(' and ')} is known`,
      'dialogctl relays publish-lists --write URL --inbox URL',
    ),
  ];
};

const CHECKS: readonly Check[] = [version, health, clock, connections, lists];

export const judgeAnswers = (answers: Answers): Finding[] => CHECKS.flatMap((check) => check(answers));

/** What somebody saw who knows the account and nothing else. */
export function judgeLook({ problems, relays }: Result<'identity.lookUp'>): Finding[] {
  if (problems.length === 0) {
    const most = Math.max(...relays.map(({ packages }) => packages.valid));
    const where = `asking ${counted(relays.length, 'relay')}`;
    return [
      fine('stranger.invites', `a stranger ${where} finds ${counted(most, 'KeyPackage')} and the inbox`),
    ];
  }
  return problems.map(({ code, severity, message, repair }) =>
    (severity === 'error' ? wrong : doubtful)(`stranger.${code}`, message, repair),
  );
}
