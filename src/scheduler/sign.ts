import type { EventTemplate, SignerOutcome } from '../ports.ts';
import { sameAsTemplate } from '../protocol/nip01.ts';
import type { NostrEvent } from '../records.ts';
import type { EngineDeps } from './deps.ts';

/** Thrown inside a signing job when the signer does not sign; the job ends, the engine asks again later. */
export class SignerTrouble extends Error {
  constructor(outcome: Exclude<SignerOutcome<never>, { kind: 'ok' }>) {
    super(`${outcome.kind}: ${outcome.reason}`);
    this.name = 'SignerTrouble';
  }
}

/** Has the account sign exactly this; whatever else comes back is refused before use. */
export async function signAs(
  deps: Pick<EngineDeps, 'signer' | 'account' | 'crypto'>,
  template: EventTemplate,
): Promise<NostrEvent> {
  const outcome = await deps.signer.sign(template);
  if (outcome.kind !== 'ok') throw new SignerTrouble(outcome);
  const event = outcome.value;
  if (!sameAsTemplate(template, event, deps.account) || !deps.crypto.verifyEvent(event)) {
    throw new SignerTrouble({
      kind: 'refused',
      reason: 'it returned another event than it was asked to sign',
    });
  }
  return event;
}
