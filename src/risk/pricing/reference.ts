import { RangeError, ShapeError } from '../../base/errors.ts';

/**
 * What is public about each option of a batch, and agreed before anything is protected: about where its forward and its vol lie. The owners'
 * features are measured from it, and it guarantees that no slot leaves the domain of the series.
 */
export type PricingReference = {
  /** F', in quote currency. */
  readonly forward: Float64Array;
  /** sigma' */
  readonly vol: Float64Array;
  /** The forward is in F' e^(+-forwardBand). */
  readonly forwardBand: Float64Array;
  /** The vol is in sigma' e^(+-volBand). */
  readonly volBand: number;
  /** Discount factor to expiry, known to both owners. */
  readonly discount: Float64Array;
};

/** The box in which all features of a batch lie: public, it sizes the ciphertexts. */
export type PricingDomain = {
  /** |d1|, |d2| at most: where the series end. 10 prices with a narrow band; 20, for wide bands, costs twice as much. */
  readonly limit: number;
  /** sigma' sqrt(T) */
  readonly totalDeviation: readonly [least: number, most: number];
  /** K discount / F' at most. */
  readonly strikeValue: number;
  /** F discount / F' at most. */
  readonly forwardValue: number;
  /** ln(F/F') at most. */
  readonly forwardBand: number;
  /** ln(F/F') / (sigma' sqrt(T)) at most: how many standard deviations the forward may be from its reference. */
  readonly forwardDeviations: number;
  readonly volBand: number;
};

export const DEFAULT_PRICING_DOMAIN: PricingDomain = {
  limit: 10,
  totalDeviation: [1 / 512, 5],
  strikeValue: 4,
  forwardValue: 1.5,
  forwardBand: 0.25,
  forwardDeviations: 0.5,
  volBand: 0.25,
};

/**
 * For references that are rough: vols known to 50 % (e^0.4), forwards to a standard deviation. Series twice as long and twice the ring (N = 32768): a
 * quarter of the options a second.
 */
export const WIDE_PRICING_DOMAIN: PricingDomain = {
  limit: 20,
  totalDeviation: [1 / 512, 8],
  strikeValue: 4,
  forwardValue: 1.5,
  forwardBand: 0.25,
  forwardDeviations: 1,
  volBand: 0.4,
};

/** @throws RangeError for a box that holds nothing. */
export function checkDomain(domain: PricingDomain): void {
  const { totalDeviation, ...numbers } = domain;
  for (const [name, value] of Object.entries({
    ...numbers,
    least: totalDeviation[0],
    most: totalDeviation[1],
  })) {
    if (value > 0 && value < Number.POSITIVE_INFINITY) continue;
    throw new RangeError(`pricing domain: expected a positive ${name}, found ${value}`, { name, value });
  }
  if (!(totalDeviation[0] < totalDeviation[1])) {
    throw new RangeError(
      `pricing domain: expected least < most deviation, found ${totalDeviation.join(', ')}`,
      {
        least: totalDeviation[0],
        most: totalDeviation[1],
      },
    );
  }
}

/** @throws ShapeError for columns of different lengths. @throws RangeError naming index and field for a reference that is none. */
export function checkReference(reference: PricingReference, domain: PricingDomain): number {
  const { volBand, ...columns } = reference;
  const count = columns.forward.length;
  for (const [name, column] of Object.entries(columns)) {
    if (column.length !== count) {
      throw new ShapeError(`reference: expected ${count} elements of ${name}, found ${column.length}`, {
        name,
        expected: count,
        found: column.length,
      });
    }
    const least = name === 'forwardBand' ? -Number.MIN_VALUE : 0;
    const index = column.findIndex((value) => !(value > least && value < Number.POSITIVE_INFINITY));
    if (index >= 0) {
      throw new RangeError(`reference: option ${index} has a ${name} of ${column[index]}`, { index, name });
    }
  }
  if (!(volBand >= 0 && volBand <= domain.volBand)) {
    throw new RangeError(`reference: expected a vol band of 0 to ${domain.volBand}, found ${volBand}`, {
      volBand,
    });
  }
  return count;
}
