/** What MLS costs: ts-mls with its default provider, with ours, and our room, side by side on the same inputs. */
import { randomBytes } from 'node:crypto';
import { getCiphersuiteFromName, getCiphersuiteImpl } from 'ts-mls';
import { unixSeconds } from '../src/ids.ts';
import { CIPHERSUITE_NAME, createProvider } from '../src/mls/crypto/provider.ts';
import { createCommit } from '../src/mls/group/commit-create.ts';
import { sealApplication } from '../src/mls/messages/private-message.ts';
import { createMls } from '../src/mls/mls.ts';
import type { KeyPackageRequest, Random } from '../src/ports.ts';
import { createTestGroups } from '../test/support/groups.ts';
import { line, median, timed } from './figures.ts';
import { type Client, libraryClient, type Member, ownClient } from './mls-clients.ts';

/** Rounds, of which the median counts, and how often the work is done in each. */
interface Effort {
  readonly rounds: number;
  readonly times: number;
}

const MANY: Effort = { rounds: 5, times: 50 };
const FEW: Effort = { rounds: 5, times: 5 };
const BATCH = 11;
const SIZES: readonly (Effort & { readonly members: number })[] = [
  { members: 2, ...FEW },
  { members: 10, ...FEW },
  { members: 100, rounds: 3, times: 1 },
  // ts-mls joins these in a minute or two: once has to do.
  { members: 1_000, rounds: 1, times: 1 },
];
const COLUMN = 26;
const TEXT = new TextEncoder().encode('see you at eight');

const random: Random = { bytes: (length) => new Uint8Array(randomBytes(length)) };
const groups = createTestGroups(random);
const mls = createMls(random);

const perSecond = (ms: number): string => (1_000 / ms).toFixed(0);

export async function benchMls(): Promise<void> {
  const provider = createProvider(random);
  const defaultProvider = await getCiphersuiteImpl(getCiphersuiteFromName(CIPHERSUITE_NAME));
  const template = groups.client('template').keyPackage();
  const clients = [
    libraryClient('ts-mls, default provider', defaultProvider, template),
    libraryClient('ts-mls, our provider', provider, template),
    ownClient(random),
  ];
  row('', [...clients.map(({ name }) => name), 'first / last']);
  await compareKeyPackages(clients);
  for (const size of SIZES) await compareGroups(clients, size.members, size);
}

/** Valid now: ts-mls looks at the clock before it adds somebody. */
function newRequest(): KeyPackageRequest {
  const now = Date.now() / 1_000;
  return {
    account: groups.client('newcomer').account.publicKey,
    signatureKeyPair: mls.newSignatureKeyPair(),
    accountProof: random.bytes(104),
    lastResort: false,
    notBefore: unixSeconds(now - 3_600),
    notAfter: unixSeconds(now + 86_400),
  };
}

async function compareKeyPackages(clients: readonly Client[]): Promise<void> {
  const request = newRequest();
  const make = clients.map((client) => () => client.keyPackage(request));
  await compare('KeyPackages/s', MANY, make, perSecond);
  const makeBatch = make.map((one) => async () => {
    for (let made = 0; made < BATCH; made++) await one();
  });
  await compare(`a batch of ${BATCH} KeyPackages`, FEW, makeBatch);
}

/** One group of so many; the last one invited is the member that works, as each of the clients. */
async function compareGroups(clients: readonly Client[], size: number, effort: Effort): Promise<void> {
  const { founder, welcome, invited } = await foundGroup(size);
  const { message: newcomer } = mls.generateKeyPackage(newRequest());
  const { message: greeting } = await sealApplication(groups.cs, founder, TEXT);
  const members: Member[] = [];
  const join = clients.map((client, column) => async () => {
    members[column] = await client.join(invited, welcome);
  });
  const of = (what: string): string => `${what}, ${size} members`;
  await compare(of('join'), effort, join);
  const each = (work: (member: Member) => unknown) => members.map((member) => () => work(member));
  const add = each((member) => member.add(newcomer));
  await compare(of('add'), effort, add);
  const selfUpdate = each((member) => member.selfUpdate());
  await compare(of('self-update'), effort, selfUpdate);
  const seal = each((member) => member.seal(TEXT));
  await compare(of('messages sealed/s'), MANY, seal, perSecond);
  const open = each((member) => member.open(greeting));
  await compare(of('messages opened/s'), MANY, open, perSecond);
  await compareStates(of, members);
}

async function compareStates(of: (what: string) => string, members: readonly Member[]): Promise<void> {
  const encode = members.map((member) => () => member.encode());
  const states = members.map((member) => member.encode());
  const decode = members.map((member, column) => () => member.decode(states[column] as Uint8Array));
  await compare(of('state to bytes'), FEW, encode);
  await compare(of('bytes to state'), FEW, decode);
  row(
    of('bytes of state'),
    states.map(({ length }) => String(length)),
  );
}

async function foundGroup(size: number) {
  const founder = groups.client('founder');
  const packages = Array.from({ length: size - 1 }, (_, index) => groups.client(index).keyPackage());
  const state = await groups.create(founder);
  const commit = await createCommit(groups.cs, state, { add: packages.map(({ message }) => message) });
  const { welcome } = commit;
  const invited = packages.at(-1);
  if (welcome === undefined || invited === undefined) throw new Error('nobody was invited');
  return { founder: commit.state, welcome, invited };
}

/** Milliseconds of one `work`, the columns taking turns; the last figure is the first column by the last. */
async function compare(
  label: string,
  { rounds, times }: Effort,
  works: readonly (() => unknown)[],
  show = (ms: number): string => `${ms.toFixed(2)} ms`,
): Promise<void> {
  const measured = works.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [column, work] of works.entries()) {
      const sec = await timed(async () => {
        for (let time = 0; time < times; time++) await work();
      });
      measured[column]?.push((sec * 1_000) / times);
    }
  }
  const medians = measured.map(median);
  const ratio = (medians[0] as number) / (medians.at(-1) as number);
  row(label, [...medians.map(show), ratio.toFixed(1)]);
}

const row = (label: string, cells: readonly string[]): void =>
  line(label, cells.map((cell) => cell.padStart(COLUMN)).join(''));
