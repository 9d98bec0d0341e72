/** Members who sign and encrypt correctly, but not what they should: each is found out before anything is kept. */
import { decodeGroupInfo, encodeGroupInfo, encodeGroupInfoTBS } from 'ts-mls/groupInfo.js';
import { expect, test } from 'vitest';
import { signWithLabel } from '../../../src/mls/crypto/labelled.ts';
import { createCommit } from '../../../src/mls/group/commit-create.ts';
import { joinGroup } from '../../../src/mls/group/join.ts';
import { processMessage } from '../../../src/mls/group/process.ts';
import type { GroupState } from '../../../src/mls/group/state.ts';
import { GROUP_SECRETS } from '../../../src/mls/messages/welcome.ts';
import { createTestGroups } from '../../support/groups.ts';
import { createSeededRandom } from '../../support/random.ts';

const groups = createTestGroups(createSeededRandom('group forgeries'));
const { cs } = groups;

test('a committer whose path secrets belong to other keys than it shows is refused', async () => {
  const [alice, bob] = (await groups.found(groups.client(0), [groups.client(1)])) as [GroupState, GroupState];
  const seal: typeof cs.hpke.seal = (key, secret, info, aad) =>
    cs.hpke.seal(
      key,
      secret.map((byte) => byte ^ 1),
      info,
      aad,
    );
  const commit = await createCommit({ ...cs, hpke: { ...cs.hpke, seal } }, alice, {});
  expect(await processMessage(cs, bob, commit.message)).toMatchObject({
    kind: 'refused',
    reason: 'invalid',
    detail: 'an UpdatePath whose public keys are not those of its secrets',
  });
});

test('an inviter whose path secret belongs to another key than the tree shows is refused', async () => {
  const guest = groups.client(43).keyPackage();
  const seal: typeof cs.hpke.seal = (key, plain, info, aad) => {
    const secrets = GROUP_SECRETS.decode(plain, 0)?.[0];
    if (secrets?.pathSecret === undefined) return cs.hpke.seal(key, plain, info, aad);
    const other = GROUP_SECRETS.encode({ ...secrets, pathSecret: new Uint8Array(32) });
    return cs.hpke.seal(key, other, info, aad);
  };
  const creator = await groups.create(groups.client(0));
  const { welcome } = await createCommit({ ...cs, hpke: { ...cs.hpke, seal } }, creator, {
    add: [guest.message],
  });
  expect(
    await joinGroup(cs, { welcome: welcome as Uint8Array, keyPackage: guest, heldGroups: [] }),
  ).toMatchObject({ reason: 'invalid', detail: 'a path secret that does not fit the tree' });
});

test('a GroupInfo that its signer did not confirm with the secrets of the epoch is refused', async () => {
  const creator = await groups.create(groups.client(0));
  const encryptAead: typeof cs.hpke.encryptAead = (key, nonce, aad, plain) => {
    const info = aad === undefined ? decodeGroupInfo(plain, 0)?.[0] : undefined;
    if (info === undefined) return cs.hpke.encryptAead(key, nonce, aad, plain);
    const forged = { ...info, confirmationTag: new Uint8Array(32) };
    const tbs = encodeGroupInfoTBS(forged);
    const signature = signWithLabel(creator.signaturePrivateKey, 'MLS 1.0 GroupInfoTBS', tbs);
    return cs.hpke.encryptAead(key, nonce, aad, encodeGroupInfo({ ...forged, signature }));
  };
  const guest = groups.client(45).keyPackage();
  const forger = { ...cs, hpke: { ...cs.hpke, encryptAead } };
  const { welcome } = await createCommit(forger, creator, { add: [guest.message] });
  expect(
    await joinGroup(cs, { welcome: welcome as Uint8Array, keyPackage: guest, heldGroups: [] }),
  ).toMatchObject({ reason: 'unauthentic', detail: 'the confirmation tag of the GroupInfo is invalid' });
});
