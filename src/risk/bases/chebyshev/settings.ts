import { RangeError } from '../../../base/errors.ts';

/**
 * How vols are read where a node needs one: `flat` at the underlying's reference vol, `surface` from the market's public surface, `smile` by
 * a public formula. A position's own mark is a coordinate relative to this, so what is public here need not be what anybody holds.
 */
export type ReferenceVol =
  | { readonly kind: 'flat' }
  | { readonly kind: 'surface' }
  | {
      readonly kind: 'smile';
      /** ln(K/S) or ln(K/F) is the moneyness. */
      readonly moneyness: 'spot' | 'forward';
      /** vol / referenceVol = c0 + c1 y + c2 y^2,  y = moneyness / sqrt(T + offset). */
      readonly offset: number;
      readonly coefficients: readonly [number, number, number];
    };

/** How many nodes each direction of a panel has. */
export type PanelNodes = { readonly moneyness: number; readonly expiry: number; readonly mark: number };

/**
 * The public settings of a `chebyshev` basis. Both sides agree on them, by the basis' digest, before anything is protected.
 */
export type ChebyshevSettings = {
  /** Nodes of each of the two panels (puts below the forward, calls above) of an underlying. */
  readonly nodes: PanelNodes;
  /** U: the panels reach to |ln(K/F)| = U referenceVol mark sqrt(T). */
  readonly deviations: number;
  /** Years. */
  readonly expiryYears: readonly [least: number, most: number];
  /**
   * Range of a position's vol over the reference vol at its strike. With one node all are valued at the middle of the range: it must then be
   * as narrow as the wanted precision.
   */
  readonly marks: readonly [least: number, most: number];
  /** By name of the underlying; `surface` where absent and the market has one, else `flat`. */
  readonly referenceVols: Readonly<Record<string, ReferenceVol>>;
  /** Panels from U deviations to |ln(K/F)| = logMoneyness for expiries of at most `expiryYears`; none if absent. */
  readonly wing?:
    | { readonly logMoneyness: number; readonly expiryYears: number; readonly nodes: PanelNodes }
    | undefined;
  /** Underlyings that have panels of American options as well: four each, since parity does not hold. */
  readonly american: readonly string[];
};

/** What a scenario set of daily moves needs: 1e-7 of a diversified book's gross, 1e-6 of spot for any one option. */
export const DEFAULT_CHEBYSHEV: ChebyshevSettings = {
  nodes: { moneyness: 16, expiry: 12, mark: 1 },
  deviations: 6,
  expiryYears: [3 / 365, 2.5],
  marks: [1, 1],
  referenceVols: {},
  wing: { logMoneyness: 0.75, expiryYears: 0.25, nodes: { moneyness: 12, expiry: 8, mark: 1 } },
  american: [],
};

/** Some thousand coordinates more make matrices of gigabytes. */
const MOST_NODES = 128;

/** @throws RangeError for settings that describe no panels. */
export function checkSettings(settings: ChebyshevSettings): void {
  const { nodes, deviations, expiryYears, marks, wing } = settings;
  const range = (name: string, [low, high]: readonly [number, number], mayBeEmpty: boolean): void => {
    if (low > 0 && high < Number.POSITIVE_INFINITY && (low < high || (mayBeEmpty && low === high))) return;
    throw new RangeError(`${name}: expected 0 < least < most, found [${low}, ${high}]`, { name, low, high });
  };
  for (const [where, of] of [
    ['nodes', nodes],
    ['wing.nodes', wing?.nodes],
  ] as const) {
    for (const [name, count] of Object.entries(of ?? {})) {
      if (Number.isInteger(count) && count >= 1 && count <= MOST_NODES) continue;
      throw new RangeError(`${where}.${name}: expected 1 to ${MOST_NODES} nodes, found ${count}`, {
        name,
        count,
      });
    }
  }
  range('expiryYears', expiryYears, false);
  range('marks', marks, true);
  if (marks[0] === marks[1] && Math.max(nodes.mark, wing?.nodes.mark ?? 1) > 1) {
    throw new RangeError('marks: several nodes need a range of marks', { nodes: nodes.mark });
  }
  if (!(deviations > 0 && deviations <= 20)) {
    throw new RangeError(`deviations: expected more than 0 and at most 20, found ${deviations}`, {
      deviations,
    });
  }
  if (wing !== undefined && !(wing.logMoneyness > 0 && wing.logMoneyness <= 10 && wing.expiryYears > 0)) {
    throw new RangeError(
      `wing: expected a log-moneyness of at most 10 and an expiry above 0, found ${wing.logMoneyness}, ${wing.expiryYears}`,
      { logMoneyness: wing.logMoneyness, expiryYears: wing.expiryYears },
    );
  }
}
