/**
 * Loaded into a daemon with NODE_OPTIONS=--import: once the file $WEDGE_FILE appears, it is removed and no batch of
 * this process ever ends again. All else goes on.
 */
import { existsSync, rmSync } from 'node:fs';
import { Level } from 'level';

const file = process.env.WEDGE_FILE ?? '';
const batch = Level.prototype._batch;
let wedged = false;

Level.prototype._batch = function (...operations) {
  if (!wedged && existsSync(file)) {
    rmSync(file);
    wedged = true;
  }
  return wedged ? new Promise(() => {}) : batch.apply(this, operations);
};
