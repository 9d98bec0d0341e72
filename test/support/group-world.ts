/**
 * A group whose messages get lost, late, out of order and in copies. Handshake messages that were lost are sent
 * again, as relays serve them again; application messages are not. One commit wins each epoch.
 */
import { type CommitRequest, createCommit, proposeSelfRemove } from '../../src/mls/group/commit-create.ts';
import { type ProcessOutcome, processMessage } from '../../src/mls/group/process.ts';
import type { GroupState } from '../../src/mls/group/state.ts';
import { decodeState, encodeState } from '../../src/mls/group/state-codec.ts';
import { sealApplication } from '../../src/mls/messages/private-message.ts';
import type { Random } from '../../src/ports.ts';
import { COMPONENT } from '../../src/protocol/kinds.ts';
import { createTestGroups, type TestGroups } from './groups.ts';
import { drawBelow } from './random.ts';

/** Past epochs whose states a member keeps for late messages (protocol.md section 6). */
const RETAINED_EPOCHS = 5;

interface Envelope {
  readonly message: Uint8Array;
  readonly epoch: bigint;
}

export interface WorldMember {
  readonly name: number;
  /** Newest last: the current epoch, and those retained. */
  readonly states: GroupState[];
  readonly inbox: Envelope[];
  /** Texts read, each as often as it was. */
  readonly read: string[];
  removed: boolean;
}

/** A text, who can read it, and whom it was delivered to. */
interface SentText {
  readonly text: string;
  readonly delivered: ReadonlySet<number>;
}

export interface GroupWorld {
  readonly members: readonly WorldMember[];
  readonly texts: readonly SentText[];
  /** One random thing by one random member. */
  step(): Promise<void>;
  /** Hands everything over and lets everyone work it off. */
  settle(): Promise<void>;
}

export const currentState = ({ states }: WorldMember): GroupState => states.at(-1) as GroupState;

export async function createGroupWorld(random: Random, size: number): Promise<GroupWorld> {
  const groups = createTestGroups(random);
  const draw = (below: number): number => drawBelow(random, below);
  const members: WorldMember[] = [];
  const texts: SentText[] = [];
  let lost: { readonly to: WorldMember; readonly envelope: Envelope }[] = [];
  let names = 0;

  const enter = (state: GroupState): void => {
    members.push({ name: names++, states: [state], inbox: [], read: [], removed: false });
  };
  const active = (): WorldMember[] => members.filter(({ removed }) => !removed);
  const others = (sender: WorldMember): WorldMember[] => active().filter((member) => member !== sender);

  /** Into every inbox at a random place, sometimes twice, sometimes not: who got it at once and can read it. */
  const spread = (from: WorldMember, envelope: Envelope): Set<number> => {
    const delivered = new Set<number>();
    for (const to of others(from)) {
      if (draw(5) === 0) {
        lost.push({ to, envelope });
        continue;
      }
      for (let copies = draw(6) === 0 ? 2 : 1; copies > 0; copies--) {
        to.inbox.splice(draw(to.inbox.length + 1), 0, envelope);
      }
      // Who joined after that epoch has no key for it.
      const since = (to.states[0] as GroupState).context.epoch;
      if (envelope.epoch >= since) delivered.add(to.name);
    }
    return delivered;
  };
  const sendHandshake = async (from: WorldMember, envelope: Envelope): Promise<void> => {
    spread(from, envelope);
    if (draw(2) === 0) await settle();
  };
  const settle = async (): Promise<void> => {
    for (const { to, envelope } of lost) to.inbox.push(envelope);
    lost = [];
    for (const member of active()) await workOff(groups, member);
  };
  const commit = async (from: WorldMember, request: CommitRequest): Promise<Uint8Array | undefined> => {
    // The next epoch starts from the same place for all: one commit wins each.
    await settle();
    if (from.removed) return undefined;
    const { epoch } = currentState(from).context;
    const { state, message, welcome } = await createCommit(groups.cs, currentState(from), request);
    keep(from, state);
    await sendHandshake(from, { message, epoch });
    return welcome;
  };

  const actions: ((from: WorldMember) => Promise<void>)[] = [
    async (from) => void (await commit(from, {})),
    async (from) => {
      const guest = groups.client(`guest ${names}`).keyPackage();
      const welcome = await commit(from, { add: [guest.message] });
      if (welcome !== undefined) enter(await groups.join(guest, welcome));
    },
    async (from) => {
      await settle();
      const candidates = others(from);
      if (from.removed || candidates.length < 2) return;
      const victim = candidates[draw(candidates.length)] as WorldMember;
      await commit(from, { remove: [currentState(victim).path.leafIndex] });
    },
    async (from) => {
      const update = Uint8Array.of(1, 65 + draw(26), 0);
      await commit(from, { appData: [{ componentId: COMPONENT.groupProfile, update }] });
    },
    async (from) => {
      await settle();
      if (from.removed || active().length < 3) return;
      const leave = proposeSelfRemove(currentState(from));
      from.states.splice(-1, 1, leave.state);
      await sendHandshake(from, { message: leave.message, epoch: leave.state.context.epoch });
      const left = others(from);
      await commit(left[draw(left.length)] as WorldMember, { pending: 'self_remove' });
    },
    async (from) => {
      const text = `text ${texts.length}`;
      const sealed = await sealApplication(groups.cs, currentState(from), new TextEncoder().encode(text));
      from.states.splice(-1, 1, sealed.state);
      const sentAgain = [...lost];
      const envelope = { message: sealed.message, epoch: sealed.state.context.epoch };
      texts.push({ text, delivered: spread(from, envelope) });
      lost = sentAgain;
    },
  ];

  const founder = groups.client('founder');
  const invited = Array.from({ length: size - 1 }, (_, at) => groups.client(`invited ${at}`));
  for (const state of await groups.found(founder, invited)) enter(state);
  return {
    members,
    texts,
    settle,
    async step() {
      const from = active()[draw(active().length)] as WorldMember;
      // Messages outnumber changes, as they do in life.
      const action = actions[Math.min(draw(actions.length + 3), actions.length - 1)];
      await action?.(from);
    },
  };
}

