import { RangeError, ShapeError } from '../../base/errors.ts';
import { choleskyFactor } from '../../numeric/cholesky.ts';
import { type Matrix, matrixOf } from '../../numeric/matrix.ts';
import { lengthOf, requireRecord } from '../column-checks.ts';
import type { PathConstruction, SimulationMarket, SimulationSpec } from './specification.ts';

/** A checked specification, with everything that all blocks share. */
export type SimulationPlan = {
  readonly assets: number;
  readonly steps: number;
  readonly times: Float64Array;
  readonly spots: Float64Array;
  readonly vols: Float64Array;
  readonly rate: number;
  readonly dividendYields: Float64Array;
  readonly correlation: Matrix;
  /** Lower triangular, L L' = correlation. */
  readonly factor: Matrix;
  readonly construction: PathConstruction;
  readonly seed: number;
  readonly antithetic: boolean;
  /** Independent scramblings; 1 for pseudo-random numbers. */
  readonly scramblings: number;
  /** Values that are averaged, in each scrambling: paths, or antithetic pairs. */
  readonly samplesPerScrambling: number;
  /** Samples a block; the last block of pseudo-random samples may be smaller. */
  readonly blockSamples: number;
  /** Blocks in all, scrambling by scrambling. */
  readonly blocks: number;
};

// Three arrays of this many numbers stay in the second-level cache; it is part of the result, so no machine may
// choose it.
const NUMBERS_A_BLOCK = 32768;
const MOST_SAMPLES_A_BLOCK = 4096;
const FEWEST_SAMPLES_A_BLOCK = 16;
const MOST_NUMBERS_A_PATH = 100_000;
const MOST_SAMPLES = 2 ** 40;
/** exp of this is still far from overflow when it is squared. */
const LARGEST_LOG_SPOT = 300;
/** No normal number from 32 bits is larger. */
const LARGEST_NORMAL = 6.3;

/**
 * Checks a specification and lays out its blocks.
 * @throws ShapeError where lists differ in length. @throws RangeError naming the field, its value and the allowed
 * range.
 */
export function planSimulation(spec: SimulationSpec): SimulationPlan {
  const market = requireRecord('market', spec.market);
  const sampling = requireRecord('sampling', spec.sampling);
  for (const field of ['spots', 'vols', 'dividendYields'] as const)
    lengthOf(`market.${field}`, market[field]);
  lengthOf('times', spec.times);
  const assets = market.spots.length;
  const times = checkTimes(spec.times);
  const steps = times.length;
  checkMarket(market);
  if (!(steps * assets <= MOST_NUMBERS_A_PATH)) {
    throw new RangeError(
      `expected at most ${MOST_NUMBERS_A_PATH} times x underlyings, found ${steps} x ${assets}`,
      { steps, assets },
    );
  }
  checkSpread(market, times[steps - 1]!);
  integer('sampling.seed', sampling.seed, 0, 2 ** 32 - 1);
  const antithetic = sampling.kind === 'pseudo' && sampling.antithetic === true;
  let scramblings = 1;
  let samplesPerScrambling: number;
  if (sampling.kind === 'sobol') {
    scramblings = integer('sampling.scramblings', sampling.scramblings ?? 16, 2, 4096);
    samplesPerScrambling = integer('sampling.pathsPerScrambling', sampling.pathsPerScrambling, 2, 2 ** 31);
    if (2 ** Math.round(Math.log2(samplesPerScrambling)) !== samplesPerScrambling) {
      throw new RangeError(
        `expected a power of two as sampling.pathsPerScrambling, found ${samplesPerScrambling}`,
        {
          field: 'sampling.pathsPerScrambling',
          found: samplesPerScrambling,
        },
      );
    }
  } else {
    integer('sampling.paths', sampling.paths, antithetic ? 4 : 2, MOST_SAMPLES);
    if (antithetic && sampling.paths % 2 !== 0) {
      throw new RangeError(`expected an even number of antithetic sampling.paths, found ${sampling.paths}`, {
        field: 'sampling.paths',
        found: sampling.paths,
      });
    }
    samplesPerScrambling = antithetic ? sampling.paths / 2 : sampling.paths;
  }
  const wanted = 2 ** Math.floor(Math.log2(NUMBERS_A_BLOCK / (steps * assets)));
  const blockSamples = Math.min(
    Math.max(wanted, FEWEST_SAMPLES_A_BLOCK),
    MOST_SAMPLES_A_BLOCK,
    samplesPerScrambling,
  );
  const correlation = correlationOf(market);
  return {
    assets,
    steps,
    times,
    spots: Float64Array.from(market.spots),
    vols: Float64Array.from(market.vols),
    rate: market.rate,
    dividendYields: Float64Array.from(market.dividendYields),
    correlation,
    factor: choleskyFactor(correlation),
    construction: sampling.construction ?? (sampling.kind === 'sobol' ? 'bridge' : 'increments'),
    seed: sampling.seed,
    antithetic,
    scramblings,
    samplesPerScrambling,
    blockSamples,
    blocks: scramblings * Math.ceil(samplesPerScrambling / blockSamples),
  };
}

