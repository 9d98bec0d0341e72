/** One group of three kinds of client: our room, and ts-mls on either provider. */
import {
  type CiphersuiteImpl,
  createApplicationMessage,
  createCommit as createLibraryCommit,
  decodeGroupState,
  encodeGroupState,
  encodeMlsMessage,
} from 'ts-mls';
import { describe, expect, test } from 'vitest';
import { createCommit } from '../../../src/mls/group/commit-create.ts';
import { processMessage } from '../../../src/mls/group/process.ts';
import { sealApplication } from '../../../src/mls/messages/private-message.ts';
import { createTestGroups, stateAfter } from '../../support/groups.ts';
import { createSeededRandom } from '../../support/random.ts';
import { joinAsLibrary, processAsLibrary } from './library.ts';
import { PROVIDERS } from './providers.ts';

const groups = createTestGroups(createSeededRandom('interchange'));
const { cs } = groups;
const TEXT = new TextEncoder().encode('read by every client');

/** The room founds a group with one guest, who is a ts-mls client. */
async function foundWith(suite: CiphersuiteImpl) {
  const guest = groups.client('guest').keyPackage();
  const founding = await createCommit(cs, await groups.create(groups.client('founder')), {
    add: [guest.message],
  });
  if (founding.welcome === undefined) throw new Error('no Welcome');
  return { room: founding.state, library: await joinAsLibrary(guest, founding.welcome, suite) };
}

describe.each(PROVIDERS)('our room and ts-mls on %s', (_name, suite) => {
  test('are in one group after a Welcome, and after commits of either', async () => {
    let { room, library } = await foundWith(suite);
    expect(library.keySchedule.epochAuthenticator).toEqual(room.schedule.epochAuthenticator);

    const ours = await createCommit(cs, room, {});
    room = ours.state;
    const followed = await processAsLibrary(library, ours.message, suite);
    library = followed.newState;
    expect(library.keySchedule.epochAuthenticator).toEqual(room.schedule.epochAuthenticator);

    const theirs = await createLibraryCommit(
      { state: library, cipherSuite: suite },
      { wireAsPublicMessage: true },
    );
    library = theirs.newState;
    room = stateAfter(await processMessage(cs, room, encodeMlsMessage(theirs.commit)));
    expect(room.schedule.epochAuthenticator).toEqual(library.keySchedule.epochAuthenticator);
  });

  test('read what the other wrote', async () => {
    const { room, library } = await foundWith(suite);
    const ours = await sealApplication(cs, room, TEXT);
    expect(await processAsLibrary(library, ours.message, suite)).toMatchObject({ message: TEXT });
    const { privateMessage } = await createApplicationMessage(library, TEXT, suite);
    const bytes = encodeMlsMessage({ version: 'mls10', wireformat: 'mls_private_message', privateMessage });
    expect(await processMessage(cs, room, bytes)).toMatchObject({ kind: 'application', data: TEXT });
  });

  test('go on from a state that the other provider made and stored', async () => {
    const { room, library } = await foundWith(suite);
    const stored = decodeGroupState(encodeGroupState(library), 0)?.[0];
    if (stored === undefined) throw new Error('no state');
    const state = { ...stored, clientConfig: library.clientConfig };
    for (const [, other] of PROVIDERS) {
      const { commit } = await createLibraryCommit(
        { state, cipherSuite: other },
        { wireAsPublicMessage: true },
      );
      const outcome = await processMessage(cs, room, encodeMlsMessage(commit));
      expect(outcome).toMatchObject({ kind: 'commit' });
    }
  });
});
