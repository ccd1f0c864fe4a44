import type { PortfolioMarginParameters } from '../../src/pricing/portfolio/portfolio-margin.ts';

/** Portfolio margin of a venue: plausible numbers. */
export const VENUE_MARGIN: PortfolioMarginParameters = {
  priceRange: 0.16,
  priceBuckets: 9,
  volUp: 0.5,
  volDown: 0.25,
  exponentShort: 0.3,
  exponentLong: 0.13,
  pivotDays: 30,
};
