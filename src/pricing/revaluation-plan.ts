import { RangeError } from '../base/errors.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { Market } from '../domain/market.ts';
import { VOL_FLOOR } from '../domain/scenarios.ts';
import { checkBlackScholesInputs } from './black-scholes-inputs.ts';
import { type ContractBatch, contractBatches } from './instruments/contract-batches.ts';
import { isLinear, linearTerms } from './instruments/linear.ts';
import type { CheckedMoves } from './market-moves.ts';
import { type OptionSegment, revalueSegment } from './revalue-segment.ts';
import { optionBatch, underlyingOf, underlyingsByName, volOf } from './unit-value.ts';

// With the largest vol and move, the shifted vol and its product with sqrt(T) stay doubles.
const LARGEST_TERM = 1e30;

/** What is linear in the spot: value change = spotPv x return + carry. */
export type LinearSegment = {
  readonly underlying: Int32Array;
  readonly column: Int32Array;
  /** Slope times S0, with the time left after what elapses. */
  readonly spotPv: Float64Array;
  /** What the value changes by through elapsed time alone. */
  readonly carry: Float64Array;
};

/** Options that expire before the scenario, which have no d1: their value becomes the intrinsic value. */
export type ExpiredOption = {
  readonly underlying: number;
  readonly column: number;
  readonly sign: number;
  readonly spot: number;
  readonly strike: number;
  /** Value now. */
  readonly base: number;
};

/** A portfolio prepared for full revaluation under many scenarios. */
export type RevaluationPlan = {
  readonly columns: number;
  readonly underlyings: number;
  readonly options: readonly OptionSegment[];
  readonly expired: readonly ExpiredOption[];
  readonly linear: LinearSegment;
  readonly contracts: readonly RevaluedContracts[];
};

/** Contracts with a model of their own, and what they are worth now. */
export type RevaluedContracts = {
  readonly batch: ContractBatch;
  /** Values now, at vols not below the floor. */
  readonly base: Float64Array;
  /** Vols not below the floor, times the term factor of relative vol shifts. */
  readonly volByTerm: Float64Array;
};

/** What of the moves is the same in every scenario. */
export type CommonMoves = Pick<CheckedMoves, 'elapsedYears' | 'volTerm'>;

/**
 * Prepares `scenarioPnl`: groups the options by underlying and computes what does not depend on the scenario.
 * @throws ShapeError @throws RangeError as `scenarioPnl`.
 */
export function planRevaluation(
  instruments: readonly Instrument[],
  market: Market,
  common: CommonMoves,
): RevaluationPlan {
  const indexOf = new Map(market.underlyings.map(({ name }, index) => [name, index]));
  const { inputs, positions } = optionBatch(instruments, market);
  checkBlackScholesInputs(inputs);
  const groups = market.underlyings.map((): number[] => []);
  for (let i = 0; i < positions.length; i++) {
    groups[indexOf.get(instruments[positions[i]!]!.underlying)!]!.push(i);
  }
  const batch: Batch = { inputs, positions };
  const options: OptionSegment[] = [];
  const expired: ExpiredOption[] = [];
  groups.forEach((group, underlying) => {
    const now = valuesNow(batch, group, underlying);
    const live: number[] = [];
    const base: number[] = [];
    group.forEach((i, g) => {
      if (inputs.expiryYears[i]! - common.elapsedYears > 0) {
        live.push(i);
        base.push(now[g]!);
      } else {
        expired.push({
          underlying,
          column: positions[i]!,
          sign: inputs.sign[i]!,
          spot: inputs.spot[i]!,
          strike: inputs.strike[i]!,
          base: now[g]!,
        });
      }
    });
    if (live.length > 0) options.push(segmentOf(batch, live, underlying, Float64Array.from(base), common));
  });
  return {
    columns: instruments.length,
    underlyings: indexOf.size,
    options,
    expired,
    linear: linearOf(instruments, market, indexOf, common.elapsedYears),
    contracts: contractsOf(instruments, market, common),
  };
}

/** The options of a portfolio; element i is instrument `positions[i]`. */
type Batch = ReturnType<typeof optionBatch>;

