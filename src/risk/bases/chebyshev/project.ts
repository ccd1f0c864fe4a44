import { RangeError, ShapeError } from '../../../base/errors.ts';
import type { Position } from '../../../domain/book.ts';
import type { Instrument } from '../../../domain/instrument.ts';
import type { Market } from '../../../domain/market.ts';
import { isLinear, type LinearInstrument, linearTerms } from '../../../pricing/instruments/linear.ts';
import { termsOf } from '../listed.ts';
import type { ChebyshevBasis } from './basis.ts';
import { allocateColumns, checkColumns, type OptionColumns, sliceColumns, writeOption } from './columns.ts';
import { allocateLocated, type OutsideReason, PanelLocator, reasonOf } from './locate.ts';
import { PanelMoments } from './moments.ts';

/** Options between two looks at where they lie: their columns stay in the second-level cache. */
const CHUNK = 4096;

/**
 * Projects positions onto a `chebyshev` basis, one after the other: memory does not grow with their number, and the coordinates are the same to the
 * last bit however a book is cut into blocks. Everything it holds is secret.
 *
 * Cost: 0.2 to 0.4 us an option; see `PanelMoments`.
 */
export class ChebyshevProjector {
  readonly #basis: ChebyshevBasis;
  readonly #market: Market;
  readonly #locator: PanelLocator;
  readonly #located = allocateLocated(CHUNK);
  readonly #moments: readonly PanelMoments[];
  readonly #x: Float64Array;
  /** The linear part of options in the money; apart, so that every sum is over one kind in the order of the book. */
  readonly #parity: Float64Array;
  readonly #indexOf: ReadonlyMap<string, number>;
  readonly #listedAt: ReadonlyMap<string, number>;
  readonly #pending = allocateColumns(CHUNK);
  #waiting = 0;

  constructor(basis: ChebyshevBasis, market: Market) {
    this.#basis = basis;
    this.#market = market;
    this.#locator = new PanelLocator(basis, market);
    this.#moments = basis.panels.map((panel) => new PanelMoments(panel));
    this.#x = new Float64Array(basis.coordinates);
    this.#parity = new Float64Array(basis.coordinates);
    this.#indexOf = new Map(market.underlyings.map(({ name }, index) => [name, index]));
    this.#listedAt = new Map(basis.listed.map((contract, j) => [termsOf(contract), basis.firstListed + j]));
  }

  /**
   * Adds options given as columns.
   * @throws RangeError for an option outside the panels: it says how many there are and why the first is, not where it lies.
   * @throws ShapeError as `PanelLocator.locate`.
   */
  addColumns(columns: OptionColumns): void {
    const count = checkColumns(columns);
    for (let from = 0; from < count; from += CHUNK) {
      this.#addChunk(sliceColumns(columns, from, Math.min(count, from + CHUNK)));
    }
  }

  /**
   * Adds positions of any kind: options on the panels, what is linear in the spot exactly, listed contracts as such.
   * @throws ShapeError for an underlying that the market lacks, or a contract that has neither a panel nor a place in the list.
   * @throws RangeError as {@link addColumns}.
   */
  addPositions(positions: Iterable<Position>): void {
    for (const position of positions) {
      const { instrument, quantity, multiplier } = position;
      const underlying = this.#indexOf.get(instrument.underlying);
      if (underlying === undefined) {
        throw new ShapeError(`the market has no underlying ${instrument.underlying}`, {
          underlying: instrument.underlying,
        });
      }
      const units = quantity * multiplier;
      const listed = this.#listedAt.size > 0 ? this.#listedAt.get(termsOf(instrument)) : undefined;
      if (listed !== undefined) this.#x[listed]! += units;
      else if (isLinear(instrument)) this.#addLinear(instrument, underlying, units);
      else if (isProjectable(instrument)) {
        writeOption(this.#pending, this.#waiting++, underlying, instrument, position);
        if (this.#waiting === CHUNK) this.#flush();
      } else {
        throw new ShapeError(
          `position ${position.id}: a ${instrument.kind} has no panel; list its contract in the basis`,
          { id: position.id, kind: instrument.kind },
        );
      }
    }
    this.#flush();
  }

  /** The coordinates of all that was added: the weights of the basis' portfolio. Secret. */
  finish(): Float64Array {
    const x = this.#x.map((units, j) => units + this.#parity[j]!);
    this.#moments.forEach((moments) => {
      moments.finish(x);
    });
    return x;
  }

  #flush(): void {
    const count = this.#waiting;
    this.#waiting = 0;
    if (count > 0) this.#addChunk(sliceColumns(this.#pending, 0, count));
  }

  #addChunk(columns: OptionColumns): void {
    const located = this.#located;
    const outside = this.#locator.locate(columns, located);
    const count = columns.units.length;
    if (outside > 0) throw outsideError(outside, located.panel, count);
    const { panels } = this.#basis;
    for (let i = 0; i < count; i++) {
      const at = located.panel[i]!;
      const panel = panels[at]!;
      const units = columns.units[i]!;
      this.#moments[at]!.add(located, i, units);
      if (!panel.american && columns.sign[i]! * panel.side < 0) {
        // In the money: C - P = S e^(-qT) - K e^(-rT).
        this.#addForward(
          panel.underlying,
          columns.strike[i]!,
          columns.expiryYears[i]!,
          units * columns.sign[i]!,
        );
      }
    }
  }

  #addForward(u: number, strike: number, t: number, units: number): void {
    const { spot, rate, dividendYield } = this.#market.underlyings[u]!;
    const slope = Math.exp(-dividendYield * t);
    const strikePv = strike * Math.exp(-rate * t);
    this.#addLine(
      this.#parity,
      u,
      units * slope,
      units * (slope * spot - strikePv),
      units * (dividendYield * spot * slope - rate * strikePv),
    );
  }

  #addLinear(instrument: LinearInstrument, u: number, units: number): void {
    const underlying = this.#market.underlyings[u]!;
    const { slope, level, theta } = linearTerms(instrument, underlying);
    this.#addLine(this.#x, u, units * slope, units * (slope * underlying.spot + level), units * theta);
  }

  /** A straight line in the spot: its slope is held in perpetual futures, which are worth nothing, and its value in cash. */
  #addLine(to: Float64Array, u: number, slope: number, value: number, theta: number): void {
    const { contracts, spotColumns, coordinates } = this.#basis;
    to[spotColumns[u]!]! += slope;
    to[contracts.length + u]! += theta;
    to[coordinates - 1]! += value;
  }
}

/** European and American options that are settled in quote currency. */
export function isProjectable(instrument: Instrument): instrument is Extract<Instrument, { kind: 'option' }> {
  return instrument.kind === 'option' && instrument.settlement === undefined;
}

function outsideError(outside: number, panel: Int32Array, count: number): RangeError {
  const first = panel.subarray(0, count).findIndex((at) => at < 0);
  const reason: OutsideReason = reasonOf(panel[first]!);
  return new RangeError(
    `${outside} of ${count} options lie outside the basis, the first by its ${reason}: list their contracts, or agree on a wider domain`,
    { outside, reason },
  );
}
