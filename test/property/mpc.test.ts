import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Circuit, executePlain, type Program, record } from '../../src/algebra/index.ts';
import { bigintsOf, type FieldVector, fieldVectorOf, M127 } from '../../src/kernels/field-vector.ts';
import { loadField127 } from '../../src/kernels/field127.ts';
import { uniformVector } from '../../src/mpc/field.ts';
import { FRAME_HEADER_BYTES } from '../../src/mpc/frame.ts';
import { planMpc } from '../../src/mpc/plan.ts';
import { compositionOf } from '../../src/mpc/rounding.ts';
import { runInProcess } from '../../src/mpc/run.ts';
import { dealShares, reconstruct, type SharingScheme } from '../../src/mpc/sharing.ts';
import { matrixOf } from '../../src/numeric/matrix.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { distance, executeExact } from '../support/exact-linear.ts';

const kernels = loadField127();
const schemes: SharingScheme[] = [3, 4, 5, 6, 7].flatMap((parties) =>
  [1, 2, 3].filter((threshold) => 2 * threshold < parties).map((threshold) => ({ parties, threshold })),
);
const secrets = fc
  .array(fc.oneof(fc.bigInt(0n, M127 - 1n), fc.constantFrom(0n, 1n, M127 - 1n)), {
    minLength: 1,
    maxLength: 9,
  })
  .map(fieldVectorOf);

const open = (vectors: readonly FieldVector[], scheme: SharingScheme): bigint[] =>
  bigintsOf(
    reconstruct(
      kernels,
      vectors.map((vector, i) => ({ party: i + 1, vector })),
      scheme,
    ),
  );

describe.each(schemes)('sharing among $parties with threshold $threshold', (scheme) => {
  test('shares open to the secret', () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        expect(open(dealShares(kernels, secret, scheme), scheme)).toEqual(bigintsOf(secret));
      }),
      { numRuns: 20 },
    );
  });

  test('a linear function of shares is a share of the linear function', () => {
    const a = uniformVector(5);
    const b = uniformVector(5);
    const [sharesA, sharesB] = [a, b].map((secret) => dealShares(kernels, secret, scheme)) as [
      FieldVector[],
      FieldVector[],
    ];
    const combined = sharesA.map((share, i) => kernels.combine([3n, -5n], [share, sharesB[i]!]));
    expect(open(combined, scheme)).toEqual(bigintsOf(kernels.combine([3n, -5n], [a, b])));
  });

  test('a single share says nothing: its low bits are uniform for a fixed secret', () => {
    const count = 8192;
    const buckets = 16;
    const secret = fieldVectorOf(new Array<bigint>(count).fill(42n));
    for (const share of dealShares(kernels, secret, scheme)) {
      // 15 degrees of freedom: beyond 60 with probability 2e-7.
      expect(chiSquare(share, 1, buckets)).toBeLessThan(60);
    }
  });
});

test('two shares of threshold two say nothing together', () => {
  const scheme = { parties: 5, threshold: 2 };
  for (const value of [0n, M127 - 1n]) {
    const shares = dealShares(kernels, fieldVectorOf(new Array<bigint>(8192).fill(value)), scheme);
    // The joint distribution of two bits of each; and of the extrapolation to zero that a line would give.
    const line = kernels.combine([2n, -1n], [shares[0]!, shares[1]!]);
    for (const vector of [shares[0]!, shares[1]!, line]) expect(chiSquare(vector, 1, 16)).toBeLessThan(60);
    const pairs = Array.from({ length: 16 }, () => 0);
    for (let i = 0; i < 8192; i++)
      pairs[(shares[0]!.words[4 * i]! & 3) * 4 + (shares[1]!.words[4 * i]! & 3)]!++;
    expect(pairs.reduce((sum, n) => sum + (n - 512) ** 2 / 512, 0)).toBeLessThan(60);
  }
});

