import type { ChebyshevSeries } from '../../src/algebra/arithmetic.ts';
import type { Circuit } from '../../src/algebra/circuit.ts';
import { record } from '../../src/algebra/record.ts';
import { seriesFor } from '../../src/algebra/series/library.ts';

/** Inputs of the two owners: features of market and contract, exact in the clear. */
export const BLACK_SCHOLES_INPUTS = [
  'logForward',
  'inverseVolatility',
  'halfVolatility',
  'forwardValue',
  'inverseRootTime',
  'logStrike',
  'rootTime',
  'strikeValue',
  'halfSign',
] as const;
export type BlackScholesInput = (typeof BLACK_SCHOLES_INPUTS)[number];

/**
 * Black-Scholes with everything encrypted: price / S_0 = w1 (Phi(d1) - 1/2) - w2 (Phi(d2) - 1/2) + th (w1 - w2), th = 1/2 for a
 * call and -1/2 for a put, with d1,2 = a u - b v +- s t: a = ln(F/S_0) / sigma, b = 1 / sigma, s = sigma / 2 of the market's owner; u = 1 / sqrt(T),
 * v = ln(K/S_0) / sqrt(T), t = sqrt(T) of the contract's.
 */
export function encryptedBlackScholes(
  length: number,
  precision: number,
  limit: number,
): { readonly circuit: Circuit<BlackScholesInput, 'price'>; readonly series: ChebyshevSeries } {
  const full = seriesFor('normalCdf', [-limit, limit], precision);
  // Phi - 1/2 is odd.
  const series: ChebyshevSeries = {
    ...full,
    coefficients: full.coefficients.map((c, k) => (k % 2 === 0 ? 0 : c)),
  };
  const spec = (bound: number) => ({ length, bound });
  const circuit = record<BlackScholesInput, 'price'>(
    (alg, x) => {
      const drift = alg.sub(
        alg.mul(x.logForward, x.inverseRootTime),
        alg.mul(x.inverseVolatility, x.logStrike),
      );
      const spread = alg.mul(x.halfVolatility, x.rootTime);
      const d1 = alg.within(alg.add(drift, spread), -limit, limit);
      const d2 = alg.within(alg.sub(drift, spread), -limit, limit);
      const w1 = x.forwardValue;
      const w2 = x.strikeValue;
      const odd = alg.sub(alg.mul(w1, alg.poly(series, d1)), alg.mul(w2, alg.poly(series, d2)));
      const price = alg.add(odd, alg.mul(x.halfSign, alg.sub(w1, w2)));
      // No price exceeds the larger of forward and strike.
      return { price: alg.within(price, -0.5, 2) };
    },
    {
      logForward: spec(1),
      inverseVolatility: spec(8),
      halfVolatility: spec(1),
      forwardValue: spec(1.1),
      inverseRootTime: spec(8),
      logStrike: spec(4),
      rootTime: spec(2),
      strikeValue: spec(2),
      halfSign: spec(0.5),
    },
  );
  return { circuit, series };
}
