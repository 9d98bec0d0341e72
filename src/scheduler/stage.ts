import { bytesToHex } from '@noble/hashes/utils.js';
import type { StageOrder } from '../decision.ts';
import { DaemonError } from '../errors.ts';
import { plus, type SlotId, short, type UnixSeconds } from '../ids.ts';
import { addNotice } from '../notices.ts';
import type { SignatureKeyPair } from '../ports.ts';
import { accountProofTemplate, encodeAccountProof } from '../protocol/account-proof.ts';
import { LIFETIME_BACKDATE_SEC } from '../protocol/key-package-content.ts';
import { checkKeyPackageEvent, keyPackageEventTemplate } from '../protocol/key-package-event.ts';
import { fraction } from '../random.ts';
import type { KeyPackageRecord, NostrEvent, PrivateKeyPackage } from '../records.ts';
import type { EngineDeps } from './deps.ts';
import { readMeta } from './gather.ts';
import { signAs } from './sign.ts';

/** Renewals of accounts started together spread over this part of the interval before it ends. */
const RENEWAL_SPREAD = 1 / 48;

interface Batch {
  readonly now: UnixSeconds;
  readonly pair: SignatureKeyPair;
  readonly accountProof: Uint8Array;
}

interface Staged {
  readonly record: Omit<KeyPackageRecord, 'generation'>;
  readonly keys: PrivateKeyPackage;
  readonly event: NostrEvent;
}

/**
 * C1: new KeyPackages for the ordered slots, with one leaf signature key and one account proof for the batch.
 * Everything is signed before anything is stored, so that nothing half-made is ever resumed.
 */
export async function stage(deps: EngineDeps, orders: readonly StageOrder[]): Promise<void> {
  const now = deps.clock.now();
  const pair = deps.mls.newSignatureKeyPair();
  const staged: Staged[] = [];
  try {
    const proofEvent = await signAs(deps, accountProofTemplate(pair.publicKey, now));
    const batch: Batch = { now, pair, accountProof: encodeAccountProof(proofEvent) };
    const lastCreatedAt = await lastDates(deps);
    for (const order of orders) staged.push(await makePackage(deps, batch, order, lastCreatedAt));
    const reason = [...new Set(orders.map((order) => order.reason))].join(', ');
    await commit(deps, staged, now, reason);
  } finally {
    // Also where the signer refused: what was made until then is of no use to anybody.
    pair.privateKey.fill(0);
    for (const { keys } of staged) keys.privateBytes.fill(0);
  }
}

async function lastDates({ store }: EngineDeps): Promise<ReadonlyMap<SlotId, UnixSeconds>> {
  const slots = await store.read((view) => view.slots.list());
  return new Map(slots.map((record) => [record.slot, record.lastCreatedAt]));
}

async function makePackage(
  deps: EngineDeps,
  { now, pair, accountProof }: Batch,
  order: StageOrder,
  lastCreatedAt: ReadonlyMap<SlotId, UnixSeconds>,
): Promise<Staged> {
  const slot = order.slot ?? (bytesToHex(deps.random.bytes(32)) as SlotId);
  const createdAt = Math.max(now, (lastCreatedAt.get(slot) ?? 0) + 1) as UnixSeconds;
  const notAfter = plus(now, deps.policy.lifetimeSec);
  const keys = deps.mls.generateKeyPackage({
    account: deps.account,
    signatureKeyPair: pair,
    accountProof,
    lastResort: order.kind === 'last_resort',
    notBefore: plus(now, -LIFETIME_BACKDATE_SEC),
    notAfter,
  });
  const event = await signedPackage(deps, keys, slot, createdAt, now).catch((error: unknown) => {
    keys.privateBytes.fill(0);
    throw error;
  });
  const renewAfter = deps.policy.refreshAfterSec * (1 - RENEWAL_SPREAD * fraction(deps.random));
  const record: Staged['record'] = {
    ref: keys.ref,
    slot,
    kind: order.kind,
    state: 'generated',
    eventId: event.id,
    createdAt,
    notBefore: plus(now, -LIFETIME_BACKDATE_SEC),
    notAfter,
    stagedAt: now,
    renewAt: plus(now, Math.floor(renewAfter)),
  };
  return { record, keys, event };
}

async function signedPackage(
  deps: EngineDeps,
  { message }: PrivateKeyPackage,
  slot: SlotId,
  createdAt: UnixSeconds,
  now: UnixSeconds,
): Promise<NostrEvent> {
  const facts = deps.mls.readKeyPackage(message);
  const event = await signAs(deps, keyPackageEventTemplate({ facts, message, slot, createdAt }));
  await mustPassOurOwnChecks(deps, event, now);
  return event;
}

/** What peers would refuse never leaves: the event is judged as a stranger would (protocol.md section 3). */
async function mustPassOurOwnChecks(deps: EngineDeps, event: NostrEvent, now: UnixSeconds): Promise<void> {
  const check = await checkKeyPackageEvent(
    event,
    { readKeyPackage: (message) => deps.mls.readKeyPackage(message), crypto: deps.crypto },
    now,
  );
  if (!check.ok) {
    throw new DaemonError(
      'internal',
      `our own KeyPackage would be rejected: ${JSON.stringify(check.reasons)}`,
    );
  }
}

async function commit(
  deps: EngineDeps,
  staged: readonly Staged[],
  now: UnixSeconds,
  reason: string,
): Promise<void> {
  const stored = await deps.store.update('stage', async (tx) => {
    const stored: Staged[] = [];
    const meta = await readMeta(tx);
    const generation = meta.generation + 1;
    for (const each of staged) {
      const { record, keys, event } = each;
      const slot = await tx.slots.get(record.slot);
      // A newer event of the slot was met while the signer was busy: this one would never be served.
      if (slot !== undefined && slot.lastCreatedAt >= record.createdAt) continue;
      tx.slots.put(record.slot, { slot: record.slot, kind: record.kind, lastCreatedAt: record.createdAt });
      tx.keyPackages.put(record.ref, { ...record, generation });
      tx.privateKeyPackages.put(record.ref, keys);
      tx.outbox.put(event.id, {
        event,
        subject: { kind: 'key_package', ref: record.ref, slot: record.slot },
        stagedAt: now,
        deliveries: {},
      });
      stored.push(each);
    }
    if (stored.length === 0) return stored;
    tx.meta.put('meta', { ...meta, generation });
    await addNotice(tx, now, {
      code: 'key_packages_staged',
      severity: 'info',
      message: `${stored.length} new KeyPackages of generation ${generation}: ${reason}`,
      data: { count: stored.length, generation, reason },
    });
    return stored;
  });
  if (stored.length === 0) return;
  for (const { record } of stored) {
    deps.log.debug('key_package_staged', {
      ref: short(record.ref),
      slot: short(record.slot),
      kind: record.kind,
    });
  }
  deps.log.info('key_packages_staged', { count: stored.length, reason });
}
