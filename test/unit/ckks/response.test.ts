import { beforeAll, describe, expect, it } from 'vitest';
import { IntegrityError } from '../../../src/base/errors.ts';
import { ckksParameters, dataPrimesOf } from '../../../src/ckks/parameters.ts';
import {
  packRequest,
  packResponse,
  requestLength,
  responseDeviation,
  responseDivisor,
  responseFormats,
  responseLength,
  unpackRequest,
  unpackResponse,
} from '../../../src/ckks/response.ts';
import { Seal, SealContext, type SecretKey } from '../../../src/ckks/seal.ts';
import { seededBytes } from '../../../src/ckks/wire.ts';
import { scaledOfResidues } from '../../../src/ckks/worker/residues.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';

const PARAMETERS = ckksParameters(4096, [43, 43], 20);
const DEGREE = PARAMETERS.degree;
const PRIMES = dataPrimesOf(PARAMETERS);
const FORMATS = responseFormats(PRIMES);
const POSITIONS = [5, 700, 4095];

describe('what travels of a ciphertext', () => {
  let context: SealContext;
  let key: SecretKey;
  let seeded: Uint8Array;

  beforeAll(async () => {
    context = new SealContext(await Seal.load(), PARAMETERS);
    key = context.newSecretKey();
    const plaintexts = context.plaintexts([new BigUint64Array(context.words)]);
    seeded = context.encryptSeeded(plaintexts, key)[0]!;
    for (const plaintext of plaintexts) plaintext.delete();
    return () => {
      key.delete();
      context[Symbol.dispose]();
    };
  });

  it('uses the primes that SEAL uses', () => {
    expect(context.primes.map(Number)).toEqual(PRIMES);
  });

  it('up: comes back to the byte, six bytes a residue of 43 bits', () => {
    const packed = packRequest(seeded, PRIMES, DEGREE);
    expect(packed.length).toBe(requestLength(PRIMES, DEGREE));
    expect(packed.length).toBe(2 * 6 * DEGREE + 64);
    const { polynomial, seed } = unpackRequest(packed, PRIMES, DEGREE);
    expect(seededBytes(context.shape, polynomial, seed)).toEqual(seeded);
  });

  it('up: is refused with another length, or a residue beyond its prime', () => {
    const packed = packRequest(seeded, PRIMES, DEGREE);
    expect(() => unpackRequest(packed.subarray(1), PRIMES, DEGREE)).toThrow(IntegrityError);
    expect(() => unpackRequest(packed.fill(255, 600, 606), PRIMES, DEGREE)).toThrow(/exceeds its modulus/);
  });

  it.each(FORMATS)(
    'down, over $primes primes with $coefficients: decrypts within the deviation stated',
    (format) => {
      // Twelve encryptions of zero: what is read is noise of 3.2, divided, and what the format adds.
      let squares = 0;
      let count = 0;
      for (let trial = 0; trial < 12; trial++) {
        using fresh = context.loadCiphertext(seeded, 'seeded');
        // Another ciphertext each time: multiplied by a monomial's multiple.
        const words = new BigUint64Array(context.words);
        for (const p of [0, 1]) words[p * DEGREE + trial] = 1n;
        const [monomial] = context.plaintexts([words]);
        using ciphertext = context.innerProduct([[fresh, monomial!]]);
        monomial!.delete();
        const packed = packResponse(
          context.coefficientsOf(ciphertext, format.primes),
          DEGREE,
          format,
          POSITIONS,
        );
        expect(packed.length).toBe(responseLength(format, DEGREE, POSITIONS.length));
        const left = PRIMES.slice(0, format.primes);
        const polynomials = unpackResponse(packed, left, DEGREE, format, POSITIONS);
        using back = context.ciphertextOf(polynomials, format.primes);
        using plaintext = context.decrypt(back, key);
        const [read] = context.polynomials([plaintext], format.primes);
        for (const value of scaledOfResidues(read!, DEGREE, left.map(BigInt), POSITIONS, 0)) {
          squares += value ** 2;
          count++;
        }
      }
      const noise = 3.3 / responseDivisor(format, PRIMES);
      const stated = Math.hypot(responseDeviation(format, PRIMES, DEGREE), noise);
      const measured = Math.sqrt(squares / count);
      expect(measured).toBeLessThan(1.5 * stated);
      // Rounding has a third of its proxy's variance, a ternary secret is zero one time in three.
      expect(measured).toBeGreaterThan(0.2 * stated);
    },
  );

  it('down: is refused with another length, or a residue beyond its prime', () => {
    const random = new SeededRandom(1);
    for (const format of FORMATS) {
      const left = PRIMES.slice(0, format.primes);
      const bytes = new Uint8Array(responseLength(format, DEGREE, POSITIONS.length));
      const unpack = (changed: Uint8Array) => () => unpackResponse(changed, left, DEGREE, format, POSITIONS);
      expect(unpack(bytes.subarray(1))).toThrow(IntegrityError);
      expect(unpack(new Uint8Array(bytes.length + 1))).toThrow(/refused unread/);
      const { bytes: each, droppedBits } = format.coefficients[0]!;
      // Leading bytes take any value: what rounds to the prime itself is zero.
      if (droppedBits > 0) continue;
      const at = each * random.integer(0, DEGREE);
      expect(unpack(bytes.fill(255, at, at + each))).toThrow(/exceeds its modulus/);
    }
  });
});
