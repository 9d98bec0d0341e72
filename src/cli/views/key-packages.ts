import { short } from '../../ids.ts';
import type { Result } from '../../ipc/protocol/methods.ts';
import { heads, table } from '../table.ts';
import type { Paint } from '../terminal.ts';
import { counted, spaced, when, whenever } from '../words.ts';
import type { View } from './view.ts';

export type KeyPackage = Result<'keyPackages.list'>['packages'][number];

/** One line for each package. */
export const keyPackagesView: View<'keyPackages.list'> = ({ packages }, { paint, now }) => {
  if (packages.length === 0) return 'There are no KeyPackages yet.\n';
  const rows = packages.map((keyPackage) => [
    short(keyPackage.ref),
    spaced(keyPackage.kind),
    statePaint(paint, keyPackage.state)(keyPackage.state),
    whenever(keyPackage.publishedAt, now),
    when(keyPackage.notAfter, now),
    acceptedBy(keyPackage),
    noteOn(keyPackage, now),
  ]);
  const head = heads(paint, 'PACKAGE', 'KIND', 'STATE', 'PUBLISHED', 'EXPIRES', 'RELAYS', 'NOTE');
  return `${table(rows, head)}\n${summary(packages)}\n`;
};

/** One line for each package and relay. */
export const deliveriesView: View<'keyPackages.list'> = ({ packages }, { paint, now }) => {
  const rows = packages.flatMap((keyPackage) =>
    keyPackage.relays.map((relay) => [
      short(keyPackage.ref),
      relay.url,
      paintOutcome(paint, relay.outcome),
      when(relay.at, now),
      [
        ...(relay.seenAt === undefined ? [] : [`seen ${when(relay.seenAt, now)}`]),
        ...(relay.retryAt === undefined ? [] : [`again ${when(relay.retryAt, now)}`]),
        ...(relay.detail === undefined ? [] : [relay.detail]),
      ].join('; '),
    ]),
  );
  if (rows.length === 0) return 'No KeyPackage is meant for a relay yet.\n';
  return table(rows, heads(paint, 'PACKAGE', 'RELAY', 'OUTCOME', 'SINCE', 'NOTE'));
};

const accepting = ({ relays }: KeyPackage): number =>
  relays.filter(({ outcome }) => outcome === 'accepted').length;

export const acceptedBy = (keyPackage: KeyPackage): string =>
  `${accepting(keyPackage)}/${keyPackage.relays.length}`;

function noteOn({ erased, keepUntil, relays }: KeyPackage, now: number): string {
  if (erased !== undefined) return `${spaced(erased.cause)}, keys gone ${when(erased.at, now)}`;
  if (keepUntil !== undefined) return `keys go ${when(keepUntil, now)}`;
  const retries = relays.flatMap(({ retryAt }) => retryAt ?? []);
  return retries.length === 0 ? '' : `again ${when(Math.min(...retries), now)}`;
}

function summary(packages: readonly KeyPackage[]): string {
  const states = new Map<string, number>();
  for (const { state } of packages) states.set(state, (states.get(state) ?? 0) + 1);
  const parts = [...states].map(([state, count]) => `${count} ${state}`);
  return `${counted(packages.length, 'package')}: ${parts.join(', ')}`;
}

export function statePaint(paint: Paint, state: KeyPackage['state']): Paint['green'] {
  if (state === 'confirmed') return paint.green;
  return state === 'generated' || state === 'published' ? paint.yellow : paint.dim;
}

function paintOutcome(paint: Paint, outcome: KeyPackage['relays'][number]['outcome']): string {
  const colour = { accepted: paint.green, sent: paint.cyan, unknown: paint.yellow, rejected: paint.red };
  return colour[outcome](outcome);
}
