/** What an inviter sees who knows the account and nothing else, and whether an invitation would arrive. Pure. */
import type { EventId, KeyPackageRef, RelayUrl } from '../ids.ts';
import { rankKeyPackages } from '../protocol/choose.ts';
import type { KeyPackageCheck, ValidKeyPackage } from '../protocol/key-package-event.ts';
import { EXTENSION, KIND, PROPOSAL } from '../protocol/kinds.ts';
import { supersedes } from '../protocol/nip01.ts';
import { inboxRelays, writeRelays } from '../protocol/relay-lists.ts';
import type { NostrEvent } from '../records.ts';

/** What one relay answered somebody it does not know. */
export interface Sighting {
  readonly relay: RelayUrl;
  readonly connected: boolean;
  /** It was asked, and answered to the end. */
  readonly read: boolean;
  /** Why it was not connected to, or not read. */
  readonly reason: string | undefined;
  /** Kinds 10002 and 10050. */
  readonly lists: readonly NostrEvent[];
  readonly packages: readonly SeenPackage[];
}

export interface SeenPackage {
  readonly id: EventId;
  readonly check: KeyPackageCheck;
}

/**
 * Whose keys a package needs: those we hold, those we have erased, those of another copy of this state (it
 * stands in a slot of ours), or those of another device of the account.
 */
export type Standing = 'ours' | 'keys_gone' | 'other_copy' | 'other_device';

/** Everything the look brought, and what our own store says of the packages in it. */
export interface StrangersView {
  /** Where the stranger began. */
  readonly start: readonly RelayUrl[];
  readonly sightings: readonly Sighting[];
  readonly standings: ReadonlyMap<KeyPackageRef, Standing>;
}

export interface StrangersProblem {
  readonly code:
    | 'no_start'
    | 'start_unreachable'
    | 'no_write_list'
    | 'no_write_relays'
    | 'write_unreachable'
    | 'no_packages'
    | 'no_valid_packages'
    | 'keys_gone'
    | 'other_copy'
    | 'no_inbox_list'
    | 'no_inbox_relays'
    | 'inbox_unreachable'
    | 'relay_unreachable'
    | 'relay_unreadable'
    | 'list_missing'
    | 'list_outdated'
    | 'packages_missing'
    | 'packages_invalid';
  /** An error keeps an invitation from arriving; a warning does for some inviters. */
  readonly severity: 'warning' | 'error';
  /** The relay it is about, where it is about one. */
  readonly relay?: RelayUrl;
  readonly message: string;
  /** The command or setting that mends it. */
  readonly repair: string;
}

export type ListKind = 10002 | 10050;
type Rule = (view: StrangersView) => readonly StrangersProblem[];

const LIST_KINDS: readonly ListKind[] = [KIND.relayList, KIND.inboxRelays];
const PUBLISH_LISTS = 'dialogctl relays publish-lists --write URL --inbox URL';
const REFRESH = 'dialogctl keys refresh';
const READ_BACK = 'dialogctl wake';
const CHOOSE_ANOTHER = `if this lasts, choose another relay: ${PUBLISH_LISTS}`;
/** What groups of the field ask of every member (protocol.md section 6). */
const GROUP_NEEDS = {
  extensions: [EXTENSION.appDataDictionary],
  proposals: [PROPOSAL.appDataUpdate, PROPOSAL.selfRemove],
  components: [],
};

