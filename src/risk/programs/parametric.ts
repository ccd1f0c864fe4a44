import type { Program } from '../../algebra/arithmetic.ts';
import type { Circuit } from '../../algebra/circuit.ts';
import { record } from '../../algebra/record.ts';
import { RangeError } from '../../base/errors.ts';
import type { Market } from '../../domain/market.ts';
import type { Figure, NetGreeks } from '../../domain/report.ts';
import { type Matrix, matrixOf } from '../../numeric/matrix.ts';
import { factorUnderlyings } from '../../pricing/portfolio/exposures.ts';
import { parametricRisk } from '../../pricing/portfolio/parametric.ts';

/** Variance of a linear portfolio, and what each exposure adds to it, of normalised exposures. */
export type VarianceOutput = 'variance' | 'contributions';

/**
 * z'Rz and z o Rz for the factors' correlations R: one public matrix and one secret product (F148). With z_i = sd_i x_i / L1,
 * L1 = sum |sd_i x_i|, both are at most 1; sigma^2 = L1^2 z'Rz, and the component of exposure i in the VaR is z_alpha L1^2 (z o Rz)_i / sigma. The
 * root and the quotient are taken after release, or on shares.
 */
export const varianceProgram =
  (correlation: Matrix): Program<'exposures', VarianceOutput> =>
  (alg, { exposures }) => {
    const contributions = alg.mul(exposures, alg.matVecPlain(correlation, exposures));
    return { contributions, variance: alg.within(alg.sum(contributions), 0, 1) };
  };

/** The recorded program for the factors of a market. */
export function varianceCircuit(market: Market): Circuit<'exposures', VarianceOutput> {
  const { correlation } = correlationOf(market);
  return record(varianceProgram(correlation), {
    exposures: { length: correlation.cols, bound: 1, l1: 1 },
  });
}

/** Standard deviations and correlations of a market's factors. @throws RangeError for a factor without variance of its own that moves with others. */
export function correlationOf({ dailyCovariance }: Market): {
  readonly deviations: Float64Array;
  readonly correlation: Matrix;
} {
  const { rows, cols, data } = dailyCovariance;
  const deviations = Float64Array.from({ length: rows }, (_, i) => Math.sqrt(data[i * cols + i]!));
  const correlation = matrixOf(rows, cols);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      const scale = deviations[i]! * deviations[j]!;
      const entry = scale > 0 ? data[i * cols + j]! / scale : 0;
      if (!(Math.abs(entry) <= 1 + 1e-9)) {
        throw new RangeError(
          `expected a covariance, found a correlation of ${entry} between factors ${i} and ${j}`,
          {
            row: i,
            column: j,
          },
        );
      }
      correlation.data[i * cols + j] = Math.min(Math.max(entry, -1), 1);
    }
  }
  return { deviations, correlation };
}

/**
 * Exposures of the market's factors from net Greeks by underlying: cash delta to a spot return, vega to a vol shift. Secret.
 * @throws ShapeError as `factorUnderlyings`.
 */
export function exposuresOf(greeks: Pick<NetGreeks, 'delta' | 'vega'>, market: Market): Float64Array {
  const of = factorUnderlyings(market);
  return Float64Array.from(market.factors, ({ kind }, f) => {
    const { name, spot } = market.underlyings[of[f]!]!;
    return kind === 'spot_return' ? greeks.delta[name]! * spot : greeks.vega[name]!;
  });
}

/** Names of the figures of {@link parametricFigures}. */
export const PARAMETRIC_LEVELS = { var_95: 0.95, var_975: 0.975, var_99: 0.99 } as const;

/**
 * Variance-covariance VaR of opened net Greeks (F148), with what their errors can make of it: sigma is a norm, so it moves by at most the
 * sum of standard deviation x error. First order in spot and vol, normal factors: an approximation of both the book and the market.
 */
export function parametricFigures(
  greeks: Pick<NetGreeks, 'delta' | 'vega'>,
  errors: Pick<NetGreeks, 'delta' | 'vega'>,
  market: Market,
): Record<keyof typeof PARAMETRIC_LEVELS, Figure> {
  const exposures = exposuresOf(greeks, market);
  const { deviations } = correlationOf(market);
  const doubt = exposuresOf(errors, market).reduce(
    (sum, error, f) => sum + Math.abs(error) * deviations[f]!,
    0,
  );
  const figure = (level: number): Figure => {
    const { var: value, z } = parametricRisk(exposures, market.dailyCovariance, level);
    return { value, error: { absolute: Math.abs(z) * doubt, known: 'measured' } };
  };
  return { var_95: figure(0.95), var_975: figure(0.975), var_99: figure(0.99) };
}