/** States are kept as a daemon keeps them: what was stored is what is read. */
function keep(member: WorldMember, state: GroupState): void {
  member.states.push(decodeState(encodeState(state)));
  member.states.splice(0, member.states.length - 1 - RETAINED_EPOCHS);
}

/** Works through the inbox until nothing in it gets the member any further. */
async function workOff(groups: TestGroups, member: WorldMember): Promise<void> {
  let progress = true;
  while (progress && !member.removed) {
    progress = false;
    for (const envelope of member.inbox.splice(0)) {
      const verdict = await take(groups, member, envelope);
      if (verdict === 'later') member.inbox.push(envelope);
      progress ||= verdict === 'taken';
    }
  }
}

type Verdict = 'taken' | 'later' | 'dropped';

async function take(groups: TestGroups, member: WorldMember, { message, epoch }: Envelope): Promise<Verdict> {
  if (epoch > currentState(member).context.epoch) return 'later';
  const at = member.states.findIndex(({ context }) => context.epoch === epoch);
  const state = member.states[at];
  if (state === undefined) return 'dropped';
  const outcome = await processMessage(groups.cs, state, message);
  const isPast = at < member.states.length - 1;
  return isPast && outcome.kind !== 'application' ? 'dropped' : accept(member, at, outcome);
}

function accept(member: WorldMember, at: number, outcome: ProcessOutcome): Verdict {
  switch (outcome.kind) {
    case 'refused':
      if (outcome.reason === 'replayed') return 'dropped';
      // A commit can come before a proposal that it refers to.
      if (outcome.detail === 'a commit of a proposal that we do not have') return 'later';
      throw new Error(`${outcome.reason}: ${outcome.detail}`);
    case 'removed':
      member.removed = true;
      return 'taken';
    case 'commit':
      keep(member, outcome.state);
      return 'taken';
    case 'application':
      member.read.push(new TextDecoder().decode(outcome.data));
      member.states.splice(at, 1, outcome.state);
      return 'taken';
    case 'proposal':
      member.states.splice(at, 1, outcome.state);
      return 'taken';
  }
}