/** Everything that stands between a stranger and us, what prevents an invitation first. */
export function judgeView(view: StrangersView): StrangersProblem[] {
  const problems = RULES.flatMap((rule) => rule(view));
  return problems.sort((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'));
}

/** The newest list of a kind that any relay showed. */
function newestList(sightings: readonly Sighting[], kind: ListKind): NostrEvent | undefined {
  return sightings
    .flatMap(({ lists }) => lists.filter((event) => event.kind === kind))
    .reduce<NostrEvent | undefined>(
      (newest, event) => (newest === undefined || supersedes(event, newest) ? event : newest),
      undefined,
    );
}

/** Where the lists say that KeyPackages are; undefined without a list. */
export function strangersWriteRelays(sightings: readonly Sighting[]): RelayUrl[] | undefined {
  const list = newestList(sightings, KIND.relayList);
  return list === undefined ? undefined : writeRelays(list);
}

/** Where the lists say that invitations go; undefined without a list. */
export function strangersInboxRelays(sightings: readonly Sighting[]): RelayUrl[] | undefined {
  const list = newestList(sightings, KIND.inboxRelays);
  return list === undefined ? undefined : inboxRelays(list);
}

/** The relays that a stranger who has seen this much would ask next. */
export function unseenRelays(start: readonly RelayUrl[], sightings: readonly Sighting[]): RelayUrl[] {
  const seen = new Set(sightings.map(({ relay }) => relay));
  const named = [
    ...start,
    ...(strangersWriteRelays(sightings) ?? []),
    ...(strangersInboxRelays(sightings) ?? []),
  ];
  return [...new Set(named)].filter((relay) => !seen.has(relay));
}

/** How the list of a kind at one relay compares with the newest that any relay showed. */
export function listAt(
  { sightings }: Pick<StrangersView, 'sightings'>,
  { lists, read }: Sighting,
  kind: ListKind,
): 'newest' | 'older' | 'missing' | 'unread' {
  if (!read) return 'unread';
  const held = newestList([{ lists } as Sighting], kind);
  if (held === undefined) return 'missing';
  return held.id === newestList(sightings, kind)?.id ? 'newest' : 'older';
}

export const validPackages = ({ packages }: Sighting): ValidKeyPackage[] =>
  packages.flatMap(({ check }) => (check.ok ? [check] : []));

const among = (view: StrangersView, relays: readonly RelayUrl[]): Sighting[] =>
  view.sightings.filter(({ relay }) => relays.includes(relay));
const startRead = (view: StrangersView): boolean => among(view, view.start).some(({ read }) => read);
const writeSightings = (view: StrangersView): Sighting[] =>
  among(view, strangersWriteRelays(view.sightings) ?? []);
const readable = (view: StrangersView): Sighting[] => writeSightings(view).filter(({ read }) => read);

function error(
  code: StrangersProblem['code'],
  message: string,
  repair: string,
  relay?: RelayUrl,
): StrangersProblem {
  return { code, severity: 'error', message, repair, ...(relay === undefined ? {} : { relay }) };
}

const warning = (...words: Parameters<typeof error>): StrangersProblem => ({
  ...error(...words),
  severity: 'warning',
});

const beginning: Rule = (view) => {
  if (view.start.length === 0) {
    return [
      error(
        'no_start',
        'no relay is configured to look for the account at',
        'set relays.bootstrap in the configuration and restart dialogd',
      ),
    ];
  }
  if (startRead(view)) return [];
  return [error('start_unreachable', 'no bootstrap relay answers a stranger', CHOOSE_ANOTHER)];
};

const lists: Rule = (view) => {
  if (!startRead(view)) return [];
  const write = strangersWriteRelays(view.sightings);
  const inbox = strangersInboxRelays(view.sightings);
  const start = 'on the bootstrap relays';
  return [
    ...(write === undefined
      ? [error('no_write_list', `there is no relay list of kind 10002 ${start}`, PUBLISH_LISTS)]
      : []),
    ...(write?.length === 0
      ? [error('no_write_relays', 'the relay list of kind 10002 names no write relay', PUBLISH_LISTS)]
      : []),
    ...(inbox === undefined
      ? [error('no_inbox_list', `there is no relay list of kind 10050 ${start}`, PUBLISH_LISTS)]
      : []),
    ...(inbox?.length === 0
      ? [error('no_inbox_relays', 'the relay list of kind 10050 names no relay', PUBLISH_LISTS)]
      : []),
  ];
};

const packages: Rule = (view) => {
  const write = writeSightings(view);
  const answering = readable(view);
  if (write.length > 0 && answering.length === 0) {
    return [error('write_unreachable', 'no write relay answers a stranger', CHOOSE_ANOTHER)];
  }
  const found = answering.flatMap((sighting) => sighting.packages);
  if (answering.length > 0 && found.length === 0) {
    return [error('no_packages', 'the write relays have no KeyPackage of the account', READ_BACK)];
  }
  const valid = answering.flatMap(validPackages);
  if (found.length > 0 && rankKeyPackages(valid, GROUP_NEEDS).length === 0) {
    return [error('no_valid_packages', 'no KeyPackage on the write relays is one to invite with', REFRESH)];
  }
  return [];
};

/** An inviter takes one package: the first to be chosen decides, any other may be. */
const keys: Rule = (view) => {
  const ranked = rankKeyPackages(readable(view).flatMap(validPackages), GROUP_NEEDS);
  const first = ranked[0]?.facts.ref;
  return (['keys_gone', 'other_copy'] as const).flatMap((standing) => {
    const refs = new Set(
      ranked.map(({ facts }) => facts.ref).filter((ref) => view.standings.get(ref) === standing),
    );
    if (refs.size === 0) return [];
    const what = standing === 'keys_gone' ? 'whose keys were erased here' : 'that this daemon did not make';
    const tell = first !== undefined && refs.has(first) ? error : warning;
    return [tell(standing, `the relays offer ${refs.size} KeyPackages ${what}`, REFRESH)];
  });
};

const inbox: Rule = (view) => {
  const sightings = among(view, strangersInboxRelays(view.sightings) ?? []);
  if (sightings.length === 0 || sightings.some(({ connected }) => connected)) return [];
  return [error('inbox_unreachable', 'no inbox relay can be reached', CHOOSE_ANOTHER)];
};

/** One relay at a time: a stranger may know no other. */
const eachRelay: Rule = (view) => view.sightings.flatMap((sighting) => atRelay(view, sighting));

function atRelay(view: StrangersView, sighting: Sighting): StrangersProblem[] {
  const { relay, connected, read, reason = 'no reason given' } = sighting;
  if (!connected) {
    return [warning('relay_unreachable', `${relay} cannot be reached (${reason})`, CHOOSE_ANOTHER, relay)];
  }
  if (read) return [...listsAt(view, sighting), ...packagesAt(view, sighting)];
  // Gift wraps are brought to an inbox relay without reading anything there.
  if (!view.start.includes(relay) && !writeSightings(view).includes(sighting)) return [];
  return [warning('relay_unreadable', `${relay} tells strangers nothing (${reason})`, PUBLISH_LISTS, relay)];
}

function listsAt(view: StrangersView, sighting: Sighting): StrangersProblem[] {
  const { relay } = sighting;
  return LIST_KINDS.flatMap((kind) => {
    const standing = listAt(view, sighting, kind);
    if (standing === 'older') {
      return [warning('list_outdated', `${relay} serves an older list of kind ${kind}`, READ_BACK, relay)];
    }
    if (standing !== 'missing' || newestList(view.sightings, kind) === undefined) return [];
    return [warning('list_missing', `${relay} has no list of kind ${kind}`, READ_BACK, relay)];
  });
}

function packagesAt(view: StrangersView, sighting: Sighting): StrangersProblem[] {
  const { relay } = sighting;
  if (!writeSightings(view).includes(sighting)) return [];
  const elsewhere = view.sightings.some((other) => other !== sighting && other.packages.length > 0);
  if (sighting.packages.length === 0 && elsewhere) {
    return [warning('packages_missing', `${relay} has no KeyPackage of the account`, READ_BACK, relay)];
  }
  const reasons = sighting.packages.flatMap(({ check }) =>
    check.ok ? [] : [check.reasons[0]?.code ?? 'refused'],
  );
  if (reasons.length === 0) return [];
  const why = [...new Set(reasons)].join(', ');
  return [
    warning(
      'packages_invalid',
      `${relay} has ${reasons.length} invalid KeyPackages (${why})`,
      REFRESH,
      relay,
    ),
  ];
}

const RULES: readonly Rule[] = [beginning, lists, packages, keys, inbox, eachRelay];
