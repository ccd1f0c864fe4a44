import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ewmaCovariance, sampleCovariance, varianceOfSum } from '../../src/numeric/covariance.ts';
import { type Matrix, matrixOf } from '../../src/numeric/matrix.ts';
import { quadraticFormMoments } from '../../src/numeric/quadratic-form.ts';
import { cornishFisherVar } from '../../src/pricing/portfolio/delta-gamma.ts';
import {
  CORRELATION_SCENARIOS,
  nestedCharge,
  nestedCharges,
  type RiskBucket,
} from '../../src/pricing/portfolio/nested-aggregation.ts';
import { incrementalVar, parametricRisk } from '../../src/pricing/portfolio/parametric.ts';

// Thousandths: squares of subnormal numbers underflow, and test nothing.
const number = fc.integer({ min: -10_000, max: 10_000 }).map((thousandths) => thousandths / 1000);
const vector = (length: number): fc.Arbitrary<Float64Array> =>
  fc.array(number, { minLength: length, maxLength: length }).map((values) => Float64Array.from(values));
const SIZE = 4;
/** A covariance as L L'. */
const covariance = vector(SIZE * SIZE).map((l) => square((i, j) => dotRows(l, i, l, j)));
const symmetric = vector(SIZE * SIZE).map((g) => square((i, j) => g[i * SIZE + j]! + g[j * SIZE + i]!));
const level = fc.constantFrom(0.6, 0.9, 0.95, 0.975, 0.99, 0.999);

function square(of: (i: number, j: number) => number): Matrix {
  return matrixOf(
    SIZE,
    SIZE,
    Float64Array.from({ length: SIZE * SIZE }, (_, at) => of(Math.floor(at / SIZE), at % SIZE)),
  );
}

function dotRows(a: Float64Array, i: number, b: Float64Array, j: number): number {
  let sum = 0;
  for (let k = 0; k < SIZE; k++) sum += a[i * SIZE + k]! * b[j * SIZE + k]!;
  return sum;
}

const close = (found: number, expected: number, scale: number): void =>
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-10 * (scale + 1e-6));

describe('parametric risk', () => {
  it('components sum to the value at risk, which is homogeneous; es is larger', () => {
    fc.assert(
      fc.property(vector(SIZE), covariance, level, (x, c, alpha) => {
        const risk = parametricRisk(x, c, alpha);
        const sum = risk.componentVar.reduce((all, value) => all + value, 0);
        // Nearly singular: what cancels in x'Cx is divided by its small root.
        const terms = c.data.reduce((all, value, at) => {
          return all + Math.abs(value * x[Math.floor(at / SIZE)]! * x[at % SIZE]!);
        }, 0);
        const cancelled = risk.sigma > 0 ? (1e-14 * terms * risk.z) / risk.sigma : 0;
        expect(Math.abs(sum - risk.var)).toBeLessThanOrEqual(1e-14 * risk.var + cancelled);
        const doubled = parametricRisk(
          x.map((value) => 2 * value),
          c,
          alpha,
        );
        close(doubled.var, 2 * risk.var, risk.var);
        expect(risk.es).toBeGreaterThanOrEqual(risk.var);
        expect(parametricRisk(x, c, alpha / 2 + 0.5).var).toBeGreaterThanOrEqual(risk.var);
      }),
    );
  });

  it('is subadditive, and incremental over all exposures at once is the whole', () => {
    fc.assert(
      fc.property(vector(SIZE), vector(SIZE), covariance, level, (x, y, c, alpha) => {
        const risk = (of: Float64Array): number => parametricRisk(of, c, alpha).var;
        const sum = risk(x.map((value, i) => value + y[i]!));
        expect(sum).toBeLessThanOrEqual(risk(x) + risk(y) + 1e-9 * (risk(x) + risk(y) + 1e-6));
        expect(incrementalVar(x, c, alpha, [0, 0, 0, 0])).toEqual(Float64Array.of(risk(x)));
        const [first] = incrementalVar(x, c, alpha, [0, 1, 1, 1]);
        close(first!, risk(x) - risk(Float64Array.of(0, x[1]!, x[2]!, x[3]!)), risk(x));
      }),
    );
  });

  it('marginal is the derivative by the exposure', () => {
    fc.assert(
      fc.property(vector(SIZE), covariance, (x, c) => {
        const { sigma, marginalVar, z } = parametricRisk(x, c, 0.99);
        // Away from the kink at sigma = 0.
        fc.pre(sigma > 1);
        for (let i = 0; i < SIZE; i++) {
          const bumped = (by: number): number =>
            parametricRisk(
              x.map((value, k) => (k === i ? value + by : value)),
              c,
              0.99,
            ).var;
          const step = 1e-4;
          const curvature = (z * c.data[i * SIZE + i]!) / sigma;
          expect(Math.abs((bumped(step) - bumped(-step)) / (2 * step) - marginalVar[i]!)).toBeLessThan(
            1e-5 * (1 + curvature),
          );
        }
      }),
    );
  });
});

