import { RangeError } from '../base/errors.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { Market } from '../domain/market.ts';
import { VOL_FLOOR } from '../domain/scenarios.ts';
import { checkBlackScholesInputs } from './black-scholes-inputs.ts';
import { type LinearSegment, linearSegmentOf } from './instruments/linear-segment.ts';
import { type RevaluedContracts, revaluedContractsOf } from './instruments/revalued-contracts.ts';
import type { CheckedMoves } from './market-moves.ts';
import { type OptionSegment, revalueSegmentTwin } from './revalue-segment.ts';
import { type SegmentRevaluer, segmentRevaluers } from './segment-revaluers.ts';
import { optionBatch } from './unit-value.ts';

// With the largest vol and move, the shifted vol and its product with sqrt(T) stay doubles.
const LARGEST_TERM = 1e30;

/** Options a segment at most: what a segment holds then stays in the second-level cache for all scenarios. */
const SEGMENT = 1024;

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
  readonly options: readonly SegmentRevaluer[];
  readonly expired: readonly ExpiredOption[];
  readonly linear: LinearSegment;
  readonly contracts: readonly RevaluedContracts[];
};

/** What of the moves is the same in every scenario. */
export type CommonMoves = Pick<CheckedMoves, 'elapsedYears' | 'volTerm'>;

/**
 * Prepares `scenarioPnl`: groups the options by underlying, in segments, and computes what does not depend on the scenario.
 * @param revaluersOf where the segments are computed: on the kernel if there is one, or by its twin.
 * @throws ShapeError @throws RangeError as `scenarioPnl`.
 */
export function planRevaluation(
  instruments: readonly Instrument[],
  market: Market,
  common: CommonMoves,
  revaluersOf: (segments: readonly OptionSegment[]) => SegmentRevaluer[] = segmentRevaluers,
): RevaluationPlan {
  const indexOf = new Map(market.underlyings.map(({ name }, index) => [name, index]));
  const { inputs, positions } = optionBatch(instruments, market);
  checkBlackScholesInputs(inputs);
  const batch: Batch = { inputs, positions };
  const options: OptionSegment[] = [];
  const expired: ExpiredOption[] = [];
  liveByUnderlying(batch, instruments, indexOf, expired).forEach((group, underlying) => {
    for (let from = 0; from < group.length; from += SEGMENT) {
      const members = group.subarray(from, from + SEGMENT);
      const segment = segmentOf(batch, members, underlying, STILL);
      valueNow(segment);
      if (common.elapsedYears === 0 && common.volTerm === undefined) options.push(segment);
      else later(batch, members, segment, common, options, expired);
    }
  });
  return {
    columns: instruments.length,
    underlyings: indexOf.size,
    options: revaluersOf(options),
    expired,
    linear: linearSegmentOf(instruments, market, indexOf, common.elapsedYears),
    contracts: revaluedContractsOf(instruments, market, (years, position) =>
      common.volTerm === undefined ? 1 : termOf(common.volTerm, years, position),
    ),
  };
}

/** The options of a portfolio; element i is instrument `positions[i]`. */
type Batch = ReturnType<typeof optionBatch>;

/** Options of the batch with time left, an array an underlying; the others go to `expired`. */
function liveByUnderlying(
  batch: Batch,
  instruments: readonly Instrument[],
  indexOf: ReadonlyMap<string, number>,
  expired: ExpiredOption[],
): readonly Int32Array[] {
  const { inputs, positions } = batch;
  const of = new Int32Array(positions.length);
  const counts = new Int32Array(indexOf.size);
  for (let i = 0; i < positions.length; i++) {
    of[i] = indexOf.get(instruments[positions[i]!]!.underlying)!;
    if (inputs.expiryYears[i]! > 0) counts[of[i]!]!++;
    else expired.push(expiredOption(batch, i, of[i]!, intrinsicValue(batch, i)));
  }
  const groups = Array.from(counts, (count) => new Int32Array(count));
  counts.fill(0);
  for (let i = 0; i < positions.length; i++) {
    const underlying = of[i]!;
    if (inputs.expiryYears[i]! > 0) groups[underlying]![counts[underlying]!++] = i;
  }
  return groups;
}

const STILL: CommonMoves = { elapsedYears: 0, volTerm: undefined };

function intrinsicValue({ inputs }: Batch, i: number): number {
  return Math.max(inputs.sign[i]! * (inputs.spot[i]! - inputs.strike[i]!), 0);
}

function expiredOption(
  { inputs, positions }: Batch,
  i: number,
  underlying: number,
  base: number,
): ExpiredOption {
  const { sign, spot, strike } = inputs;
  return { underlying, column: positions[i]!, sign: sign[i]!, spot: spot[i]!, strike: strike[i]!, base };
}

/** Sets `base`, by the arithmetic of the scenarios: differences then carry no error of two formulas. */
function valueNow(segment: OptionSegment): void {
  const values = new Float64Array(segment.base.length);
  revalueSegmentTwin(segment, { growth: 1, logGrowth: 0, shift: 0, relativeShift: 0 }, values);
  segment.base.set(values);
}

/** What a segment of today becomes when time passes or relative vol shifts depend on the expiry. */
function later(
  batch: Batch,
  members: Int32Array,
  today: OptionSegment,
  common: CommonMoves,
  options: OptionSegment[],
  expired: ExpiredOption[],
): void {
  const live: number[] = [];
  const base: number[] = [];
  members.forEach((i, g) => {
    const now = today.base[g]!;
    if (batch.inputs.expiryYears[i]! > common.elapsedYears) {
      live.push(i);
      base.push(now);
    } else {
      expired.push(expiredOption(batch, i, today.underlying, now));
    }
  });
  if (live.length === 0) return;
  const segment = segmentOf(batch, Int32Array.from(live), today.underlying, common);
  segment.base.set(base);
  options.push(segment);
}

/** A segment whose `base` is zero. */
function segmentOf(
  { inputs, positions }: Batch,
  group: Int32Array,
  underlying: number,
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
    base: column(),
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
