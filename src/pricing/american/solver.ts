import { type BlackScholesInputs, checkBlackScholesInputs } from '../black-scholes-inputs.ts';
import type { Premium } from './constant-boundary.ts';
import { ExerciseBand } from './exercise-band.ts';
import { HeldBoundary } from './held-boundary.ts';
import { evaluatePremium } from './premium.ts';
import { EARLY, EUROPEAN, IMMEDIATE } from './regime.ts';
import { type AmericanScheme, type SchemeTables, tablesOf } from './scheme.ts';
import { exerciseRegion, type UnitPut } from './unit-put.ts';

/** A premium below this share of the strike does not change a price. */
const NEGLIGIBLE = 1e-17;

/** What the unit put of one option is: filled by a {@link Solver}. */
export type Outcome = { regime: number } & Premium;

/** Boundaries and premiums of a batch, one option after the other, with the last boundaries of each sign at hand. */
export class Solver {
  readonly #inputs: BlackScholesInputs;
  readonly #tables: SchemeTables;
  readonly #calls: Held = { boundary: new HeldBoundary(), band: undefined };
  readonly #puts: Held = { boundary: new HeldBoundary(), band: undefined };

  constructor(inputs: BlackScholesInputs, scheme: AmericanScheme) {
    checkBlackScholesInputs(inputs);
    this.#inputs = inputs;
    this.#tables = tablesOf(scheme);
  }

  /** @throws PrecisionError naming the option where no scheme converges. */
  solve(i: number, outcome: Outcome): void {
    const { sign, spot, strike, expiryYears, rate, dividendYield, vol } = this.#inputs;
    const isPut = sign[i]! < 0;
    const years = expiryYears[i]!;
    const putRate = isPut ? rate[i]! : dividendYield[i]!;
    const putYield = isPut ? dividendYield[i]! : rate[i]!;
    outcome.regime = EUROPEAN;
    outcome.value = 0;
    outcome.first = 0;
    outcome.second = 0;
    const region = exerciseRegion(putRate, putYield, years);
    if (region === 'never') return;
    const held = isPut ? this.#puts : this.#calls;
    const x = isPut ? Math.log(spot[i]! / strike[i]!) : Math.log(strike[i]! / spot[i]!);
    if (region === 'two boundaries') {
      held.band ??= new ExerciseBand();
      held.band.set(putRate, putYield, vol[i]!, years);
      // Nor can exercise save more than a negative yield costs on the asset held: little, deep in the money.
      const saved = Math.exp(x) * Math.expm1(-putYield * years);
      if (Math.min(mostPremium(held.band.put, x), saved) < NEGLIGIBLE) return;
      held.band.solve(this.#tables, i);
      outcome.regime = held.band.evaluate(x, outcome);
      return;
    }
    const { boundary } = held;
    boundary.set(Math.max(putRate, 0), putYield, vol[i]!, years);
    if (mostPremium(boundary.put, x) < NEGLIGIBLE) return;
    const logBoundary = boundary.solve(this.#tables, i);
    if (x <= logBoundary) {
      outcome.regime = IMMEDIATE;
      return;
    }
    outcome.regime = EARLY;
    evaluatePremium(boundary.put, boundary.tables, boundary.squares, x, outcome);
  }
}

type Held = { readonly boundary: HeldBoundary; band: ExerciseBand | undefined };

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
