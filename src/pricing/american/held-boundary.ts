import { PrecisionError } from '../../base/errors.ts';
import { solveBoundary } from './boundary.ts';
import { AMERICAN_SCHEMES, type AmericanScheme, type SchemeTables, tablesOf } from './scheme.ts';
import { emptyUnitPut, setUnitPut, stiffness, type UnitPut } from './unit-put.ts';

/**
 * Stiffer problems than these go to the next finer scheme (F66): from fast ones to `accurate`, from accurate ones to {@link STIFF} and
 * on to `reference`.
 */
const MOST_STIFFNESS_FAST = 0.3;
const MOST_STIFFNESS_ACCURATE = 0.5;
const MOST_STIFFNESS_STIFF = 5;
const STIFF: AmericanScheme = {
  nodes: 32,
  quadrature: 40,
  premiumQuadrature: 96,
  iterations: 40,
  tolerance: 1e-7,
};
/** Changes that rounding alone may leave in a converged iteration. */
const ROUNDING = 1e-6;

/** A boundary and the terms it belongs to. */
export class HeldBoundary {
  readonly put: UnitPut = emptyUnitPut();
  squares: Float64Array = new Float64Array(0);
  #tables: SchemeTables | undefined;
  #solved = false;
  #rate = Number.NaN;
  #yield = Number.NaN;
  #vol = Number.NaN;
  #years = Number.NaN;

  get tables(): SchemeTables {
    return this.#tables!;
  }

  /** ln of the boundary at the valuation time, once solved. */
  get log(): number {
    return this.put.logStart - Math.sqrt(this.squares[this.tables.nodes - 1]!);
  }

  /** See {@link setUnitPut}. */
  set(putRate: number, putYield: number, vol: number, years: number, forward = false): void {
    if (
      putRate === this.#rate &&
      putYield === this.#yield &&
      vol === this.#vol &&
      years === this.#years &&
      forward === this.put.forward
    )
      return;
    this.#rate = putRate;
    this.#yield = putYield;
    this.#vol = vol;
    this.#years = years;
    this.#solved = false;
    setUnitPut(this.put, putRate, putYield, vol, years, forward);
  }

  /**
   * ln of the boundary at the valuation time.
   * @throws PrecisionError naming `index` where even the reference scheme does not converge; no such terms of one boundary are known.
   */
  solve(wanted: SchemeTables, index: number): number {
    if (!this.#solved) {
      const { accurate, reference } = AMERICAN_SCHEMES;
      const attempts = [schemeFor(this.put, wanted.scheme), accurate, reference];
      if (!attempts.some((scheme) => this.attempt(tablesOf(scheme)))) throw this.refusal(index);
    }
    return this.log;
  }

  /** @returns whether the boundary was found with `tables`, which are kept. */
  attempt(tables: SchemeTables): boolean {
    if (this.#solved && tables === this.#tables) return true;
    this.#tables = tables;
    if (this.squares.length !== tables.stride) this.squares = new Float64Array(tables.stride);
    const change = solveBoundary(this.put, tables, this.squares);
    // What a change of the squares means for a price: no more than the boundary moves, nor than the premium can be. One of two boundaries that
    // have met does not exist: it must be seen not to converge.
    const { perpetual, rate, yield: dividend, variance } = this.put;
    const weight = rate < 0 ? 1 : Math.min(1, perpetual, (rate + Math.abs(dividend)) * variance);
    this.#solved = change * weight <= Math.max(tables.scheme.tolerance, ROUNDING);
    return this.#solved;
  }

  refusal(index: number): PrecisionError {
    const facts = { index, rate: this.#rate, yield: this.#yield, vol: this.#vol, years: this.#years };
    return new PrecisionError(
      `option ${index}: the exercise boundary did not converge for rate ${facts.rate} and yield ${facts.yield} of the put (of a call the other way round), vol ${facts.vol}, ${facts.years} years`,
      facts,
    );
  }
}

/** The scheme that `put` needs for the accuracy of the `wanted` one. */
export function schemeFor(put: UnitPut, wanted: AmericanScheme): AmericanScheme {
  const { accurate, reference } = AMERICAN_SCHEMES;
  const found = stiffness(put);
  if (wanted.nodes < accurate.nodes) return found > MOST_STIFFNESS_FAST ? accurate : wanted;
  if (wanted.nodes >= STIFF.nodes || found <= MOST_STIFFNESS_ACCURATE) return wanted;
  return found > MOST_STIFFNESS_STIFF ? reference : STIFF;
}
