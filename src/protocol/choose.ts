/** Which of a peer's KeyPackages to invite with (protocol.md section 3, at the end). */
import type { ValidKeyPackage } from './key-package-event.ts';
import { supersedes } from './nip01.ts';

/** What a group asks of every member: ids that a leaf must list. */
export interface GroupNeeds {
  readonly extensions: readonly number[];
  readonly proposals: readonly number[];
  readonly components: readonly number[];
}

/**
 * The compatible packages, best first: standard before last-resort, then the freshest, then the lower
 * KeyPackageRef. An event that another of its slot replaces is out: its keys may be gone.
 */
export function rankKeyPackages(packages: readonly ValidKeyPackage[], needs: GroupNeeds): ValidKeyPackage[] {
  return packages
    .filter((candidate) => !packages.some((other) => replaces(other, candidate)))
    .filter((candidate) => satisfies(candidate, needs))
    .sort(byPreference);
}

const replaces = ({ event, slot }: ValidKeyPackage, other: ValidKeyPackage): boolean =>
  slot === other.slot && event.pubkey === other.event.pubkey && supersedes(event, other.event);

function satisfies({ facts: { capabilities }, components }: ValidKeyPackage, needs: GroupNeeds): boolean {
  const lists = (listed: readonly number[], needed: readonly number[]): boolean =>
    needed.every((id) => listed.includes(id));
  return (
    lists(capabilities.extensions, needs.extensions) &&
    lists(capabilities.proposals, needs.proposals) &&
    lists(components, needs.components)
  );
}

function byPreference(a: ValidKeyPackage, b: ValidKeyPackage): number {
  if (a.kind !== b.kind) return a.kind === 'standard' ? -1 : 1;
  if (a.event.created_at !== b.event.created_at) return b.event.created_at - a.event.created_at;
  return a.facts.ref < b.facts.ref ? -1 : 1;
}
