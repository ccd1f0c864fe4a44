import { RangeError } from '../../base/errors.ts';
import { commonLength } from '../column-checks.ts';
import type { HestonExpiry } from './heston-exponent.ts';

const FIELDS: readonly (keyof HestonInputs)[] = [
  'sign',
  'spot',
  'strike',
  'expiryYears',
  'rate',
  'dividendYield',
  'initialVariance',
  'meanReversion',
  'longVariance',
  'volOfVol',
  'correlation',
];

/** A batch of European options under Heston's model, a column a field; element i of every column is option i. */
export type HestonInputs = {
  /** +1 for a call, -1 for a put. */
  readonly sign: Float64Array;
  readonly spot: Float64Array;
  readonly strike: Float64Array;
  /** Years to expiry. */
  readonly expiryYears: Float64Array;
  /** Risk-free rate, continuous, per year, decimal. */
  readonly rate: Float64Array;
  /** Dividend, borrow or foreign yield, continuous, per year, decimal. */
  readonly dividendYield: Float64Array;
  /** v0: variance today, per year. */
  readonly initialVariance: Float64Array;
  /** kappa: speed of mean reversion, per year. */
  readonly meanReversion: Float64Array;
  /** theta: variance to which it reverts, per year. */
  readonly longVariance: Float64Array;
  /** sigma: volatility of variance, per year. */
  readonly volOfVol: Float64Array;
  /** rho: correlation of the Brownian motions of spot and variance. */
  readonly correlation: Float64Array;
};

type Rule = readonly [field: keyof HestonInputs, low: number, high: number];

// Far outside any market; within them no intermediate result leaves the range of a double.
const RULES: readonly Rule[] = [
  ['spot', 1e-100, 1e100],
  ['strike', 1e-100, 1e100],
  ['expiryYears', 0, 1e4],
  ['rate', -100, 100],
  ['dividendYield', -100, 100],
  ['initialVariance', 0, 1e4],
  ['meanReversion', 0, 1e4],
  ['longVariance', 0, 1e4],
  ['volOfVol', 0, 1e4],
  ['correlation', -1, 1],
];
const LARGEST_LOG_DISCOUNT = 300;

/**
 * Checks a batch once.
 * @throws ShapeError unless all columns are of one length.
 * @throws RangeError naming index, field, value and allowed range: sign +1 or -1; spot and strike 1e-100 to 1e100;
 * expiryYears, initialVariance, meanReversion, longVariance and volOfVol 0 to 1e4; rate and dividendYield at most 100
 * in size and, times the years, at most 300; correlation -1 to 1.
 */
export function checkHestonInputs(inputs: HestonInputs): void {
  const count = commonLength(inputs, FIELDS);
  const refuse = (index: number, field: string, expected: string, found: number): never => {
    throw new RangeError(`option ${index}: expected ${expected} as ${field}, found ${found}`, {
      index,
      field,
      found,
    });
  };
  for (const [field, low, high] of RULES) {
    const column = inputs[field];
    for (let i = 0; i < count; i++) {
      // False for NaN.
      if (!(column[i]! >= low && column[i]! <= high)) {
        refuse(i, field, `a number between ${low} and ${high}`, column[i]!);
      }
    }
  }
  for (let i = 0; i < count; i++) {
    if (inputs.sign[i] !== 1 && inputs.sign[i] !== -1) {
      refuse(i, 'sign', '+1 (call) or -1 (put)', inputs.sign[i]!);
    }
    for (const field of ['rate', 'dividendYield'] as const) {
      if (!(Math.abs(inputs[field][i]! * inputs.expiryYears[i]!) <= LARGEST_LOG_DISCOUNT)) {
        refuse(
          i,
          field,
          `at most ${LARGEST_LOG_DISCOUNT} / ${inputs.expiryYears[i]} in size, for the discount factor's sake,`,
          inputs[field][i]!,
        );
      }
    }
  }
}

/** Options that share expiry and model parameters: they share the characteristic function. */
export type HestonGroup = { readonly model: HestonExpiry; readonly indices: number[] };

/**
 * Groups a batch by expiry and parameters, wherever the rows stand, in order of first appearance.
 * Cost: about 0.1 us a row; less where rows of one group follow each other.
 */
export function groupByExpiry(inputs: HestonInputs): readonly HestonGroup[] {
  const { expiryYears, initialVariance, meanReversion, longVariance, volOfVol, correlation } = inputs;
  const groups: HestonGroup[] = [];
  const byHash = new Map<number, HestonGroup[]>();
  let last: HestonGroup | undefined;
  for (let i = 0; i < expiryYears.length; i++) {
    const model: HestonExpiry = {
      t: expiryYears[i]!,
      initialVariance: initialVariance[i]!,
      meanReversion: meanReversion[i]!,
      longVariance: longVariance[i]!,
      volOfVol: volOfVol[i]!,
      correlation: correlation[i]!,
    };
    if (last === undefined || !sameModel(last.model, model)) {
      const hash = hashOf(model);
      const bucket = byHash.get(hash) ?? [];
      last = bucket.find((group) => sameModel(group.model, model));
      if (last === undefined) {
        last = { model, indices: [] };
        groups.push(last);
        bucket.push(last);
        byHash.set(hash, bucket);
      }
    }
    last.indices.push(i);
  }
  return groups;
}

const HASHED = new Float64Array(6);
const HASHED_WORDS = new Uint32Array(HASHED.buffer);

/** Equal models hash equally; + 0 makes one of the two zeros. */
function hashOf(model: HestonExpiry): number {
  HASHED[0] = model.t + 0;
  HASHED[1] = model.initialVariance + 0;
  HASHED[2] = model.meanReversion + 0;
  HASHED[3] = model.longVariance + 0;
  HASHED[4] = model.volOfVol + 0;
  HASHED[5] = model.correlation + 0;
  let hash = 0;
  for (const word of HASHED_WORDS) hash = Math.imul(hash ^ word, 0x9e3779b1) ^ (hash >>> 15);
  return hash;
}

function sameModel(a: HestonExpiry, b: HestonExpiry): boolean {
  return (
    a.t === b.t &&
    a.initialVariance === b.initialVariance &&
    a.meanReversion === b.meanReversion &&
    a.longVariance === b.longVariance &&
    a.volOfVol === b.volOfVol &&
    a.correlation === b.correlation
  );
}
