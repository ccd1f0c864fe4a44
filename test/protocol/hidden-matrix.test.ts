import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executePlain } from '../../src/algebra/execute.ts';
import { record } from '../../src/algebra/record.ts';
import { IntegrityError, PlanError } from '../../src/base/errors.ts';
import {
  CkksKeyHolder,
  ckksEvaluator,
  contractOf,
  planCkks,
  type ResultCiphertexts,
} from '../../src/ckks/index.ts';
import { coefficientPacking, fillMatrixPolynomial, resultCoefficients } from '../../src/ckks/packing.ts';
import { packResponse, responseFormats, unpackResponse } from '../../src/ckks/response.ts';
import { Rerandomiser } from '../../src/ckks/seal/rerandomiser.ts';
import { SlotKeyHolder } from '../../src/ckks/seal/slot-secrets.ts';
import type { Ciphertext, Plaintext, SealContext, SecretKey } from '../../src/ckks/seal.ts';
import { CIPHERTEXT_HEADER_BYTES } from '../../src/ckks/wire.ts';
import { residuesOfIntegers, scaledOfResidues } from '../../src/ckks/worker/residues.ts';
import { matrixOf } from '../../src/numeric/matrix.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { inverseOf, negacyclic } from '../support/negacyclic.ts';
import { insecureContext, insecureParameters } from '../support/seal-contexts.ts';

// The owner, who holds the key and the randomness of its uploads, wants to know the engine's matrix. One chunk, one output, and a
// ring that is far too small: what hides is then seen in few responses.
const DEGREE = 64;
const ROWS = 4;
const COLS = 8;
const SCALE = 2 ** 10;
const X_SCALE = 2 ** 20;
const FLOOD_BITS = 60;
const packing = coefficientPacking(ROWS, COLS, DEGREE, 1)!;
const positions = resultCoefficients(packing, 0);
const x = Float64Array.of(3, -1, 4, 1, -5, 9, 2, -6);
const random = new SeededRandom(4);
const first = Float64Array.from({ length: ROWS * COLS }, () => random.integer(-20, 20));
/** Another matrix with the same results: every row moved along a vector that is orthogonal to x. */
const second = first.map(
  (entry, i) => entry + [1, 3, 0, 0, 0, 0, 0, 0][i % COLS]! * (1 + Math.floor(i / COLS)),
);

/** Greatest distance of two empirical distribution functions (Kolmogorov and Smirnov). */
function ksDistance(a: readonly number[], b: readonly number[]): number {
  const [left, right] = [a, b].map((sample) => [...sample].sort((p, q) => p - q)) as [number[], number[]];
  let [i, j, most] = [0, 0, 0];
  while (i < left.length && j < right.length) {
    const value = Math.min(left[i]!, right[j]!);
    while (left[i] === value) i++;
    while (right[j] === value) j++;
    most = Math.max(most, Math.abs(i / left.length - j / right.length));
  }
  return most;
}

const SAMPLES = 400;
/** Two samples of one continuous distribution are further apart with probability 2 exp(-n d^2) = 1e-9 only. */
const FAR = Math.sqrt(Math.log(2e9) / SAMPLES);

