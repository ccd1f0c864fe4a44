import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../../src/numeric/seeded.ts';
import { expectedVariance } from '../../../../src/pricing/models/heston-expiry.ts';
import {
  EXPONENT,
  type HestonExpiry,
  hestonExponent,
} from '../../../../src/pricing/models/heston-exponent.ts';
import { logDecayBound, smileGrid } from '../../../../src/pricing/models/heston-grid.ts';
import { criticalMoments } from '../../../../src/pricing/models/heston-moments.ts';

const random = new SeededRandom(17);
const logBetween = (low: number, high: number): number =>
  Math.exp(random.between(Math.log(low), Math.log(high)));
const anyModel = (): HestonExpiry => ({
  t: logBetween(1e-4, 40),
  initialVariance: logBetween(1e-4, 2),
  meanReversion: logBetween(1e-2, 20),
  longVariance: logBetween(1e-4, 2),
  volOfVol: logBetween(2e-2, 8),
  correlation: random.pick([random.between(-1, 1), -1, 1, -1 + 1e-6]),
});

describe("the exponent of Heston's model", () => {
  it('has E[1] = E[S/F] = 1 and E[ln S/F] = -w/2', () => {
    for (let trial = 0; trial < 50; trial++) {
      const model = anyModel();
      for (const z of [0, 1]) {
        hestonExponent(model, z, 0);
        expect(Math.abs(EXPONENT[0]!)).toBeLessThan(1e-12);
        expect(Math.abs(EXPONENT[2]!)).toBeLessThan(1e-12);
      }
      // dpsi/dz at 0 is E[X] = -w / 2.
      const { total } = expectedVariance(model);
      hestonExponent(model, 1e-7, 0);
      const up = EXPONENT[0]!;
      hestonExponent(model, -1e-7, 0);
      expect(Math.abs((up - EXPONENT[0]!) / 2e-7 / (-0.5 * total) - 1)).toBeLessThan(1e-6);
    }
  });

  it('solves the Riccati equations', () => {
    for (let trial = 0; trial < 200; trial++) {
      const model = { ...anyModel(), t: random.between(0.05, 3) };
      const [zr, zi] = [random.between(0, 1), random.between(0.1, 30)];
      const step = 1e-5 * model.t;
      const at = (t: number): readonly number[] => {
        hestonExponent({ ...model, t }, zr, zi);
        return [...EXPONENT];
      };
      const [now, up, down] = [at(model.t), at(model.t + step), at(model.t - step)];
      const [Br, Bi] = [now[2]!, now[3]!];
      const betaR = model.meanReversion - model.correlation * model.volOfVol * zr;
      const betaI = -model.correlation * model.volOfVol * zi;
      const half = 0.5 * model.volOfVol ** 2;
      const slopeR = 0.5 * (zr * (zr - 1) - zi * zi) - (betaR * Br - betaI * Bi) + half * (Br * Br - Bi * Bi);
      const slopeI = 0.5 * zi * (2 * zr - 1) - (betaR * Bi + betaI * Br) + half * 2 * Br * Bi;
      const scale = 1 + zi * zi;
      expect(Math.abs((up[2]! - down[2]!) / (2 * step) - slopeR)).toBeLessThan(2e-5 * scale);
      expect(Math.abs((up[3]! - down[3]!) / (2 * step) - slopeI)).toBeLessThan(2e-5 * scale);
      const drift = model.meanReversion * model.longVariance;
      const psiR = (up[0]! - down[0]!) / (2 * step) - (model.initialVariance * slopeR + drift * Br);
      expect(Math.abs(psiR)).toBeLessThan(2e-5 * scale * (model.initialVariance + drift + 1));
    }
  });

  it('is continuous along every contour that the quadrature may take: the logarithm never jumps', () => {
    for (let trial = 0; trial < 150; trial++) {
      const drawn = anyModel();
      // psi = ln G times -2 and a linear term: a jump of the logarithm would be one of 4 pi.
      const longVariance = drawn.volOfVol ** 2 / drawn.meanReversion;
      const model = { ...drawn, initialVariance: 0, longVariance };
      const b = logBetween(0.05, 200);
      const tilt = random.between(-Math.PI / 4, Math.PI / 4);
      const z0 = random.between(0.05, 0.95);
      let before = Number.NaN;
      let change = Number.NaN;
      for (let i = 0; i <= 1500; i++) {
        const x = i / 150;
        hestonExponent(
          model,
          z0 - b * Math.sin(tilt) * (Math.cosh(x) - 1),
          b * Math.cos(tilt) * Math.sinh(x),
        );
        const now = EXPONENT[1]!;
        const next = now - before;
        if (i > 2 && !(Math.abs(next - change) < 3 + 0.3 * Math.abs(next))) {
          expect.fail(`trial ${trial}: a step of ${next} after ${change} at x = ${x}`);
        }
        [before, change] = [now, next];
      }
    }
  });

  it('falls under its bound, which falls', () => {
    for (let trial = 0; trial < 100; trial++) {
      const model = anyModel();
      let previous = Number.POSITIVE_INFINITY;
      for (let u = 0.1; u < 1e4; u *= 1.7) {
        hestonExponent(model, 0.5, u);
        const bound = logDecayBound(model, u);
        expect(EXPONENT[0]!).toBeLessThanOrEqual(bound + 1e-9 * (1 + Math.abs(bound)));
        expect(bound).toBeLessThanOrEqual(previous + 1e-12 * Math.abs(bound));
        previous = bound;
      }
    }
  });

  it('has a grid for every model but those without decay', () => {
    const model = {
      ...anyModel(),
      t: 1,
      initialVariance: 0.04,
      longVariance: 0.04,
      meanReversion: 1,
      volOfVol: 0.5,
    };
    const grid = (correlation: number): number => {
      const own = { ...model, correlation };
      return smileGrid(own, criticalMoments(own), expectedVariance(own).total, -0.5, 0.5).count;
    };
    expect(grid(-0.5)).toBeLessThan(400);
    expect(grid(-0.99)).toBeGreaterThan(grid(-0.5));
    expect(grid(-1)).toBe(Number.POSITIVE_INFINITY);
  });
});
