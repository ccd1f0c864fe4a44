import { addBandPremium } from './band-premium.ts';
import type { Premium } from './constant-boundary.ts';
import { HeldBoundary, schemeFor } from './held-boundary.ts';
import { evaluatePremium } from './premium.ts';
import { EARLY, EUROPEAN, IMMEDIATE } from './regime.ts';
import { AMERICAN_SCHEMES, type AmericanScheme, type SchemeTables, tablesOf } from './scheme.ts';
import { callPremium } from './unit-call.ts';
import { emptyUnitPut, setUnitPut, staysApart, type UnitPut } from './unit-put.ts';

/** Deviations that two boundaries move towards each other before they can meet, at least; where the search begins. */
const FIRST_DEVIATIONS = 2.6;
const GROWTH = 2;
/** Share of the logarithm between strike and rate/yield of it, within which the boundaries have met; a premium moves by its square. */
const MET = 1e-6;
/** What exercise may earn, over the strike's worth at that time, between the last time at which the boundaries were apart and the first at which they were not. */
const NEGLIGIBLE = 1e-14;
const MOST_STEPS = 80;

/**
 * The two boundaries of a unit put with yield < rate < 0 and the terms they belong to (F69): exercise at and between them.
 *
 * Above the upper one the holder never sees the lower: it is the boundary of a put exercised everywhere below. Below the lower one she
 * never sees the upper: in the other currency it is the boundary of a forward. Each is therefore found by itself, until they meet; from then on, further from
 * expiry, exercise never pays, and the premium is that of reaching the band later.
 */
export class ExerciseBand {
  /** The whole term. */
  readonly put: UnitPut = emptyUnitPut();
  readonly upper: HeldBoundary = new HeldBoundary();
  /** The reciprocal of the lower boundary: see {@link setUnitPut}. */
  readonly lower: HeldBoundary = new HeldBoundary();
  #rate = Number.NaN;
  #yield = Number.NaN;
  #vol = Number.NaN;
  #term = Number.NaN;
  #tables: SchemeTables | undefined;
  #years = 0;

  /** Years to expiry up to which exercise pays: the whole term, or until the boundaries meet. */
  get years(): number {
    return this.#years;
  }

  get hasMet(): boolean {
    return this.#years < this.#term;
  }

  set(putRate: number, putYield: number, vol: number, years: number): void {
    if (putRate === this.#rate && putYield === this.#yield && vol === this.#vol && years === this.#term)
      return;
    this.#rate = putRate;
    this.#yield = putYield;
    this.#vol = vol;
    this.#term = years;
    this.#tables = undefined;
    setUnitPut(this.put, putRate, putYield, vol, years);
  }

  /** Finds both boundaries. @throws PrecisionError naming `index` where no scheme converges. */
  solve(wanted: SchemeTables, index: number): void {
    if (this.#tables === wanted) return;
    const search = (scheme: AmericanScheme): boolean => {
      if (!staysApart(this.put)) return this.#meet(scheme);
      this.#years = this.#term;
      return !Number.isNaN(this.#gapAt(this.#term, scheme));
    };
    if (!search(wanted.scheme) && !search(AMERICAN_SCHEMES.reference)) throw this.upper.refusal(index);
    this.#tables = wanted;
  }

  /** The regime at x = ln(S/K), and the premium over the European put. */
  evaluate(x: number, out: Premium): number {
    const { upper, lower } = this;
    if (this.#years === 0) {
      out.value = 0;
      out.first = 0;
      out.second = 0;
      return EUROPEAN;
    }
    if (this.hasMet) {
      addBandPremium(this.put, upper, lower, x, out);
      return EARLY;
    }
    if (x > upper.log) {
      evaluatePremium(upper.put, upper.tables, upper.squares, x, out);
      return EARLY;
    }
    if (x >= -lower.log) return IMMEDIATE;
    evaluatePremium(lower.put, lower.tables, lower.squares, -x, out);
    // From S times the forward's premium at 1/S, which a call has earned in part.
    const { value, first, second } = out;
    const spot = -Math.exp(x);
    callPremium(this.put, x, out);
    out.value = spot * value - out.value;
    out.first = spot * (value - first) - out.first;
    out.second = spot * (value - 2 * first + second) - out.second;
    return EARLY;
  }

  /** ln of upper over lower boundary `years` from expiry: negative, or NaN where the upper is not found, from their meeting on. */
  #gapAt(years: number, wanted: AmericanScheme): number {
    const { upper, lower } = this;
    upper.set(this.#rate, this.#yield, this.#vol, years);
    lower.set(this.#yield, this.#rate, this.#vol, years, true);
    const schemes = [schemeFor(upper.put, wanted), schemeFor(lower.put, wanted)];
    const tables = tablesOf(schemes[0]!.nodes >= schemes[1]!.nodes ? schemes[0]! : schemes[1]!);
    return lower.attempt(tables) && upper.attempt(tables) ? upper.log + lower.log : Number.NaN;
  }

  /**
   * Searches the time at which the boundaries meet: outwards until they have, then by false position.
   * @returns whether it was found, up to what could not earn more than NEGLIGIBLE.
   */
  #meet(scheme: AmericanScheme): boolean {
    const width = Math.log(this.#yield / this.#rate);
    const earned = this.#rate - this.#yield;
    let [low, lowGap] = [0, width];
    let [high, highGap] = [Number.POSITIVE_INFINITY, Number.NaN];
    let side = 0;
    let years = Math.min(this.#term, (width / (FIRST_DEVIATIONS * this.#vol)) ** 2);
    for (let step = 0; step < MOST_STEPS; step++) {
      const gap = this.#gapAt(years, scheme);
      if (Math.abs(gap) <= MET * width || (gap > 0 && years === this.#term)) {
        this.#years = years;
        return true;
      }
      if (gap > 0) {
        // The Illinois rule: what stands still twice counts half.
        if (side > 0) highGap *= 0.5;
        [low, lowGap, side] = [years, gap, 1];
      } else {
        if (side < 0) lowGap *= 0.5;
        [high, highGap, side] = [years, gap, -1];
      }
      if ((high - low) * earned <= NEGLIGIBLE) {
        this.#years = low;
        return low === 0 || this.#gapAt(low, scheme) > 0;
      }
      if (high === Number.POSITIVE_INFINITY) years = Math.min(this.#term, GROWTH * years);
      else if (Number.isNaN(highGap)) years = 0.5 * (low + high);
      else years = low + ((high - low) * lowGap) / (lowGap - highGap);
      if (!(years > low && years < high)) return false;
    }
    return false;
  }
}
