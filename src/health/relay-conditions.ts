import { wantedDeliveries } from '../delivery/delivery.ts';
import type { RelayUrl } from '../ids.ts';
import { relaysInUse, type World } from '../keypackages/world.ts';
import type { Delivery } from '../records.ts';
import { type Condition, type ConditionCode, starting } from './condition.ts';

const SEE_RELAYS = 'dialogctl relays list';
const ANOTHER_RELAY =
  'if this lasts, choose another relay: dialogctl relays publish-lists --write URL --inbox URL';

/** What is wrong with the relays in use, one condition of a kind for each of them. */
export function relayConditions(world: World): Condition[] {
  const foreign = foreignPackages(world);
  if (starting(world)) return foreign;
  return [
    ...foreign,
    ...relaysInUse(world.roles).flatMap((relay) => connection(world, relay)),
    ...answers(world),
  ];
}

/** A relay that does not answer is no better than one that is not there. */
function connection({ session }: World, relay: RelayUrl): Condition[] {
  const warn = (code: ConditionCode, message: string): Condition[] => [
    { code, severity: 'warning', dependsOn: relay, message: `${relay} ${message}`, repair: SEE_RELAYS },
  ];
  if (!session.connected.has(relay)) return warn('relay_down', 'is not connected');
  if (!session.answering.has(relay)) return warn('relay_down', 'is connected but does not answer');
  if (session.caughtUp.has(relay) && !session.readBackFailedAt.has(relay)) return [];
  return warn('relay_unreadable', 'does not let us read what it holds');
}

/** Where we publish: what another copy has left on other relays is nobody's to replace. */
const foreignPackages = ({ session, roles }: World): Condition[] =>
  [...session.foreign]
    .filter(([relay, count]) => count > 0 && roles.write?.includes(relay))
    .map(([relay, count]) => ({
      code: 'foreign_package',
      severity: 'error',
      dependsOn: relay,
      message: `${relay} holds ${count} KeyPackages in our slots that this copy of the state did not make: another copy is or was in use`,
      repair: 'stop the other copy of this state: one of them only may run',
    }));

/** However many events it concerns, of those that are still to be there. */
function answers(world: World): Condition[] {
  const found = new Map<string, Condition>();
  for (const { entry, relays } of wantedDeliveries(world)) {
    for (const relay of relays) {
      const delivery = entry.deliveries[relay];
      const code = delivery === undefined ? undefined : troubleOf(delivery);
      // Of one that is down, what it did not answer is the least.
      if (delivery === undefined || code === undefined || !world.session.answering.has(relay)) continue;
      const message = `${relay} ${TROUBLES[code](delivery.detail)}`;
      found.set(`${relay} ${code}`, {
        code,
        severity: 'warning',
        dependsOn: relay,
        message,
        repair: ANOTHER_RELAY,
      });
    }
  }
  return [...found.values()];
}

const TROUBLES = {
  relay_rejects: (detail = 'no reason given') => `refuses our events (${detail})`,
  relay_silent: (detail = 'no answer') => `does not confirm our events (${detail}); they are sent again`,
  relay_lost_package: () => 'lost KeyPackages it had accepted; they are sent again',
  relay_serves_older: () => 'serves older KeyPackages than it has accepted; they are sent again',
} as const satisfies Partial<Record<ConditionCode, (detail?: string) => string>>;

function troubleOf({ outcome, detail }: Delivery): keyof typeof TROUBLES | undefined {
  if (outcome === 'rejected') return 'relay_rejects';
  // Without a detail nothing was sent yet.
  if (outcome !== 'unknown' || detail === undefined) return undefined;
  return detail === 'relay_lost_package' || detail === 'relay_serves_older' ? detail : 'relay_silent';
}