describe('quadratic forms of normal variables', () => {
  it('of independent factors are sums of non-central chi-squares', () => {
    fc.assert(
      fc.property(vector(SIZE), vector(SIZE), (x, g) => {
        const one = square((i, j) => (i === j ? 1 : 0));
        const moments = quadraticFormMoments(
          x,
          square((i, j) => (i === j ? g[i]! : 0)),
          one,
        );
        // x f + g f^2/2: cumulants g/2, x^2 + g^2/2, 3 x^2 g + g^3, 12 x^2 g^2 + 3 g^4.
        const sum = (of: (a: number, b: number) => number): number =>
          x.reduce((all, a, i) => all + of(a, g[i]!), 0);
        const variance = sum((a, b) => a * a + (b * b) / 2);
        fc.pre(variance > 1e-3);
        close(
          moments.mean,
          sum((_, b) => b / 2),
          40,
        );
        close(moments.variance, variance, variance);
        close(moments.skewness, sum((a, b) => 3 * a * a * b + b ** 3) / variance ** 1.5, 1);
        close(moments.excessKurtosis, sum((a, b) => 12 * a * a * b * b + 3 * b ** 4) / variance ** 2, 1);
      }),
    );
  });

  it('do not change when factors are mixed: f = L h, x to L x, G to L G L', () => {
    fc.assert(
      fc.property(vector(SIZE), symmetric, vector(SIZE * SIZE), (x, g, l) => {
        const mixed = square((i, j) => dotRows(l, i, l, j));
        const direct = quadraticFormMoments(x, g, mixed);
        const column = (j: number): number => {
          let sum = 0;
          for (let k = 0; k < SIZE; k++) sum += l[k * SIZE + j]! * x[k]!;
          return sum;
        };
        const lgl = square((i, j) => {
          let sum = 0;
          for (let a = 0; a < SIZE; a++) {
            for (let b = 0; b < SIZE; b++)
              sum += l[a * SIZE + i]! * g.data[Math.min(a, b) * SIZE + Math.max(a, b)]! * l[b * SIZE + j]!;
          }
          return sum;
        });
        const same = square((i, j) => lgl.data[Math.min(i, j) * SIZE + Math.max(i, j)]!);
        const one = square((i, j) => (i === j ? 1 : 0));
        const indirect = quadraticFormMoments(
          Float64Array.from({ length: SIZE }, (_, j) => column(j)),
          same,
          one,
        );
        fc.pre(direct.variance > 1);
        const scale =
          g.data.reduce((m, v) => m + Math.abs(v), 0) * mixed.data.reduce((m, v) => m + Math.abs(v), 0);
        expect(Math.abs(direct.mean - indirect.mean)).toBeLessThanOrEqual(1e-12 * scale);
        expect(direct.variance / indirect.variance).toBeCloseTo(1, 6);
        expect(direct.skewness).toBeCloseTo(indirect.skewness, 6);
        expect(direct.excessKurtosis).toBeCloseTo(indirect.excessKurtosis, 6);
      }),
    );
  });

  it('without curvature are normal: Cornish-Fisher is the parametric value at risk', () => {
    fc.assert(
      fc.property(vector(SIZE), covariance, level, (x, c, alpha) => {
        const risk = parametricRisk(x, c, alpha);
        fc.pre(risk.sigma > 1e-3);
        const moments = quadraticFormMoments(x, matrixOf(SIZE, SIZE), c);
        expect([moments.mean, moments.skewness, moments.excessKurtosis]).toEqual([0, 0, 0]);
        close(cornishFisherVar(moments, alpha).var, risk.var, risk.var);
      }),
    );
  });
});

describe('covariance', () => {
  const observations = fc
    .tuple(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 1, max: 3 }))
    .chain(([rows, cols]) => vector(rows * cols).map((data) => matrixOf(rows, cols, data)));

  it('is symmetric, positive semidefinite and blind to a shift', () => {
    fc.assert(
      fc.property(observations, vector(3), (x, direction) => {
        const c = sampleCovariance(x);
        const shifted = sampleCovariance({ ...x, data: x.data.map((value) => value + 1000) });
        expect(varianceOfSum(direction.slice(0, x.cols), c).variance).toBeGreaterThanOrEqual(0);
        c.data.forEach((value, at) => {
          expect(c.data[(at % x.cols) * x.cols + Math.floor(at / x.cols)]).toBe(value);
          expect(Math.abs(shifted.data[at]! - value)).toBeLessThan(1e-9);
        });
      }),
    );
  });

  it('with weights that do not decay is that of a known mean of zero', () => {
    fc.assert(
      fc.property(observations, (x) => {
        const { rows, cols } = x;
        // Together with its mirror image a sample has mean zero.
        const both = matrixOf(2 * rows, cols, Float64Array.of(...x.data, ...x.data.map((value) => -value)));
        const expected = sampleCovariance(both, 0);
        ewmaCovariance(x, 1).data.forEach((value, at) => {
          close(value, expected.data[at]!, 100);
        });
      }),
    );
  });

  it('decays: the recursion s = lambda s + (1 - lambda) x^2, as the first observation fades', () => {
    const x = Float64Array.from({ length: 400 }, (_, i) => Math.sin(3 * i));
    let recursive = 0;
    for (const value of x) recursive = 0.9 * recursive + 0.1 * value * value;
    expect(ewmaCovariance(matrixOf(400, 1, x), 0.9).data[0]).toBeCloseTo(recursive, 14);
  });
});

