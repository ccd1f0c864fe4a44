import type { Digest } from '../../../base/brand.ts';
import { type Digestible, digestOf } from '../../../base/digest.ts';
import type { Instrument, VanillaOption } from '../../../domain/instrument.ts';
import type { Market } from '../../../domain/market.ts';
import { REFERENCE_PRICER, type UnitPricer } from '../../unit-pricer.ts';
import { listedBasis } from '../listed.ts';
import { coordinatesOf, nodeContracts, type Panel, panelsOf } from './panel.ts';
import { type ReferencedUnderlying, referencedUnderlyings } from './reference-vol.ts';
import { type ChebyshevSettings, checkSettings } from './settings.ts';

/**
 * The `chebyshev` risk basis, for books whose terms are private: a public portfolio of standard options, some hundreds an underlying,
 * of which any book of European options is a combination to the accuracy of polynomial interpolation (F250). The coordinates of a book are
 * its weights of this portfolio, so they tell neither strikes nor expiries nor how many positions there are; and whoever values
 * the portfolio needs no more than a price of each of its options, by whatever model.
 *
 * Exact beside the panels: what is linear in the spot (parity, forwards, futures, spot) as units of the underlying, its
 * theta, and one of cash; and contracts that are `listed`, whose terms are public.
 */
export type ChebyshevBasis = {
  readonly kind: 'chebyshev';
  readonly settings: ChebyshevSettings;
  readonly panels: readonly Panel[];
  readonly references: readonly ReferencedUnderlying[];
  readonly pricer: UnitPricer;
  /** Coordinates 0 .. contracts.length - 1: nodes of the panels, one perpetual future an underlying, then what is listed. */
  readonly contracts: readonly Instrument[];
  /** Coordinate of each underlying's perpetual future, struck at the spot: no value, delta 1. */
  readonly spotColumns: Int32Array;
  /** First coordinate of the listed contracts. */
  readonly firstListed: number;
  readonly listed: readonly Instrument[];
  /** contracts.length + one theta an underlying + cash. */
  readonly coordinates: number;
  readonly digest: Digest;
};

const VERSION = 1;

export type ChebyshevBasisOptions = {
  /** Contracts that get a coordinate of their own. Their terms are public. */
  readonly listed?: Iterable<Instrument> | undefined;
  readonly pricer?: UnitPricer | undefined;
};

/**
 * The basis of these settings in this market.
 * @throws RangeError for settings without panels, or an underlying without the vol that they ask for.
 * @throws ShapeError for a listed contract on an underlying that the market lacks.
 */
export function chebyshevBasis(
  market: Market,
  settings: ChebyshevSettings,
  { listed = [], pricer = REFERENCE_PRICER }: ChebyshevBasisOptions = {},
): ChebyshevBasis {
  checkSettings(settings);
  const references = referencedUnderlyings(market, settings);
  const panels: Panel[] = [];
  const contracts: Instrument[] = [];
  references.forEach((reference, index) => {
    for (const panel of panelsOf(index, reference, settings, contracts.length)) {
      panels.push(panel);
      contracts.push(...nodeContracts(panel, reference, settings));
    }
  });
  const spotColumns = Int32Array.from(market.underlyings, (_, u) => contracts.length + u);
  for (const { name, spot } of market.underlyings) {
    contracts.push({ kind: 'perpetual', underlying: name, strike: spot });
  }
  const firstListed = contracts.length;
  const own = listedBasis(listed, market).contracts;
  contracts.push(...own);
  return {
    kind: 'chebyshev',
    settings,
    panels,
    references,
    pricer,
    contracts,
    spotColumns,
    firstListed,
    listed: own,
    coordinates: contracts.length + market.underlyings.length + 1,
    digest: digestOf('blindrisk/basis/chebyshev', {
      version: VERSION,
      settings: settings as Digestible,
      pricer: pricer.identity,
      underlyings: market.underlyings.map(({ name }) => name),
      // As columns: a digest of so many records would take longer than their prices.
      nodes: Float64Array.from(
        contracts.slice(0, firstListed).flatMap((node) => {
          const { strike, expiryYears, vol } = node as VanillaOption;
          return [strike, expiryYears ?? 0, vol ?? 0];
        }),
      ),
      listed: own as Digestible,
    }),
  };
}

/** Coordinates that stand for standard options, without the linear, the cash and the listed ones. */
export function panelCoordinates({ panels }: Pick<ChebyshevBasis, 'panels'>): number {
  return panels.reduce((sum, panel) => sum + coordinatesOf(panel), 0);
}
