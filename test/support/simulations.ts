import type {
  Sampling,
  SimulationMarket,
  SimulationSpec,
} from '../../src/pricing/montecarlo/specification.ts';

/** One underlying: spot 100, vol 20 %, r = 5 %, q = 1 % unless said otherwise. */
export function marketOf({
  spot = 100,
  vol = 0.2,
  r = 0.05,
  q = 0.01,
}: {
  spot?: number;
  vol?: number;
  r?: number;
  q?: number;
} = {}): SimulationMarket {
  return { spots: [spot], vols: [vol], dividendYields: [q], rate: r };
}

/** Three correlated underlyings. */
export const THREE: SimulationMarket = {
  spots: [100, 90, 110],
  vols: [0.2, 0.3, 0.25],
  dividendYields: [0, 0.01, 0.02],
  rate: 0.03,
  correlation: [
    [1, 0.5, 0.2],
    [0.5, 1, 0.3],
    [0.2, 0.3, 1],
  ],
};

/** n equal steps to `years`. */
export function equalTimes(n: number, years = 1): number[] {
  return Array.from({ length: n }, (_, i) => (years * (i + 1)) / n);
}

export const SOBOL: Sampling = { kind: 'sobol', seed: 1, pathsPerScrambling: 1024, scramblings: 16 };
export const PSEUDO: Sampling = { kind: 'pseudo', seed: 1, paths: 16_384 };
export const ANTITHETIC: Sampling = { ...PSEUDO, antithetic: true };

/** A call at the money, one year, and whatever is given instead. */
export function simulationOf(parts: Partial<SimulationSpec> = {}): SimulationSpec {
  return {
    market: marketOf(),
    times: [1],
    payoff: { kind: 'european', type: 'call', strike: 100 },
    sampling: SOBOL,
    ...parts,
  };
}