function integer(field: string, value: number, low: number, high: number): number {
  if (!(Number.isInteger(value) && value >= low && value <= high)) {
    throw new RangeError(`expected an integer from ${low} to ${high} as ${field}, found ${value}`, {
      field,
      found: value,
    });
  }
  return value;
}

function checkTimes(times: readonly number[]): Float64Array {
  if (times.length === 0) throw new ShapeError('expected at least one time, found none');
  times.forEach((time, index) => {
    const after = index === 0 ? 0 : times[index - 1]!;
    const ascends = index === 0 ? time >= 0 : time > after;
    if (!(ascends && Number.isFinite(time))) {
      throw new RangeError(
        `times: expected ${index === 0 ? 'a number of years of at least 0' : `more than the ${after} before it`} at index ${index}, found ${time}`,
        { field: 'times', index, found: time },
      );
    }
  });
  return Float64Array.from(times);
}

function checkMarket(market: SimulationMarket): void {
  const assets = market.spots.length;
  if (assets === 0) throw new ShapeError('expected at least one underlying, found none');
  const lists: [string, readonly number[], string, (x: number) => boolean][] = [
    ['spots', market.spots, 'a positive number between 1e-100 and 1e100', (x) => x >= 1e-100 && x <= 1e100],
    ['vols', market.vols, 'a volatility of at least 0', (x) => x >= 0 && Number.isFinite(x)],
    ['dividendYields', market.dividendYields, 'a finite yield', Number.isFinite],
  ];
  for (const [field, list, expected, holds] of lists) {
    if (list.length !== assets) {
      throw new ShapeError(
        `expected ${assets} elements in market.${field}, as in spots, found ${list.length}`,
        {
          field,
          expected: assets,
          found: list.length,
        },
      );
    }
    list.forEach((value, index) => {
      if (!holds(value)) {
        throw new RangeError(`market.${field}: expected ${expected} at index ${index}, found ${value}`, {
          field,
          index,
          found: value,
        });
      }
    });
  }
  if (!Number.isFinite(market.rate)) {
    throw new RangeError(`expected a finite market.rate, found ${market.rate}`, { found: market.rate });
  }
}

/** No path may leave the doubles: an infinity would turn into NaN further on. */
function checkSpread(market: SimulationMarket, horizon: number): void {
  market.spots.forEach((spot, index) => {
    const drift = (market.rate - market.dividendYields[index]!) * horizon;
    const deviation = market.vols[index]! * Math.sqrt(horizon);
    const highest = Math.log(spot) + Math.abs(drift) + LARGEST_NORMAL * deviation;
    if (!(highest <= LARGEST_LOG_SPOT && Math.abs(market.rate * horizon) <= LARGEST_LOG_SPOT)) {
      throw new RangeError(
        `underlying ${index}: expected |ln S| + |r - q| t + 6.3 vol sqrt(t) of at most ${LARGEST_LOG_SPOT} by t = ${horizon}, found ${highest}`,
        { index, found: highest },
      );
    }
  });
}

function correlationOf({ correlation, spots }: SimulationMarket): Matrix {
  const n = spots.length;
  const matrix = matrixOf(n, n);
  if (correlation === undefined) {
    if (n > 1)
      throw new ShapeError(`expected market.correlation of ${n} x ${n} numbers, found none`, { expected: n });
    matrix.data[0] = 1;
    return matrix;
  }
  if (correlation.length !== n || correlation.some((row) => row.length !== n)) {
    throw new ShapeError(
      `expected market.correlation of ${n} x ${n} numbers, found ${correlation.length} rows of ${correlation.map((row) => row.length).join(', ')}`,
      { expected: n },
    );
  }
  correlation.forEach((row, r) => {
    row.forEach((value, c) => {
      if (!(r === c ? value === 1 : Math.abs(value) <= 1)) {
        throw new RangeError(
          `market.correlation: expected ${r === c ? '1' : 'a number from -1 to 1'} at (${r}, ${c}), found ${value}`,
          { row: r, column: c, found: value },
        );
      }
      matrix.data[r * n + c] = value;
    });
  });
  return matrix;
}
