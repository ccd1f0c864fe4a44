import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { record } from '../../src/algebra/record.ts';
import type { PartyId } from '../../src/base/brand.ts';
import type { CoefficientPlan } from '../../src/ckks/coefficient-plan.ts';
import { ckksEvaluator } from '../../src/ckks/evaluator.ts';
import { CkksKeyHolder, type ResultCiphertexts } from '../../src/ckks/key-holder.ts';
import { resultCoefficients } from '../../src/ckks/packing.ts';
import { planCkks } from '../../src/ckks/plan.ts';
import { unpackResponse } from '../../src/ckks/response.ts';
import { PLAINTEXT_HEADER_BYTES } from '../../src/ckks/wire.ts';
import { matrixOf } from '../../src/numeric/matrix.ts';
import { sealPrimes } from '../../src/numeric/ntt-primes.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { AuditLog } from '../../src/trust/audit.ts';
import { ReleaseGuard } from '../../src/trust/release.ts';
import { inverseOf, type Negacyclic, negacyclic } from '../support/negacyclic.ts';

// Li and Micciancio, "On the Security of Homomorphic Encryption on Approximate Numbers" (Eurocrypt 2021, ePrint 2020/1533),
// section 3: a decryption is m' = c0 + c1 s exactly, so whoever knows the ciphertext and m' solves for s = (m' - c0) / c1. The
// adversary is the engine: it made the ciphertext, and is shown one result.

const ROWS = 2048;
const QUERIES = 4;
const random = new SeededRandom(2);
const matrix = matrixOf(
  ROWS,
  1,
  Float64Array.from({ length: ROWS }, () => random.between(-1, 1)),
);
// One element times a public vector as long as the ring: every coefficient of the plaintext is a result.
const circuit = record((alg, { x }) => ({ y: alg.matVecPlain(matrix, x) }), { x: { length: 1, bound: 1 } });

type Plan = CoefficientPlan<'x', 'y'>;

/** Solves for the secret key, in NTT form, from a result that may or may not be the raw decryption. */
function solve(ring: Negacyclic, plan: Plan, ciphertext: Uint8Array, result: Float64Array): bigint[] {
  const { packing, response } = plan;
  const [c0, c1] = unpackResponse(
    ciphertext,
    [Number(ring.prime)],
    ROWS,
    response,
    resultCoefficients(packing, 0),
  ).map((polynomial) => ring.forward(Array.from(polynomial))) as [bigint[], bigint[]];
  const scale = 2 ** (plan.inputScaleBits + plan.matrixScaleBits);
  const message = ring.forward(Array.from(result, (value) => BigInt(Math.round(value * scale))));
  return message.map((m, i) => ((m - c0[i]! + ring.prime) * inverseOf(c1[i]!, ring.prime)) % ring.prime);
}

/** Coefficients of a key that could be ternary. */
function ternary(ring: Negacyclic, key: readonly bigint[]): number {
  return ring.inverse(key).filter((c) => c === 0n || c === 1n || c === ring.prime - 1n).length;
}

describe('the attack of Li and Micciancio', () => {
  let plan: Plan;
  let holder: CkksKeyHolder;
  let guard: ReleaseGuard<Plan>;
  let result: ResultCiphertexts;
  let ring: Negacyclic;
  let secret: readonly bigint[];

  beforeAll(async () => {
    // A statistical security far below the default, so that release happens at the parameters whose raw decryption is exact.
    plan = planCkks(circuit, {
      packing: 'coefficients',
      precision: 0.1,
      evaluator: 'node-seal',
      release: { queries: QUERIES, statisticalBits: 10 },
    });
    expect([plan.parameters.degree, plan.parameters.dataPrimeBits.length]).toEqual([ROWS, 1]);
    holder = await CkksKeyHolder.create(plan.parameters);
    using evaluator = await ckksEvaluator(plan);
    result = (await evaluator.evaluate(await holder.encrypt(plan, { x: Float64Array.of(0.7) }))).ciphertexts;
    guard = new ReleaseGuard(holder, plan, 'owner' as PartyId, new AuditLog('test'));
    ring = negacyclic(ROWS, BigInt(sealPrimes(ROWS, plan.parameters.dataPrimeBits)[0]!));
    const key = await holder.exportKey();
    secret = Array.from(new BigUint64Array(key.slice(PLAINTEXT_HEADER_BYTES).buffer));
  });
  afterAll(() => holder[Symbol.dispose]());

  it('recovers the whole key from one raw decryption', async () => {
    const { y } = await guard.readAsOwner(result);
    const found = solve(ring, plan, result[0]!, y);
    expect(found).toEqual(secret);
    expect(ternary(ring, found)).toBe(ROWS);
  });

  it('learns nothing from a released value, nor from the mean of all that will ever be released', async () => {
    const raw = (await guard.readAsOwner(result)).y;
    const mean = new Float64Array(ROWS);
    for (let query = 0; query < QUERIES; query++) {
      const released = (
        await guard.releaseTo({ to: 'desk' as PartyId, outputs: ['y'], purpose: 'test' }, result)
      ).y;
      released.forEach((value, i) => {
        mean[i]! += value / QUERIES;
      });
      const found = solve(ring, plan, result[0]!, released);
      expect(found.filter((value, i) => value === secret[i]).length).toBeLessThan(5);
      // Uniform numbers modulo a prime of 53 bits are hardly ever -1, 0 or 1.
      expect(ternary(ring, found)).toBe(0);
    }
    expect(ternary(ring, solve(ring, plan, result[0]!, mean))).toBe(0);
    // What the attack needs is each coefficient to the last integer: the mean is off by billions of them.
    const scale = 2 ** (plan.inputScaleBits + plan.matrixScaleBits);
    const off = mean.map((value, i) => Math.abs(value - raw[i]!) * scale).sort();
    expect(off[ROWS / 2]).toBeGreaterThan(2 ** 30);
  });
});
