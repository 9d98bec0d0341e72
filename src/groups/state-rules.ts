/** What the state of a group has to be, in every epoch (protocol.md sections 5 and 6). */
import { decodeExactly, ifWellFormed } from '../protocol/bytes.ts';
import { supportedComponents } from '../protocol/key-package-content.ts';
import { COMPONENT, EXTENSION, idText, PROPOSAL } from '../protocol/kinds.ts';
import { accountIn, type GroupFacts } from './group-facts.ts';
import type { GroupProblem } from './problem.ts';
import { type GroupSettings, readSettings } from './settings.ts';

interface StateCase {
  readonly facts: GroupFacts;
  readonly settings: GroupSettings;
}
type Rule = (given: StateCase) => GroupProblem | undefined;

const missingFrom = (wanted: readonly number[], list: readonly number[]): number | undefined =>
  wanted.find((id) => !list.includes(id));

/** Type lists of the required_capabilities extension (RFC 9420 section 11.1). */
function requiredTypes({ extensions }: GroupFacts) {
  const data = extensions.find(({ type }) => type === EXTENSION.requiredCapabilities)?.data;
  if (data === undefined) return undefined;
  return ifWellFormed(() =>
    decodeExactly(data, (reader) => {
      const [types, proposals] = [reader.list((item) => item.uint16()), reader.list((item) => item.uint16())];
      reader.list((item) => item.uint16());
      return { extensions: types, proposals };
    }),
  );
}

/** Groups made before self_remove was required are accepted. */
const requiredCapabilities: Rule = ({ facts }) => {
  const types = requiredTypes(facts);
  const complete =
    types?.extensions.includes(EXTENSION.appDataDictionary) &&
    types.proposals.includes(PROPOSAL.appDataUpdate);
  return complete
    ? undefined
    : { code: 'required_capabilities_missing', detail: 'app_data_dictionary and app_data_update' };
};

const requiredComponents: Rule = ({ settings: { required } }) => {
  const missing = missingFrom([COMPONENT.adminPolicy, COMPONENT.accountIdentityProof], required ?? []);
  return missing === undefined
    ? undefined
    : { code: 'required_components_missing', detail: `${idText(missing)} is not required` };
};

/** As our own leaf says; MLS has checked the same of extensions and proposals. */
const componentsOfOurs: Rule = ({ facts, settings: { required } }) => {
  const own = facts.members.find(({ leafIndex }) => leafIndex === facts.ownLeaf);
  const supported = own === undefined ? undefined : ifWellFormed(() => supportedComponents(own));
  const unknown = missingFrom(required ?? [], supported ?? []);
  return unknown === undefined
    ? undefined
    : { code: 'component_unsupported', detail: `${idText(unknown)} is not one of ours` };
};

const admins: Rule = ({ facts, settings }) => {
  if (settings.admins === undefined || settings.admins.length === 0) {
    return { code: 'admins_missing', detail: 'nobody may change the group' };
  }
  const present = new Set(facts.members.map(accountIn));
  const absent = settings.admins.find((admin) => !present.has(admin));
  return absent === undefined
    ? undefined
    : { code: 'admin_without_leaf', detail: 'an admin who is no member' };
};

const routing: Rule = ({ settings }) =>
  settings.routing === undefined
    ? { code: 'routing_missing', detail: 'no relays to read the group from' }
    : undefined;

const RULES: readonly Rule[] = [requiredCapabilities, requiredComponents, componentsOfOurs, admins, routing];

/** Everything that is wrong with the state, its members' leaves aside. */
export function judgeState(facts: GroupFacts): GroupProblem[] {
  const settings = ifWellFormed(() => readSettings(facts.extensions));
  return settings === undefined
    ? [{ code: 'components_malformed', detail: 'GroupContext' }]
    : RULES.flatMap((rule) => rule({ facts, settings }) ?? []);
}
