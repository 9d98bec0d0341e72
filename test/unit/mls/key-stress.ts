/** Program: makes public keys as fast as it can for as many milliseconds as its argument says, prints how many. */
import { publicKeyOf } from '../../../src/mls/crypto/okp.ts';

const privateKey = new Uint8Array(32).fill(7);
const end = performance.now() + Number(process.argv[2]);
let keys = 0;
while (performance.now() < end) {
  publicKeyOf('X25519', privateKey);
  publicKeyOf('Ed25519', privateKey);
  keys += 2;
}
process.stdout.write(`${keys}\n`);
