import { PrecisionError, UnsupportedError } from '../../base/errors.ts';
import { type BlackScholesInputs, checkBlackScholesInputs } from '../black-scholes-inputs.ts';
import { solveBoundary } from './boundary.ts';
import { evaluatePremium, type Premium } from './premium.ts';
import { EARLY, EUROPEAN, IMMEDIATE } from './regime.ts';
import { AMERICAN_SCHEMES, type AmericanScheme, type SchemeTables, tablesOf } from './scheme.ts';
import { emptyUnitPut, exerciseRegion, setUnitPut, stiffness, type UnitPut } from './unit-put.ts';

/** A premium below this share of the strike does not change a price. */
const NEGLIGIBLE = 1e-17;
/** The same where exercise has two boundaries, which is not built: a tenth of the accuracy of `accurate`. */
const NEGLIGIBLE_BETWEEN = 1e-13;
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

/** What the unit put of one option is: filled by a {@link Solver}. */
export type Outcome = { regime: number } & Premium;

/** Boundaries and premiums of a batch, one option after the other, with the last boundary of each sign at hand. */
export class Solver {
  readonly #inputs: BlackScholesInputs;
  readonly #tables: SchemeTables;
  readonly #calls: HeldBoundary;
  readonly #puts: HeldBoundary;

  constructor(inputs: BlackScholesInputs, scheme: AmericanScheme) {
    checkBlackScholesInputs(inputs);
    this.#inputs = inputs;
    this.#tables = tablesOf(scheme);
    this.#calls = new HeldBoundary();
    this.#puts = new HeldBoundary();
  }

  /** @throws UnsupportedError where exercise has two boundaries and what it may be worth is not negligible. */
  solve(i: number, outcome: Outcome): void {
    const { sign, spot, strike, expiryYears, rate, dividendYield, vol } = this.#inputs;
    const isPut = sign[i]! < 0;
    const putRate = isPut ? rate[i]! : dividendYield[i]!;
    const putYield = isPut ? dividendYield[i]! : rate[i]!;
    outcome.regime = EUROPEAN;
    outcome.value = 0;
    outcome.first = 0;
    outcome.second = 0;
    const region = exerciseRegion(putRate, putYield);
    if (region === 'never') return;
    const held = isPut ? this.#puts : this.#calls;
    held.set(putRate, putYield, vol[i]!, expiryYears[i]!);
    const x = isPut ? Math.log(spot[i]! / strike[i]!) : Math.log(strike[i]! / spot[i]!);
    const most = mostPremium(held.put, x);
    if (region === 'two boundaries') {
      // Nor can exercise save more than a negative yield costs on the asset held: little, deep in the money.
      const saved = Math.exp(x) * Math.expm1(-putYield * expiryYears[i]!);
      if (Math.min(most, saved) < NEGLIGIBLE_BETWEEN) return;
      refuseTwoBoundaries(isPut, i, rate[i]!, dividendYield[i]!);
    }
    if (most < NEGLIGIBLE) return;
    const logBoundary = held.solve(this.#tables, i);
    if (x <= logBoundary) {
      outcome.regime = IMMEDIATE;
      return;
    }
    outcome.regime = EARLY;
    evaluatePremium(held.put, held.tables, held.squares, x, outcome);
  }
}

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

  set(putRate: number, putYield: number, vol: number, years: number): void {
    if (putRate === this.#rate && putYield === this.#yield && vol === this.#vol && years === this.#years)
      return;
    this.#rate = putRate;
    this.#yield = putYield;
    this.#vol = vol;
    this.#years = years;
    this.#solved = false;
    setUnitPut(this.put, putRate, putYield, vol, years);
  }

  /**
   * ln of the boundary at the valuation time.
   * @throws PrecisionError naming `index` where even the reference scheme does not converge; no such terms are known.
   */
  solve(wanted: SchemeTables, index: number): number {
    if (!this.#solved) {
      const { accurate, reference } = AMERICAN_SCHEMES;
      const attempts = [schemeFor(this.put, wanted.scheme), accurate, reference];
      this.#solved = attempts.some((scheme) => this.#attempt(tablesOf(scheme)));
      if (!this.#solved) throw this.#refusal(index);
    }
    return this.put.logStart - Math.sqrt(this.squares[this.tables.nodes - 1]!);
  }

  #attempt(tables: SchemeTables): boolean {
    this.#tables = tables;
    if (this.squares.length !== tables.stride) this.squares = new Float64Array(tables.stride);
    const change = solveBoundary(this.put, tables, this.squares);
    // What a change of the squares means for a price: no more than the boundary moves, nor than the premium can be.
    const { perpetual, rate, yield: dividend, variance } = this.put;
    const weight = Math.min(1, perpetual, (rate + Math.abs(dividend)) * variance);
    return change * weight <= Math.max(tables.scheme.tolerance, ROUNDING);
  }

  #refusal(index: number): PrecisionError {
    const facts = { index, rate: this.#rate, yield: this.#yield, vol: this.#vol, years: this.#years };
    return new PrecisionError(
      `option ${index}: the exercise boundary did not converge for rate ${facts.rate} and yield ${facts.yield} of the put (of a call the other way round), vol ${facts.vol}, ${facts.years} years`,
      facts,
    );
  }
}

function schemeFor(put: UnitPut, wanted: AmericanScheme): AmericanScheme {
  const { accurate, reference } = AMERICAN_SCHEMES;
  const found = stiffness(put);
  if (wanted.nodes < accurate.nodes) return found > MOST_STIFFNESS_FAST ? accurate : wanted;
  if (wanted.nodes >= STIFF.nodes || found <= MOST_STIFFNESS_ACCURATE) return wanted;
  return found > MOST_STIFFNESS_STIFF ? reference : STIFF;
}

/** An upper bound of the premium in units of the strike, up to a small factor: what it earns times the chance of being below the boundary's highest point. */
function mostPremium(put: UnitPut, x: number): number {
  const { earned, variance, logStart } = put;
  const above = x - logStart;
  if (!(above > 0)) return earned;
  const b = put.drift - 1;
  const at = b > 0 ? Math.min(variance, above / b) : variance;
  const root = Math.sqrt(at);
  const least = above / root + b * root;
  return least > 0 ? earned * Math.exp(-0.5 * least * least) : earned;
}

/** @throws UnsupportedError always. */
export function refuseTwoBoundaries(
  isPut: boolean,
  index: number,
  rate: number,
  dividendYield: number,
): never {
  throw new UnsupportedError(
    `option ${index}: an American ${isPut ? 'put with yield < rate < 0' : 'call with rate < yield < 0'} is exercised between two boundaries, which is not built; found rate ${rate} and yield ${dividendYield}: price it on a tree`,
    { index, rate, dividendYield },
  );
}
