import { RangeError, ShapeError } from '../base/errors.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { Market } from '../domain/market.ts';
import { type ScenarioSet, VOL_FLOOR } from '../domain/scenarios.ts';
import { checkBlackScholesInputs } from './black-scholes-inputs.ts';
import { optionBatch, underlyingOf, underlyingsByName } from './unit-value.ts';

/** Options of one underlying, with everything that no scenario changes. */
export type OptionSegment = {
  readonly underlying: number;
  /** Column of the result, an option. */
  readonly column: Int32Array;
  readonly sign: Float64Array;
  /** ln(S0/K) + (r - q) T */
  readonly logForward: Float64Array;
  readonly rootT: Float64Array;
  readonly vol: Float64Array;
  /** S0 e^(-qT) */
  readonly spotPv: Float64Array;
  /** K e^(-rT) */
  readonly strikePv: Float64Array;
};

/** Forwards and spot positions: value change = spotPv x return. */
export type LinearSegment = {
  readonly underlying: Int32Array;
  readonly column: Int32Array;
  readonly spotPv: Float64Array;
};

/** A portfolio prepared for full revaluation under many scenarios. */
export type RevaluationPlan = {
  readonly columns: number;
  readonly options: readonly OptionSegment[];
  /** Options at expiry, which have no d1: their intrinsic value is revalued. */
  readonly expired: readonly {
    readonly underlying: number;
    readonly column: number;
    readonly sign: number;
    readonly spot: number;
    readonly strike: number;
  }[];
  readonly linear: LinearSegment;
  /** Relative spot return and absolute vol shift: element [scenario x underlyings + underlying]. */
  readonly returns: Float64Array;
  readonly shifts: Float64Array;
  readonly underlyings: number;
};

/**
 * Prepares `scenarioPnl`: groups the options by underlying and computes what does not depend on the scenario.
 * @throws ShapeError @throws RangeError as `scenarioPnl`.
 */
export function planRevaluation(
  instruments: readonly Instrument[],
  market: Market,
  scenarios: ScenarioSet,
): RevaluationPlan {
  const byName = underlyingsByName(market);
  const indexOf = new Map(market.underlyings.map(({ name }, index) => [name, index]));
  const { inputs, positions } = optionBatch(instruments, market);
  checkBlackScholesInputs(inputs);

  const groups = market.underlyings.map((): number[] => []);
  const expired: RevaluationPlan['expired'][number][] = [];
  positions.forEach((column, i) => {
    const underlying = indexOf.get(instruments[column]!.underlying)!;
    if (inputs.expiryYears[i]! > 0) groups[underlying]!.push(i);
    else {
      const terms = { sign: inputs.sign[i]!, spot: inputs.spot[i]!, strike: inputs.strike[i]! };
      expired.push({ underlying, column, ...terms });
    }
  });
  const options = groups.flatMap((members, underlying): OptionSegment[] => {
    if (members.length === 0) return [];
    const column = (of: (i: number) => number): Float64Array => Float64Array.from(members, of);
    const { sign, spot, strike, expiryYears, rate, dividendYield, vol } = inputs;
    return [
      {
        underlying,
        column: Int32Array.from(members, (i) => positions[i]!),
        sign: column((i) => sign[i]!),
        logForward: column(
          (i) => Math.log(spot[i]! / strike[i]!) + (rate[i]! - dividendYield[i]!) * expiryYears[i]!,
        ),
        rootT: column((i) => Math.sqrt(expiryYears[i]!)),
        vol: column((i) => Math.max(vol[i]!, VOL_FLOOR)),
        spotPv: column((i) => spot[i]! * Math.exp(-dividendYield[i]! * expiryYears[i]!)),
        strikePv: column((i) => strike[i]! * Math.exp(-rate[i]! * expiryYears[i]!)),
      },
    ];
  });

  const linear: [underlying: number, column: number, spotPv: number][] = [];
  instruments.forEach((instrument, column) => {
    const underlying = underlyingOf(byName, instrument, column);
    if (instrument.kind === 'option') return;
    const years = instrument.kind === 'forward' ? instrument.expiryYears : 0;
    const spotPv = underlying.spot * Math.exp(-underlying.dividendYield * years);
    if (!(years >= 0 && spotPv > 0 && Number.isFinite(spotPv))) {
      throw new RangeError(
        `instrument ${column}: expected t of at least 0 and a positive spot, found t = ${years}, spot = ${underlying.spot}`,
        { index: column },
      );
    }
    linear.push([indexOf.get(instrument.underlying)!, column, spotPv]);
  });

  return {
    columns: instruments.length,
    options,
    expired,
    linear: {
      underlying: Int32Array.from(linear, ([underlying]) => underlying),
      column: Int32Array.from(linear, ([, column]) => column),
      spotPv: Float64Array.from(linear, ([, , spotPv]) => spotPv),
    },
    ...movesByUnderlying(scenarios, indexOf),
    underlyings: indexOf.size,
  };
}

/** Factors of underlyings that the market lacks are ignored: no instrument can depend on them. */
function movesByUnderlying(
  scenarios: ScenarioSet,
  indexOf: ReadonlyMap<string, number>,
): { returns: Float64Array; shifts: Float64Array } {
  const { factors, moves } = scenarios;
  if (moves.cols !== factors.length) {
    throw new ShapeError(`expected ${factors.length} moves a scenario, found ${moves.cols}`, {
      expected: factors.length,
      found: moves.cols,
    });
  }
  const returns = new Float64Array(moves.rows * indexOf.size);
  const shifts = new Float64Array(moves.rows * indexOf.size);
  const seen = new Set<string>();
  factors.forEach((factor, c) => {
    const key = `${factor.kind} of ${factor.underlying}`;
    if (seen.has(key)) throw new ShapeError(`expected one factor for the ${key}, found two`, { factor: key });
    seen.add(key);
    const underlying = indexOf.get(factor.underlying);
    if (underlying === undefined) return;
    const target = factor.kind === 'spot_return' ? returns : shifts;
    const above = factor.kind === 'spot_return' ? -1 : Number.NEGATIVE_INFINITY;
    for (let s = 0; s < moves.rows; s++) {
      const move = moves.data[s * moves.cols + c]!;
      if (!(move > above && move < Number.POSITIVE_INFINITY)) {
        throw new RangeError(
          `scenario ${scenarios.labels[s] ?? s}, ${factor.name}: expected a finite move above ${above}, found ${move}`,
          { scenario: s, factor: factor.name, move },
        );
      }
      target[s * indexOf.size + underlying] = move;
    }
  });
  return { returns, shifts };
}