function chiSquare(vector: FieldVector, step: number, buckets: number): number {
  const counts = new Array<number>(buckets).fill(0);
  for (let i = 0; i < vector.length; i += step) counts[vector.words[4 * i]! % buckets]!++;
  const expected = vector.length / step / buckets;
  return counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
}

type Case = {
  readonly circuit: Circuit<'a' | 'b', 'p' | 'q'>;
  readonly inputs: Record<'a' | 'b', Float64Array>;
};

/** A random linear circuit of two inputs of very different size, and inputs within their bounds. */
function randomCase(seed: number): Case {
  const random = new SeededRandom(seed);
  const length = random.integer(1, 12);
  const rows = random.integer(1, 8);
  const size = 10 ** random.integer(-8, 8);
  const vector = (n: number, by: number) => Float64Array.from({ length: n }, () => random.between(-by, by));
  const m = matrixOf(rows, length, vector(rows * length, 10 ** random.integer(-6, 6)));
  const k = matrixOf(rows, rows, vector(rows * rows, 2));
  const w = vector(length, 5);
  const shift = vector(rows, size);
  const program: Program<'a' | 'b', 'p' | 'q'> = (alg, { a, b }) => {
    const mixed = alg.sub(alg.mulPlain(a, w), alg.scale(b, random.between(-3, 3)));
    const moved = alg.addPlain(alg.matVecPlain(m, mixed), shift);
    return { p: alg.matVecPlain(k, alg.add(moved, moved)), q: alg.sum(alg.add(a, mixed)) };
  };
  const circuit = record(program, {
    a: { length, bound: size },
    b: { length, bound: 1, l1: 1.5 },
  });
  const b = vector(length, 1);
  const l1 = b.reduce((sum, x) => sum + Math.abs(x), 0);
  return { circuit, inputs: { a: vector(length, size), b: b.map((x) => x / Math.max(1, l1)) } };
}

test('random circuits: the proved bound holds, and cost is as predicted', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const { circuit, inputs } = randomCase(seed);
    const scheme = schemes[seed % schemes.length]!;
    const plan = planMpc(circuit, {
      ...scheme,
      ...(seed % 3 === 0 && { frameBytes: FRAME_HEADER_BYTES + 16 * 5 }),
      owners: seed % 2 === 0 ? { b: 'second owner' } : {},
      recipients: seed % 5 === 0 ? { p: ['desk', 'regulator'] } : {},
    });
    const { outputs, cost } = await runInProcess(plan, inputs);
    const exact = executeExact(circuit, inputs);
    const plain = executePlain(circuit, inputs);
    const { magnitudes } = compositionOf(circuit);
    for (const name of ['p', 'q'] as const) {
      const bound = plan.error[name].absolute;
      // At most 40 roundings a path in the plain executor: products of up to 12 and 8 terms, and elementwise
      // steps.
      const plainError = 40 * 2 ** -53 * magnitudes[name]!;
      outputs[name].forEach((value, i) => {
        expect(distance(value, exact[name]![i]!)).toBeLessThanOrEqual(bound);
        expect(Math.abs(value - plain[name][i]!)).toBeLessThanOrEqual(bound + plainError);
      });
    }
    const { rounds, messages, bytesUp, bytesBetween, bytesDown } = plan;
    expect(cost).toEqual({ rounds, messages, bytesUp, bytesBetween, bytesDown });
  }
});

test('inputs at their bounds do not overflow', async () => {
  const length = 700;
  const matrix = matrixOf(
    2,
    length,
    new Float64Array(2 * length).map((_, i) => (i < length ? 1 : -1)),
  );
  const circuit = record((alg, { x }) => ({ y: alg.matVecPlain(matrix, x) }), { x: { length, bound: 3 } });
  const plan = planMpc(circuit, { parties: 3, threshold: 1 });
  for (const sign of [1, -1]) {
    const { outputs } = await runInProcess(plan, { x: new Float64Array(length).fill(3 * sign) });
    expect([...outputs.y]).toEqual([2100 * sign, -2100 * sign]);
  }
});
