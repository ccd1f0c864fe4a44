import { RangeError, ShapeError } from '../../../base/errors.ts';
import type { Market } from '../../../domain/market.ts';
import type { ChebyshevBasis } from './basis.ts';
import { checkColumns, type OptionColumns } from './columns.ts';
import type { Panel } from './panel.ts';

/** Why a position cannot be projected. */
export const OUTSIDE_REASONS = ['kind', 'exercise', 'expiry', 'strike', 'mark'] as const;
export type OutsideReason = (typeof OUTSIDE_REASONS)[number];

/** Where options lie in the panels of a basis: an element an option. Secret. */
export type Located = {
  /** Index of the panel; -1 - (index of the reason) where there is none. */
  readonly panel: Int32Array;
  /** In [-1, 1] along moneyness, expiry and mark. */
  readonly moneyness: Float64Array;
  readonly expiry: Float64Array;
  readonly mark: Float64Array;
};

export function allocateLocated(count: number): Located {
  const column = (): Float64Array => new Float64Array(count);
  return { panel: new Int32Array(count), moneyness: column(), expiry: column(), mark: column() };
}

/** Boundaries are met to rounding: a mark or an expiry at the edge of the domain is inside. */
const EDGE = 1e-9;

/** Finds the panels of options. Made once a basis; cost some 0.1 us an option. */
export class PanelLocator {
  readonly #basis: Pick<ChebyshevBasis, 'settings' | 'panels' | 'references'>;
  /** Index of the panel by [underlying, wing, american, side, type], or -1. */
  readonly #panelAt: Int32Array;
  readonly #spot: Float64Array;
  readonly #carry: Float64Array;
  readonly #referenceVol: Float64Array;
  readonly #logMarks: readonly [number, number];

  constructor(basis: Pick<ChebyshevBasis, 'settings' | 'panels' | 'references'>, market: Market) {
    this.#basis = basis;
    this.#panelAt = new Int32Array(16 * market.underlyings.length).fill(-1);
    basis.panels.forEach((panel, index) => {
      this.#panelAt[slotOf(panel)] = index;
    });
    this.#spot = Float64Array.from(market.underlyings, ({ spot }) => spot);
    this.#carry = Float64Array.from(market.underlyings, ({ rate, dividendYield }) => rate - dividendYield);
    this.#referenceVol = Float64Array.from(market.underlyings, ({ referenceVol }) => referenceVol);
    const [least, most] = basis.settings.marks;
    this.#logMarks = [Math.log(least) - EDGE, Math.log(most) + EDGE];
  }

  /**
   * @throws ShapeError for columns of different lengths or an underlying that the market lacks. @throws RangeError naming the
   * row for terms that no option has, or an option without a vol on an underlying without a surface.
   */
  locate(columns: OptionColumns, out: Located): number {
    const count = checkColumns(columns);
    const { underlying, sign, strike, expiryYears, vol, units, american } = columns;
    const { panels, references, settings } = this.#basis;
    const [shortest, longest] = settings.expiryYears;
    const wing = settings.wing;
    let outside = 0;
    for (let i = 0; i < count; i++) {
      const u = underlying[i]!;
      const t = expiryYears[i]!;
      const K = strike[i]!;
      if (!(u >= 0 && u < references.length)) {
        throw new ShapeError(`option ${i}: the market has no underlying of index ${u}`, {
          index: i,
          underlying: u,
        });
      }
      if (
        !(
          K > 0 &&
          K < Number.POSITIVE_INFINITY &&
          t >= 0 &&
          t < Number.POSITIVE_INFINITY &&
          Number.isFinite(units[i]!)
        )
      ) {
        throw new RangeError(
          `option ${i}: expected a positive strike, an expiry of at least 0 and finite units`,
          {
            index: i,
          },
        );
      }
      const style = american?.[i] === 1 ? 1 : 0;
      const k = Math.log(K / this.#spot[u]!) - this.#carry[u]! * t;
      if (!(t >= shortest * (1 - EDGE) && t <= longest * (1 + EDGE))) {
        out.panel[i] = outsideAs('expiry');
        outside++;
        continue;
      }
      const mark = this.#markOf(u, k, t, vol[i]!, i);
      const logMark = mark === 1 ? 0 : Math.log(mark);
      const sd = this.#referenceVol[u]! * mark * Math.sqrt(t);
      const edge = settings.deviations * sd;
      const reach = Math.abs(k);
      const inWing = reach > edge * (1 + EDGE);
      const side = k < 0 ? 0 : 1;
      const type = sign[i]! > 0 ? 1 : 0;
      const found =
        this.#panelAt[16 * u + (inWing ? 8 : 0) + 4 * style + 2 * side + (style === 1 ? type : side)]!;
      const panel = panels[found];
      const reason: OutsideReason | undefined = !(
        logMark >= this.#logMarks[0] && logMark <= this.#logMarks[1]
      )
        ? 'mark'
        : style === 1 && this.#panelAt[16 * u + 4]! < 0
          ? 'exercise'
          : panel === undefined ||
              (inWing && (reach > wing!.logMoneyness || Math.log(t) > panel.expiry[1] + EDGE))
            ? 'strike'
            : undefined;
      if (reason !== undefined) {
        out.panel[i] = outsideAs(reason);
        outside++;
        continue;
      }
      out.panel[i] = found;
      const share = inWing ? (reach - edge) / (wing!.logMoneyness - edge) : reach / edge;
      out.moneyness[i] = clampUnit(2 * share - 1);
      out.expiry[i] = unitOf(panel!.expiry, Math.log(t));
      out.mark[i] = panel!.nodes.mark > 1 ? unitOf(panel!.marks, logMark) : 0;
    }
    return outside;
  }

  /** The position's vol over the reference vol at its strike. */
  #markOf(u: number, k: number, t: number, own: number, index: number): number {
    const { kind, volAt, unmarkedVolAt, underlying } = this.#basis.references[u]!;
    if (Number.isNaN(own)) {
      if (kind === 'surface') return 1;
      if (unmarkedVolAt === undefined) {
        throw new RangeError(
          `option ${index} on ${underlying.name} has no vol and ${underlying.name} has no surface: give one of the two`,
          { index, underlying: underlying.name },
        );
      }
      return unmarkedVolAt(k, t) / volAt(k, t);
    }
    return own / volAt(k, t);
  }
}

function slotOf({ underlying, chart, american, side, type }: Panel): number {
  const half = side < 0 ? 0 : 1;
  const last = american ? (type === 'call' ? 1 : 0) : half;
  return 16 * underlying + (chart === 'wing' ? 8 : 0) + (american ? 4 : 0) + 2 * half + last;
}

const outsideAs = (reason: OutsideReason): number => -1 - OUTSIDE_REASONS.indexOf(reason);

/** The reason of a negative entry of {@link Located.panel}. */
export const reasonOf = (panel: number): OutsideReason => OUTSIDE_REASONS[-1 - panel]!;

const clampUnit = (z: number): number => Math.min(Math.max(z, -1), 1);

const unitOf = ([low, high]: readonly [number, number], x: number): number =>
  clampUnit((x - low - (high - x)) / (high - low));