describe('nested aggregation', () => {
  const bucket = fc
    .tuple(fc.array(number, { minLength: 1, maxLength: 5 }), fc.double({ min: 0.1, max: 2, noNaN: true }))
    .chain(([sensitivities, riskWeight]) =>
      fc
        .double({ min: 0, max: 1, noNaN: true })
        .map((rho): RiskBucket & { rho: number; riskWeight: number } => ({
          sensitivities: Float64Array.from(sensitivities),
          riskWeight,
          rho,
        })),
    );
  const buckets = fc.array(bucket, { minLength: 1, maxLength: 4 });
  const gamma = fc.double({ min: 0, max: 1, noNaN: true });
  const constant = (size: number, value: number): Matrix =>
    matrixOf(
      size,
      size,
      Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : value)),
    );

  it('is the double sum of its definition, with numbers and with matrices', () => {
    fc.assert(
      fc.property(buckets, gamma, (all, between) => {
        const found = nestedCharge({ buckets: all, gamma: between });
        const sums: number[] = [];
        let capital = 0;
        all.forEach(({ sensitivities, riskWeight, rho }, b) => {
          const weighted = [...sensitivities].map((s) => s * riskWeight);
          let square = 0;
          weighted.forEach((x, k) => {
            weighted.forEach((y, l) => {
              square += (k === l ? 1 : rho) * x * y;
            });
          });
          close(found.bucketCapital[b]! ** 2, Math.max(square, 0), 1e4);
          capital += Math.max(square, 0);
          sums.push(weighted.reduce((sum, x) => sum + x, 0));
        });
        let total = capital;
        sums.forEach((x, b) => {
          sums.forEach((y, c) => {
            if (b !== c) total += between * x * y;
          });
        });
        if (!found.alternativeSumUsed) close(found.charge ** 2, total, 1e5);
        else expect(total).toBeLessThan(1e-6);
        const asMatrices = nestedCharge({
          buckets: all.map((one) => ({
            ...one,
            riskWeight: new Float64Array(one.sensitivities.length).fill(one.riskWeight),
            rho: constant(one.sensitivities.length, one.rho),
          })),
          gamma: constant(all.length, between),
        });
        if (total > 1e-6) close(asMatrices.charge ** 2, found.charge ** 2, 1e5);
      }),
    );
  });

  it('is homogeneous, and the overall charge is the largest of the three', () => {
    fc.assert(
      fc.property(buckets, gamma, (all, between) => {
        const { results, charge } = nestedCharges({ buckets: all, gamma: between });
        expect(charge).toBe(Math.max(results.low.charge, results.medium.charge, results.high.charge));
        const tripled = all.map((one) => ({ ...one, sensitivities: one.sensitivities.map((s) => -3 * s) }));
        close(nestedCharges({ buckets: tripled, gamma: between }).charge ** 2, (3 * charge) ** 2, 1e6);
      }),
    );
  });

  it('changes correlations as MAR21.6 says', () => {
    const { low, medium, high } = CORRELATION_SCENARIOS;
    expect([low(0.15), medium(0.15), high(0.15)]).toEqual([0.75 * 0.15, 0.15, 1.25 * 0.15]);
    expect([low(0.9), high(0.9)]).toEqual([2 * 0.9 - 1, 1]);
    expect([low(-0.4), high(-0.9)]).toEqual([0.75 * -0.4, -1]);
  });

  it('uses the alternative sums where the total is negative: perfectly hedged buckets with large sums', () => {
    // Uncorrelated inside, so that K is small against |S|; perfectly correlated across, with opposite signs of unequal size.
    const many = (sign: number, count: number): RiskBucket => ({
      sensitivities: new Float64Array(count).fill(sign),
      riskWeight: 1,
      rho: 0,
    });
    // K = 3, S = 9 and K = 4, S = -16: 9 + 16 - 2 x 144 < 0, then S = 3 and -4: 25 - 24 = 1.
    const risk = { buckets: [many(1, 9), many(-1, 16)], gamma: 1 };
    expect(nestedCharge(risk)).toEqual({
      bucketCapital: Float64Array.of(3, 4),
      bucketSum: Float64Array.of(3, -4),
      charge: 1,
      alternativeSumUsed: true,
    });
    // Low and medium coincide at correlations of 0 and 1; high cannot exceed 1.
    expect(nestedCharges(risk).charge).toBe(1);
    // Of one sign the total is positive, and only SIMM keeps the sums within K.
    const aligned = { buckets: [many(1, 9), many(1, 16)], gamma: 1 };
    expect(nestedCharge(aligned)).toMatchObject({ alternativeSumUsed: false, charge: Math.sqrt(25 + 288) });
    expect(nestedCharge(aligned, CORRELATION_SCENARIOS.medium, 'always').charge).toBe(7);
  });
});