/** Today's values, by the arithmetic of the scenarios: differences then carry no error of two formulas. */
function valuesNow(batch: Batch, group: readonly number[], underlying: number): Float64Array {
  const values = new Float64Array(group.length);
  const zero = new Float64Array(group.length);
  const { sign, spot, strike, expiryYears } = batch.inputs;
  const segment = segmentOf(batch, group, underlying, zero, { elapsedYears: 0, volTerm: undefined });
  revalueSegment({ ...segment, column: Int32Array.from(zero.keys()) }, 1, 0, 0, 0, values, 0);
  group.forEach((i, g) => {
    if (expiryYears[i] === 0) values[g] = Math.max(sign[i]! * (spot[i]! - strike[i]!), 0);
  });
  return values;
}

function segmentOf(
  { inputs, positions }: Batch,
  group: readonly number[],
  underlying: number,
  base: Float64Array,
  { elapsedYears, volTerm }: CommonMoves,
): OptionSegment {
  const count = group.length;
  const column = (): Float64Array => new Float64Array(count);
  const segment: OptionSegment = {
    underlying,
    column: new Int32Array(count),
    sign: column(),
    logForward: column(),
    rootT: column(),
    vol: column(),
    volByTerm: column(),
    spotPv: column(),
    strikePv: column(),
    base,
  };
  const { sign, spot, strike, expiryYears, rate, dividendYield, vol } = inputs;
  for (let g = 0; g < count; g++) {
    const i = group[g]!;
    const left = expiryYears[i]! - elapsedYears;
    segment.column[g] = positions[i]!;
    segment.sign[g] = sign[i]!;
    segment.logForward[g] = Math.log(spot[i]! / strike[i]!) + (rate[i]! - dividendYield[i]!) * left;
    segment.rootT[g] = Math.sqrt(left);
    segment.vol[g] = Math.max(vol[i]!, VOL_FLOOR);
    segment.volByTerm[g] =
      segment.vol[g]! * (volTerm === undefined ? 1 : termOf(volTerm, expiryYears[i]!, i));
    segment.spotPv[g] = spot[i]! * Math.exp(-dividendYield[i]! * left);
    segment.strikePv[g] = strike[i]! * Math.exp(-rate[i]! * left);
  }
  return segment;
}

function termOf(volTerm: (expiryYears: number) => number, expiryYears: number, option: number): number {
  const factor = volTerm(expiryYears);
  if (factor >= 0 && factor <= LARGEST_TERM) return factor;
  throw new RangeError(
    `option ${option}: expected a volTerm between 0 and ${LARGEST_TERM} for t = ${expiryYears}, found ${factor}`,
    { index: option, expiryYears, volTerm: factor },
  );
}

function contractsOf(
  instruments: readonly Instrument[],
  market: Market,
  { volTerm }: CommonMoves,
): RevaluedContracts[] {
  return contractBatches(instruments, market, volOf).map((found) => {
    const vol = found.today.vol.map((value) => Math.max(value, VOL_FLOOR));
    const batch: ContractBatch = { ...found, today: { ...found.today, vol } };
    const volByTerm = vol.map((value, i) =>
      volTerm === undefined ? value : value * termOf(volTerm, batch.years[i]!, batch.positions[i]!),
    );
    return { batch, base: batch.value(batch.today), volByTerm };
  });
}

function linearOf(
  instruments: readonly Instrument[],
  market: Market,
  indexOf: ReadonlyMap<string, number>,
  elapsedYears: number,
): LinearSegment {
  const byName = underlyingsByName(market);
  const underlying: number[] = [];
  const columns: number[] = [];
  const spotPv: number[] = [];
  const carry: number[] = [];
  instruments.forEach((instrument, column) => {
    const quoted = underlyingOf(byName, instrument, column);
    if (!isLinear(instrument)) return;
    const now = linearTerms(instrument, quoted);
    const then = linearTerms(instrument, quoted, elapsedYears);
    underlying.push(indexOf.get(instrument.underlying)!);
    columns.push(column);
    spotPv.push(then.slope * quoted.spot);
    carry.push((then.slope - now.slope) * quoted.spot + (then.level - now.level));
  });
  return {
    underlying: Int32Array.from(underlying),
    column: Int32Array.from(columns),
    spotPv: Float64Array.from(spotPv),
    carry: Float64Array.from(carry),
  };
}
