import type { Market } from '../../../domain/market.ts';
import { volSurface } from '../../../pricing/surface.ts';
import type { SplitBook } from './book.ts';
import { fitSmile, type SmilePoints } from './fit-smile.ts';
import { referencedUnderlyings } from './reference-vol.ts';
import { type ChebyshevSettings, DEFAULT_CHEBYSHEV, type ReferenceVol } from './settings.ts';

/** How far marks may be from the reference vol, as a factor, and the nodes along marks that this takes. */
const BANDS: readonly (readonly [width: number, nodes: number])[] = [
  [1.00002, 1],
  [1.005, 2],
  [1.05, 3],
  [1.25, 4],
  [2, 6],
];
/** A band is wide enough when it holds all options but this part: the others are listed. */
const LEFT_OUT = 0.002;
/** At least this many options an underlying, and fewer than twice as many, evenly spread over the book, show what its marks are like. */
const LEAST_POINTS = 1024;

/** What the marks of a book ask for: reference vols, and how far its marks are from them. */
export type BookShape = Pick<ChebyshevSettings, 'marks' | 'referenceVols' | 'american'> & {
  readonly markNodes: number;
};

/** Looks at a book block after block. Secret until an owner proposes what it found. */
export class ShapeScan {
  readonly #market: Market;
  readonly #points: readonly PointScan[];
  readonly #american = new Set<string>();

  constructor(market: Market) {
    this.#market = market;
    this.#points = market.underlyings.map(() => new PointScan());
  }

  add({ options }: SplitBook): void {
    const { underlying, strike, expiryYears, vol, american } = options;
    for (let i = 0; i < underlying.length; i++) {
      const u = underlying[i]!;
      if (american?.[i] === 1) this.#american.add(this.#market.underlyings[u]!.name);
      if (expiryYears[i]! >= DEFAULT_CHEBYSHEV.expiryYears[0]) {
        this.#points[u]!.add(strike[i]!, expiryYears[i]!, vol[i]!);
      }
    }
  }

  finish(): BookShape {
    const { underlyings } = this.#market;
    const points = underlyings.map((underlying, u) => pointsOf(this.#points[u]!.points, underlying));
    const referenceVols: Record<string, ReferenceVol> = {};
    underlyings.forEach((underlying, u) => {
      // Everything on the market's surface, and no need to look closer.
      if (underlying.surface !== undefined && this.#points[u]!.marked === 0) return;
      referenceVols[underlying.name] = fitSmile(points[u]!, underlying);
    });
    const references = referencedUnderlyings(this.#market, { ...DEFAULT_CHEBYSHEV, referenceVols });
    const widths = points.flatMap(({ k, t, ratio }, u) => {
      const { volAt, underlying, kind } = references[u]!;
      if (kind === 'surface') return Array.from(ratio, () => 1);
      return Array.from(ratio, (value, i) => {
        const mark = (value * underlying.referenceVol) / volAt(k[i]!, t[i]!);
        return Math.max(mark, 1 / mark);
      });
    });
    widths.sort((a, b) => a - b);
    const needed = widths[Math.max(0, Math.ceil((1 - LEFT_OUT) * widths.length) - 1)] ?? 1;
    const [width, markNodes] = BANDS.find(([most]) => needed <= most) ?? BANDS.at(-1)!;
    return { marks: [1 / width, width], markNodes, referenceVols, american: [...this.#american] };
  }
}

type Point = { readonly strike: number; readonly t: number; readonly vol: number };

/** Every n-th option of an underlying, n doubling as the book grows. */
class PointScan {
  points: Point[] = [];
  /** Options with a mark of their own. */
  marked = 0;
  #stride = 1;
  #seen = 0;

  add(strike: number, t: number, vol: number): void {
    if (!Number.isNaN(vol)) this.marked++;
    if (this.#seen++ % this.#stride !== 0) return;
    this.points.push({ strike, t, vol });
    if (this.points.length < 2 * LEAST_POINTS) return;
    this.points = this.points.filter((_, i) => i % 2 === 0);
    this.#stride *= 2;
  }
}

function pointsOf(points: readonly Point[], underlying: Market['underlyings'][number]): SmilePoints {
  const { spot, rate, dividendYield, referenceVol, surface } = underlying;
  const t = Float64Array.from(points, (point) => point.t);
  const k = Float64Array.from(
    points,
    (point, n) => Math.log(point.strike / spot) - (rate - dividendYield) * t[n]!,
  );
  const vol = Float64Array.from(points, (point) => point.vol);
  if (surface !== undefined && vol.some(Number.isNaN)) {
    volSurface(surface)
      .impliedVols(k, t)
      .forEach((value, n) => {
        if (Number.isNaN(vol[n])) vol[n] = value;
      });
  }
  const known = [...vol.keys()].filter((n) => vol[n]! > 0);
  const kept = (column: Float64Array): Float64Array => Float64Array.from(known, (n) => column[n]!);
  return { k: kept(k), t: kept(t), ratio: kept(vol).map((value) => value / referenceVol) };
}
