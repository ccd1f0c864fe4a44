import { RangeError } from '../../../base/errors.ts';
import type { Market, Underlying } from '../../../domain/market.ts';
import { volSurface } from '../../../pricing/surface.ts';
import type { ChebyshevSettings, ReferenceVol } from './settings.ts';

/** One underlying as a basis sees it. */
export type ReferencedUnderlying = {
  readonly underlying: Underlying;
  readonly kind: ReferenceVol['kind'];
  /** Vol at k = ln(K/F) and T years by which marks are measured. */
  readonly volAt: (k: number, t: number) => number;
  /** Vol of a position without a mark: the market's surface; undefined where there is none. */
  readonly unmarkedVolAt: ((k: number, t: number) => number) | undefined;
};

/** A smile may bend, not vanish: vols below this part of the reference vol, or above its inverse, are held there. */
const LEAST_RATIO = 0.05;

/** The underlyings of a market with the vols of the settings. @throws RangeError for a surface that the market lacks. */
export function referencedUnderlyings(market: Market, settings: ChebyshevSettings): ReferencedUnderlying[] {
  return market.underlyings.map((underlying) => {
    const { name, referenceVol, surface, rate, dividendYield } = underlying;
    const reference: ReferenceVol = settings.referenceVols[name] ?? {
      kind: surface === undefined ? 'flat' : 'surface',
    };
    const surfaceVol = surface === undefined ? undefined : pointwise(volSurface(surface).impliedVols);
    if (reference.kind === 'surface') {
      if (surfaceVol === undefined) {
        throw new RangeError(`${name} has no surface to take as reference vol: use a flat one or a smile`, {
          name,
        });
      }
      return { underlying, kind: 'surface', volAt: surfaceVol, unmarkedVolAt: surfaceVol };
    }
    if (!(referenceVol > 0)) {
      throw new RangeError(`${name}: expected a positive reference vol, found ${referenceVol}`, { name });
    }
    if (reference.kind === 'flat') {
      return { underlying, kind: 'flat', volAt: () => referenceVol, unmarkedVolAt: surfaceVol };
    }
    const [c0, c1, c2] = reference.coefficients;
    const carry = reference.moneyness === 'spot' ? rate - dividendYield : 0;
    const volAt = (k: number, t: number): number => {
      const y = (k + carry * t) / Math.sqrt(t + reference.offset);
      return referenceVol * Math.min(Math.max(c0 + y * (c1 + y * c2), LEAST_RATIO), 1 / LEAST_RATIO);
    };
    return { underlying, kind: 'smile', volAt, unmarkedVolAt: surfaceVol };
  });
}

/** A vectorised surface, one point at a time, without allocation. */
function pointwise(vols: ReturnType<typeof volSurface>['impliedVols']): (k: number, t: number) => number {
  const at = new Float64Array(1);
  const out = new Float64Array(1);
  return (k, t) => {
    at[0] = k;
    return vols(at, t, out)[0]!;
  };
}
