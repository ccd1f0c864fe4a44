import { RangeError, UnsupportedError } from '../../base/errors.ts';
import { inverseFromCholesky } from '../../numeric/cholesky.ts';
import type { PathBlock } from './paths.ts';
import type { PathPayoff, PayoffSpec } from './payoff.ts';
import type { SimulationPlan } from './plan.ts';
import type { GreekMethod } from './specification.ts';

/** Estimates the Greeks of every underlying along paths: columns of outputs, underlying by underlying. */
export type GreekEstimator = {
  /** Which Greeks, in the order of the columns. Column g x assets + asset. */
  readonly names: readonly ('delta' | 'vega' | 'gamma')[];
  /** @param values the payoff's present values along the same block. */
  estimate(paths: PathBlock, values: Float64Array, out: readonly Float64Array[]): void;
};

/**
 * Chooses the estimator.
 * @throws UnsupportedError where the payoff allows no such method. @throws RangeError where the market has no
 * density.
 */
export function createGreeks(
  method: GreekMethod,
  spec: PayoffSpec,
  payoff: PathPayoff,
  plan: SimulationPlan,
): GreekEstimator {
  if (method === 'pathwise') {
    if (payoff.gradient === undefined) {
      const other = payoff.refusesLikelihoodRatio === undefined ? '; use likelihoodRatio' : '';
      throw new UnsupportedError(`a payoff of kind ${spec.kind} has no pathwise derivative here${other}`, {
        method,
        payoff: spec.kind,
      });
    }
    return pathwise(payoff.gradient, plan);
  }
  if (method !== 'likelihoodRatio') {
    throw new UnsupportedError(`expected pathwise or likelihoodRatio as greeks, found ${String(method)}`, {
      method: String(method),
    });
  }
  if (payoff.refusesLikelihoodRatio !== undefined) {
    throw new UnsupportedError(`likelihoodRatio: ${payoff.refusesLikelihoodRatio}`, {
      method,
      payoff: spec.kind,
    });
  }
  return likelihoodRatio(plan);
}

/**
 * Pathwise derivatives (F121): the derivative of the payoff along the path, by dS(t)/dS(0) = S(t)/S(0) and
 * dS(t)/dv = S(t) (W(t) - v t). Unbiased for payoffs that are continuous: M. Broadie and P. Glasserman, "Estimating
 * security price derivatives using simulation", Management Science 42 (1996), 269-285.
 */
function pathwise(gradient: NonNullable<PathPayoff['gradient']>, plan: SimulationPlan): GreekEstimator {
  const { assets, steps, times, spots: start, vols, rate, dividendYields } = plan;
  const weights = new Float64Array(assets * steps * plan.blockSamples);
  return {
    names: ['delta', 'vega'],
    estimate(paths, _values, out) {
      const { spots, logs, count } = paths;
      weights.fill(0);
      gradient(paths, weights);
      for (let asset = 0; asset < assets; asset++) {
        const delta = out[asset]!;
        const vega = out[assets + asset]!;
        delta.fill(0, 0, count);
        vega.fill(0, 0, count);
        const vol = vols[asset]!;
        const spot = start[asset]!;
        for (let step = 0; step < steps; step++) {
          const at = (asset * steps + step) * count;
          const t = times[step]!;
          // v W(t) = ln S(t) - mean, and W(t) - v t follows; without volatility W itself is not known from the path.
          const mean = Math.log(spot) + (rate - dividendYields[asset]! - 0.5 * vol * vol) * t;
          for (let p = 0; p < count; p++) {
            const moved = weights[at + p]! * spots[at + p]!;
            delta[p]! += moved;
            vega[p]! += moved * ((logs[at + p]! - mean) / vol - vol * t);
          }
        }
        for (let p = 0; p < count; p++) delta[p]! /= spot;
      }
    },
  };
}

/**
 * Likelihood ratios (F122): the payoff times the score of the paths' density, so that the payoff may jump. With e_k
 * the correlated normals of step k, u_k = R^-1 e_k and A = R^-1: delta weight u_1i / (S_i v_i sqrt(t_1)); vega
 * weight sum_k (e_ki u_ki - 1) / v_i - u_ki sqrt(dt_k); gamma weight g^2 - A_ii / (S_i^2 v_i^2 t_1) - g / S_i with
 * g the delta weight.
 *
 * M. Broadie and P. Glasserman (1996), section 2.2; P. Glasserman, "Monte Carlo Methods in Financial Engineering"
 * (2003), section 7.3. The variance grows as the first time goes to zero, like 1 / t_1 for delta.
 * @throws RangeError unless the first time and every volatility are positive.
 */
function likelihoodRatio(plan: SimulationPlan): GreekEstimator {
  const { assets, steps, times, spots: start, vols, rate, dividendYields } = plan;
  if (!(times[0]! > 0)) {
    throw new RangeError(`likelihoodRatio: expected a first time above 0, found ${times[0]}`, {
      found: times[0]!,
    });
  }
  vols.forEach((vol, index) => {
    if (!(vol > 0)) {
      throw new RangeError(
        `likelihoodRatio: expected a positive volatility of underlying ${index}, found ${vol}`,
        {
          index,
          found: vol,
        },
      );
    }
  });
  const inverse = inverseFromCholesky(plan.factor).data;
  const scratch = (): Float64Array[] =>
    Array.from({ length: assets }, () => new Float64Array(plan.blockSamples));
  const normals = scratch();
  const scores = scratch();
  return {
    names: ['delta', 'vega', 'gamma'],
    estimate({ logs, count }, values, out) {
      for (let step = 0; step < steps; step++) {
        const years = times[step]! - (step === 0 ? 0 : times[step - 1]!);
        for (let asset = 0; asset < assets; asset++) {
          const at = (asset * steps + step) * count;
          const vol = vols[asset]!;
          const deviation = vol * Math.sqrt(years);
          const mean = (rate - dividendYields[asset]! - 0.5 * vol * vol) * years;
          const normal = normals[asset]!;
          const startLog = Math.log(start[asset]!);
          for (let p = 0; p < count; p++) {
            const before = step === 0 ? startLog : logs[at - count + p]!;
            normal[p] = (logs[at + p]! - before - mean) / deviation;
          }
        }
        for (let i = 0; i < assets; i++) {
          const score = scores[i]!;
          score.fill(0, 0, count);
          for (let j = 0; j < assets; j++) {
            const weight = inverse[i * assets + j]!;
            const normal = normals[j]!;
            for (let p = 0; p < count; p++) score[p]! += weight * normal[p]!;
          }
          const vol = vols[i]!;
          const root = Math.sqrt(years);
          const vega = out[assets + i]!;
          if (step === 0) {
            const delta = out[i]!;
            const gamma = out[2 * assets + i]!;
            const spot = start[i]!;
            const scale = 1 / (spot * vol * root);
            const curvature = inverse[i * assets + i]! * scale * scale;
            for (let p = 0; p < count; p++) {
              const g = score[p]! * scale;
              delta[p] = g;
              gamma[p] = g * g - curvature - g / spot;
            }
            vega.fill(0, 0, count);
          }
          const normal = normals[i]!;
          for (let p = 0; p < count; p++) vega[p]! += (normal[p]! * score[p]! - 1) / vol - score[p]! * root;
        }
      }
      for (const column of out) for (let p = 0; p < count; p++) column[p]! *= values[p]!;
    },
  };
}