describe('what an owner learns of the matrix beyond its results', () => {
  let context: SealContext;
  let key: SecretKey;
  let publicKey: Uint8Array;
  let upload: Ciphertext;
  let matrices: Plaintext[];

  beforeAll(async () => {
    context = await insecureContext(insecureParameters(DEGREE, [49, 49], 49));
    key = context.newSecretKey();
    using slots = new SlotKeyHolder(context, key);
    publicKey = slots.publicKey();
    const coefficients = new Float64Array(DEGREE);
    const vector = new Float64Array(DEGREE);
    vector.set(x.map((value) => value * X_SCALE));
    const polynomials = [first, second].map((matrix) => {
      fillMatrixPolynomial(packing, matrix, 0, 0, SCALE, coefficients);
      return residuesOfIntegers(coefficients, context.primes);
    });
    matrices = context.plaintexts(polynomials);
    const [plaintext] = context.plaintexts([residuesOfIntegers(vector, context.primes)]);
    upload = context.loadCiphertext(context.encryptSeeded([plaintext!], key)[0]!, 'seeded');
    plaintext!.delete();
  });
  afterAll(() => {
    for (const object of [upload, key, ...matrices]) object.delete();
    expect(context.liveObjects()).toBe(2);
    context[Symbol.dispose]();
  });

  /** c0 + c1 s - m of one result, for as many responses as asked; it holds m + noise exactly. */
  function residuals(matrix: 0 | 1, count: number, floodBits: number | undefined): number[] {
    using hiding = floodBits === undefined ? undefined : new Rerandomiser(context, publicKey, floodBits);
    const truth = positions.map((_, row) =>
      x.reduce((sum, value, c) => sum + value * [first, second][matrix]![row * COLS + c]!, 0),
    );
    return Array.from({ length: count }, () => {
      using response = context.innerProduct([[upload, matrices[matrix]!]]);
      hiding?.hide(response, positions);
      using plaintext = context.decrypt(response, key);
      const [words] = context.polynomials([plaintext]);
      const read = scaledOfResidues(words!, DEGREE, context.primes, positions, 0);
      return read[1]! - truth[1]! * SCALE * X_SCALE;
    });
  }

  it('without hiding: the noise tells two matrices with the same results apart', () => {
    expect(ksDistance(residuals(0, 3, undefined), residuals(1, 3, undefined))).toBe(1);
  });

  it('with an encryption of zero and no flooding to speak of: still does', () => {
    expect(ksDistance(residuals(0, SAMPLES, 1), residuals(1, SAMPLES, 1))).toBeGreaterThan(FAR);
  });

  it('with flooding: looks the same for both, and as uniform as it should be', () => {
    const [a, b] = [residuals(0, SAMPLES, FLOOD_BITS), residuals(1, SAMPLES, FLOOD_BITS)];
    expect(ksDistance(a, b)).toBeLessThan(FAR);
    const half = 2 ** (FLOOD_BITS - 1);
    const uniform = Array.from({ length: SAMPLES }, (_, i) => half * ((2 * i + 1) / SAMPLES - 1));
    expect(ksDistance(a, uniform)).toBeLessThan(FAR);
    expect(new Set(a).size).toBe(SAMPLES);
  });

  it('from c1 / a: the whole matrix without hiding, nothing with it', () => {
    const [format] = responseFormats(context.primes.map(Number)).slice(-1);
    const prime = context.primes[0]!;
    const ring = negacyclic(DEGREE, prime);
    const expected = new Float64Array(DEGREE);
    fillMatrixPolynomial(packing, first, 0, 0, SCALE, expected);
    // c1 of the upload, NTT form, modulo the first prime.
    const words = new BigUint64Array(context.saveCiphertext(upload).slice(CIPHERTEXT_HEADER_BYTES).buffer);
    const a = words.subarray(2 * DEGREE, 3 * DEGREE);
    const divided = (response: Ciphertext): bigint[] => {
      const sent = packResponse(context.coefficientsOf(response, format!.primes), DEGREE, format!, positions);
      const [c0, c1] = unpackResponse(sent, context.primes.map(Number), DEGREE, format!, positions);
      // What is no result is not sent.
      expect(c0!.filter((word) => word !== 0n).length).toBeLessThanOrEqual(2 * positions.length);
      const ntt = ring.forward(Array.from(c1!.subarray(0, DEGREE)));
      const quotient = ring.inverse(ntt.map((value, i) => (value * inverseOf(a[i]!, prime)) % prime));
      return quotient.map((value) => (value > prime / 2n ? value - prime : value));
    };
    using plain = context.innerProduct([[upload, matrices[0]!]]);
    expect(divided(plain).map(Number)).toEqual(Array.from(expected, (value) => value + 0));
    using hiding = new Rerandomiser(context, publicKey, FLOOD_BITS);
    using hidden = context.innerProduct([[upload, matrices[0]!]]);
    hiding.hide(hidden, positions);
    const found = divided(hidden);
    expect(found.filter((value) => value < 2n ** 40n && value > -(2n ** 40n)).length).toBeLessThan(5);
  });

  it('refuses bytes that are no public key of these parameters', () => {
    expect(() => new Rerandomiser(context, publicKey.subarray(1), FLOOD_BITS)).toThrow(IntegrityError);
    const changed = publicKey.slice();
    changed[50]! ^= 1;
    expect(() => new Rerandomiser(context, changed, FLOOD_BITS)).toThrow(IntegrityError);
  });
});

describe('an engine that hides its matrix, and an owner that has a contract', { timeout: 120_000 }, () => {
  // A zero block: not skipped, or its absence would tell.
  const matrix = matrixOf(
    20,
    30,
    Float64Array.from({ length: 600 }, (_, i) => (i < 300 ? 0 : random.between(-1, 1))),
  );
  const circuit = record((alg, { x: vector }) => ({ y: alg.matVecPlain(matrix, vector) }), {
    x: { length: 30, bound: 1 },
  });
  const plan = planCkks(circuit, {
    packing: 'coefficients',
    precision: 1e-4,
    hideMatrix: { statisticalBits: 40 },
  });
  const contract = contractOf(plan);
  const input = { x: Float64Array.from({ length: 30 }, () => random.between(-1, 1)) };

  it('give results within the bound, new ones every time, and refuse other keys', async () => {
    using owner = await CkksKeyHolder.create(contract.parameters);
    using stranger = await CkksKeyHolder.create(contract.parameters);
    using engine = await ckksEvaluator(plan);
    expect(engine.products).toBe(plan.packing.chunks * plan.packing.outputs);
    const upload = await owner.encrypt(contract, input);
    await expect(engine.evaluate(upload)).rejects.toThrow(PlanError);
    const options = { publicKey: await owner.publicKey() };
    const answers: ResultCiphertexts[] = [];
    const truth = executePlain(circuit, input).y;
    for (let query = 0; query < 2; query++) {
      const { ciphertexts } = await engine.evaluate(upload, options);
      expect(ciphertexts).not.toContain(null);
      answers.push(ciphertexts);
      const y = await owner.decryptRaw(contract, ciphertexts);
      const worst = y.reduce((most, value, i) => Math.max(most, Math.abs(value - truth[i]!)), 0);
      expect(worst).toBeLessThanOrEqual(plan.error.y.absolute);
      // Flooding is most of the error, and there.
      expect(worst).toBeGreaterThan(plan.errorParts.hiding / 8);
    }
    expect(answers[0]).not.toEqual(answers[1]);
    const wrong = await engine.evaluate(upload, { publicKey: await stranger.publicKey() });
    await expect(owner.decryptRaw(contract, wrong.ciphertexts)).rejects.toThrow(/wrong key/);
    expect([await owner.liveObjects(), await engine.liveObjects()]).toEqual([0, 0]);
  });
});
