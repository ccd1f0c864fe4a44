import { describe, expect, it } from 'vitest';
import type { Instrument } from '../../../src/domain/instrument.ts';
import type { Market } from '../../../src/domain/market.ts';
import { matrixOf } from '../../../src/numeric/matrix.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';
import { blackScholesPrices } from '../../../src/pricing/black-scholes.ts';
import { newRevaluationKernel } from '../../../src/pricing/black-scholes-kernel.ts';
import { planRevaluation } from '../../../src/pricing/revaluation-plan.ts';
import type { SegmentMove } from '../../../src/pricing/revalue-segment.ts';
import { twinRevaluers } from '../../../src/pricing/segment-revaluers.ts';
import { batchOf } from '../../support/options.ts';
import { expectSameBits } from '../../support/same-bits.ts';

const random = new SeededRandom(31);
const logUniform = (low: number, high: number): number =>
  Math.exp(random.between(Math.log(low), Math.log(high)));
const SPOTS = [100, 0.02, 50_000];
const market: Market = {
  valuation: 't = 0',
  underlyings: SPOTS.map((spot, u) => ({
    name: `U${u}`,
    spot,
    rate: 0.03 * (u - 1),
    dividendYield: 0.01,
    referenceVol: 0.3,
  })),
  factors: [],
  dailyCovariance: matrixOf(0, 0),
};

function optionOf(underlying: number): Instrument {
  const expiryYears = logUniform(1e-6, 30);
  const vol = random.pick([logUniform(0.01, 5), 0]);
  const strike = SPOTS[underlying]! * Math.exp(random.between(-8, 8) * vol * Math.sqrt(expiryYears));
  const type = random.pick(['call', 'put'] as const);
  return { kind: 'option', underlying: `U${underlying}`, type, strike, expiryYears, vol };
}

function moveOf(): SegmentMove {
  const move = random.pick([0, random.between(-0.9, 3), random.between(-0.02, 0.02)]);
  const shift = random.pick([0, -10, random.between(-0.2, 0.2)]);
  const relativeShift = random.pick([0, random.between(-1, 1)]);
  return { growth: 1 + move, logGrowth: Math.log1p(move), shift, relativeShift };
}

const volTerm = (years: number): number => Math.min(1, (0.1 / years) ** 0.3);

describe('segments on the kernel and in JavaScript', () => {
  it('have a kernel here', () => {
    expect(newRevaluationKernel(1)).toBeDefined();
  });

  it.each([1, 2, 3, 255, 256, 257, 1025, 2500])('give the same bits for %i options', (count) => {
    const instruments = Array.from({ length: count }, () => optionOf(random.integer(0, 2)));
    for (const common of [
      { elapsedYears: 0, volTerm: undefined },
      { elapsedYears: 0.01, volTerm },
    ]) {
      const onKernel = planRevaluation(instruments, market, common).options;
      const inJavaScript = planRevaluation(instruments, market, common, twinRevaluers).options;
      expect(onKernel.length).toBe(inJavaScript.length);
      for (let round = 0; round < 20; round++) {
        const move = moveOf();
        // All segments before any comparison: none may write where another one's results are.
        for (const segment of onKernel) segment.revalue(move);
        onKernel.forEach((segment, i) => {
          inJavaScript[i]!.revalue(move);
          expect(segment.column).toEqual(inJavaScript[i]!.column);
          expectSameBits(segment.changes, inJavaScript[i]!.changes, `segment ${i}, ${JSON.stringify(move)}`);
        });
      }
    }
  });

  it('move vols in proportion by term, then by an amount, to at least the floor', () => {
    const vol = 0.4;
    const [near, far] = [0.05, 2];
    const instruments = [near, far].map(
      (expiryYears): Instrument => ({
        kind: 'option',
        underlying: 'U0',
        type: 'put',
        strike: 95,
        expiryYears,
        vol,
      }),
    );
    const [segment] = planRevaluation(instruments, market, { elapsedYears: 0, volTerm }).options;
    for (const [shift, relativeShift] of [
      [0.03, 0.5],
      [-0.1, 0.25],
      [-0.2, -0.6],
    ] as const) {
      segment!.revalue({ growth: 1.1, logGrowth: Math.log(1.1), shift, relativeShift });
      const terms = { sign: -1, strike: 95, r: -0.03, q: 0.01 };
      const moved = (t: number) => Math.max(vol * (1 + relativeShift * volTerm(t)) + shift, 1e-4);
      const after = blackScholesPrices(
        batchOf(
          { ...terms, spot: 110, t: near, vol: moved(near) },
          { ...terms, spot: 110, t: far, vol: moved(far) },
        ),
      );
      const before = blackScholesPrices(
        batchOf({ ...terms, spot: 100, t: near, vol }, { ...terms, spot: 100, t: far, vol }),
      );
      segment!.changes.forEach((change, i) => {
        expect(change).toBeCloseTo(after[i]! - before[i]!, 12);
      });
    }
  });
});
