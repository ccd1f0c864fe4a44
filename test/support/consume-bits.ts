/**
 * Consumes a stock of random bits, a line a chunk, until it is killed: node consume-bits.ts FOLDER KEY_IN_HEX.
 */
import { bytesOfHex, hex } from '../../src/base/bytes.ts';
import { sha256Of } from '../../src/base/digest.ts';
import { BitStore } from '../../src/mpc/node/bit-store.ts';

const [folder, key] = process.argv.slice(2);
const store = BitStore.open(folder!, bytesOfHex(key!));
for (let chunk = 0; chunk < store.chunks.length; chunk++) {
  if (store.consumed().has(chunk)) continue;
  const { signs } = store.consume(chunk);
  process.stdout.write(`${chunk} ${hex(sha256Of(signs.bytes))}\n`);
}
