/** What the components of a GroupContext say (protocol.md section 6). */
import type { PublicKey } from '../ids.ts';
import { componentOf, decodeDictionary, type ExtensionData } from '../protocol/app-data-dictionary.ts';
import { malformed } from '../protocol/bytes.ts';
import {
  adminPolicy,
  type ComponentCodec,
  checkComponent,
  type GroupProfile,
  groupProfile,
  type Lifecycle,
  lifecycle,
  messageRetention,
  type NostrRouting,
  nostrRouting,
  requiredComponents,
} from '../protocol/group-components.ts';
import { EXTENSION } from '../protocol/kinds.ts';

/** A component that has no entry is undefined; so is the list of required ones. */
export interface GroupSettings {
  readonly required: readonly number[] | undefined;
  readonly profile: GroupProfile | undefined;
  readonly admins: readonly PublicKey[] | undefined;
  readonly routing: NostrRouting | undefined;
  /** Seconds. */
  readonly retention: bigint | undefined;
  readonly lifecycle: Lifecycle | undefined;
}

/** Errors: `malformed` for a missing dictionary and for any component whose bytes are not canonical. */
export function readSettings(extensions: readonly ExtensionData[]): GroupSettings {
  const dictionary = extensions.find(({ type }) => type === EXTENSION.appDataDictionary);
  if (dictionary === undefined) throw malformed('a group without an app_data_dictionary');
  const entries = decodeDictionary(dictionary.data);
  for (const entry of entries) checkComponent(entry);
  const read = <T>(codec: ComponentCodec<T>): T | undefined => {
    const data = componentOf(entries, codec.id);
    return data === undefined ? undefined : codec.decode(data);
  };
  return {
    required: read(requiredComponents),
    profile: read(groupProfile),
    admins: read(adminPolicy),
    routing: read(nostrRouting),
    retention: read(messageRetention),
    lifecycle: read(lifecycle),
  };
}
