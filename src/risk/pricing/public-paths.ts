import type { Matrix } from '../../numeric/matrix.ts';
import { matrixOf } from '../../numeric/matrix.ts';
import { PathGenerator } from '../../pricing/montecarlo/paths.ts';
import { planSimulation } from '../../pricing/montecarlo/plan.ts';

/** What all agree on about the random numbers of a simulation: with it, its paths are public but for the parameters of the underlyings. */
export type PublicSampling = {
  /** An integer from 0 to 2^32 - 1. */
  readonly seed: number;
  readonly paths: number;
  /** Observation times as fractions of the secret expiry, ascending; the last is 1. */
  readonly fractions: readonly number[];
  /** Of the log returns, row by row; may be absent for one underlying. */
  readonly correlation?: readonly (readonly number[])[] | undefined;
};

/**
 * Standard Brownian motions at the fractions: of each underlying a matrix, a row a fraction, a column a path. They are those of the plaintext engine: `simulate`
 * with `pseudo` sampling of the same seed, and times expiry x fraction, walks sqrt(expiry) times these.
 * @throws RangeError, ShapeError as `planSimulation`.
 */
export function brownianPaths({ seed, paths, fractions, correlation }: PublicSampling): readonly Matrix[] {
  const assets = correlation?.length ?? 1;
  const same = (value: number) => new Array<number>(assets).fill(value);
  // Without drift: r - q - v^2/2 = 0, so that ln S = W.
  const plan = planSimulation({
    market: {
      spots: same(1),
      vols: same(1),
      dividendYields: same(-0.5),
      rate: 0,
      ...(correlation === undefined ? {} : { correlation }),
    },
    times: fractions,
    payoff: { kind: 'european', type: 'call', strike: 1 },
    sampling: { kind: 'pseudo', seed, paths },
  });
  const generator = new PathGenerator(plan, 'pseudo', 0);
  const out = Array.from({ length: assets }, () => matrixOf(fractions.length, paths));
  let at = 0;
  for (let b = 0; b < plan.blocks; b++) {
    const { count, steps, logs } = generator.block(b);
    out.forEach(({ data }, asset) => {
      for (let step = 0; step < steps; step++) {
        const from = (asset * steps + step) * count;
        data.set(logs.subarray(from, from + count), step * paths + at);
      }
    });
    at += count;
  }
  return out;
}
