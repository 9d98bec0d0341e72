import { facts } from '../table.ts';
import { spaced, whenever } from '../words.ts';
import { sealText } from './status.ts';
import type { View } from './view.ts';

export const identityView: View<'identity.show'> = (identity, { paint, now }) =>
  facts(paint, [
    ['Account', identity.npub],
    ['Hex', identity.account],
    ['Key', spaced(identity.source)],
    ['Since', whenever(identity.createdAt, now)],
    ['Sealed by', identity.seal === null ? '-' : sealText(identity.seal)],
  ]);
