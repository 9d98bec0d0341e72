import { inUtc } from '../../durations.ts';
import { facts } from '../table.ts';
import { counted } from '../words.ts';
import type { View } from './view.ts';

export const backupView: View<'daemon.backup'> = ({ path, bytes, account, backupAt, counts }, { paint }) => {
  const {
    privateKeyPackages = 0,
    wraps = 0,
    relayLists = 0,
    notices = 0,
  } = counts as Readonly<Record<string, number>>;
  const held = [
    counted(privateKeyPackages, 'KeyPackage with private keys', 'KeyPackages with private keys'),
    counted(wraps, 'gift wrap'),
    counted(relayLists, 'relay list'),
    counted(notices, 'notice'),
  ];
  const rows = facts(paint, [
    ['Backup', `${path}, ${Math.ceil(bytes / 1024)} KiB, read back and compared`],
    ['Account', `${account}, with its key and the configuration`],
    ['As of', inUtc(backupAt)],
    ['Holds', held.join(', ')],
  ]);
  return `${rows}\nWhoever has the file and its passphrase has the account.\n`;
};
