import { type Band, type BandedForm, clampToBands } from '../../algebra/clamp.ts';
import { RangeError, ShapeError } from '../../base/errors.ts';
import { normalCdf } from '../../numeric/normal.ts';
import { checkReference, type PricingDomain, type PricingReference } from './reference.ts';

/** What the market's owner encrypts of each option. */
export const MARKET_FEATURES = [
  'logForward',
  'inverseVol',
  'halfVol',
  'forwardValue',
  'forwardValueOverVol',
] as const;
export type MarketFeature = (typeof MARKET_FEATURES)[number];

/** What the contracts' owner encrypts of each option. */
export const CONTRACT_FEATURES = [
  'inverseRootTime',
  'logStrike',
  'rootTime',
  'strikeValue',
  'halfSign',
] as const;
export type ContractFeature = (typeof CONTRACT_FEATURES)[number];

/** What the contracts' owner encrypts in place of strikes and types where only the value of its book is wanted. */
export const BOOK_FEATURES = [
  'inverseRootTime',
  'logStrike',
  'rootTime',
  'quantity',
  'strikeExposure',
  'halfSignQuantity',
  'halfSignStrikeExposure',
] as const;
export type BookFeature = (typeof BOOK_FEATURES)[number];

export type Features<Name extends string> = Readonly<Record<Name, Float64Array>>;

/** Forwards and vols of a batch. Secret, of the market's owner. */
export type OptionMarket = { readonly forward: Float64Array; readonly vol: Float64Array };

/** Terms of a batch. Secret, of the contracts' owner. */
export type OptionTerms = {
  /** 1 for a call, -1 for a put. */
  readonly sign: Float64Array;
  readonly strike: Float64Array;
  readonly expiryYears: Float64Array;
};

/** Options held. Secret, of the contracts' owner. */
export type OptionBook = OptionTerms & {
  /** Signed units of each option. */
  readonly quantity: Float64Array;
};

/** The market that a reference without bands is. @throws RangeError where it has bands. */
export function marketOfReference({ forward, vol, forwardBand, volBand }: PricingReference): OptionMarket {
  const wide = forwardBand.findIndex((band) => band > 0);
  if (wide >= 0 || volBand > 0) {
    throw new RangeError(
      `a public market is the reference itself: expected bands of 0, found ${wide >= 0 ? `a forward band of ${forwardBand[wide]} at option ${wide}` : `a vol band of ${volBand}`}`,
    );
  }
  return { forward, vol };
}

/**
 * Features of the market's owner (F252): a = ln(F/F') sigma'/(sigma h), b = sigma'/sigma, s = sigma / (2 sigma'), w1 = F discount / F', and w1 b, with h the
 * least total deviation of the domain. Exact in
 * the clear: no logarithm, root or quotient is left for the encrypted computation.
 * @throws RangeError by number where forwards or vols lie outside what the reference promises; the message gives no value.
 */
export function marketFeatures(
  { forward, vol }: OptionMarket,
  reference: PricingReference,
  domain: PricingDomain,
): Features<MarketFeature> {
  const count = checkReference(reference, domain);
  checkLengths({ forward, vol }, count);
  const slack = 1 + 1e-12;
  const misplaced = forward.reduce((found, F, i) => {
    const within =
      Math.abs(Math.log(F / reference.forward[i]!)) <= reference.forwardBand[i]! * slack + 1e-15 &&
      Math.abs(Math.log(vol[i]! / reference.vol[i]!)) <= reference.volBand * slack + 1e-15 &&
      F * reference.discount[i]! <= domain.forwardValue * reference.forward[i]!;
    return found + (within ? 0 : 1);
  }, 0);
  if (misplaced > 0) {
    throw new RangeError(
      `${misplaced} of ${count} options have a forward or vol outside the bands of the public reference: agree on another one`,
      { misplaced, count },
    );
  }
  const [least] = domain.totalDeviation;
  const inverseVol = vol.map((sigma, i) => reference.vol[i]! / sigma);
  const forwardValue = forward.map((F, i) => (F * reference.discount[i]!) / reference.forward[i]!);
  return {
    logForward: forward.map((F, i) => (Math.log(F / reference.forward[i]!) * inverseVol[i]!) / least),
    inverseVol,
    halfVol: inverseVol.map((ratio) => 0.5 / ratio),
    forwardValue,
    forwardValueOverVol: forwardValue.map((w1, i) => w1 * inverseVol[i]!),
  };
}

/** Features, and what clamping did to them: to be told with the prices. */
export type ClampedFeatures<Name extends string> = {
  readonly features: Features<Name>;
  /** Options whose strike was moved towards the forward, in d1 and d2 only: beyond some seven deviations it makes no difference. */
  readonly clamped: number;
  /** The difference it makes at most, as a fraction of F'. */
  readonly clampError: number;
};

/** What clamping may change of a price or a cash delta, as a fraction of F': options for which it would be more are refused. */
export const LARGEST_CLAMP_ERROR = 1e-9;

/**
 * Features of the contracts' owner (F252): u = h/(sigma' sqrt(T)), v = ln(K/F') u/h, t = sigma' sqrt(T), w2 = K discount / F', +-1/2. v is clamped so that
 * |d1| and |d2| stay within the limit for every forward and vol that the bands allow: one slot out of range would destroy its whole batch.
 * @throws RangeError naming the first option outside the domain, or for which the bands are too wide to guarantee that. The message gives no value.
 */
export function contractFeatures(
  terms: OptionTerms,
  reference: PricingReference,
  domain: PricingDomain,
): ClampedFeatures<ContractFeature> {
  const { sign, strike, expiryYears } = terms;
  const count = checkReference(reference, domain);
  checkLengths(terms, count);
  const [least, most] = domain.totalDeviation;
  const rootTime = expiryYears.map((t, i) => reference.vol[i]! * Math.sqrt(t));
  const strikeValue = strike.map((K, i) => (K * reference.discount[i]!) / reference.forward[i]!);
  const outside = rootTime.findIndex(
    (deviation, i) =>
      !(
        deviation >= least &&
        deviation <= most &&
        strikeValue[i]! > 0 &&
        strikeValue[i]! <= domain.strikeValue &&
        reference.forwardBand[i]! <= Math.min(domain.forwardBand, domain.forwardDeviations * deviation) &&
        Math.abs(sign[i]!) === 1
      ),
  );
  if (outside >= 0) {
    throw new RangeError(
      `option ${outside} lies outside the agreed domain of expiries, strikes or forward bands: leave it out, or agree on a wider one`,
      { index: outside },
    );
  }
  const inverseRootTime = rootTime.map((deviation) => least / deviation);
  const wanted = strike.map((K, i) => Math.log(K / reference.forward[i]!) / rootTime[i]!);
  const bands = bandsOf(reference, least);
  const negated = rootTime.map((deviation) => -deviation);
  const form = (own: Float64Array): BandedForm => ({
    limit: domain.limit,
    terms: [
      { partner: bands.logForward, own: inverseRootTime },
      { partner: bands.halfVol, own },
    ],
    pivot: bands.minusInverseVol,
  });
  const { values: logStrike, clamped } = clampToBands('logStrike', wanted, [form(rootTime), form(negated)]);
  let clampError = 0;
  logStrike.forEach((v, i) => {
    if (v === wanted[i]) return;
    const [d1, d2] = [rootTime, negated].map((own) =>
      leastMagnitude(bands, inverseRootTime[i]!, own[i]!, v, i),
    ) as [number, number];
    const w1 = Math.exp(reference.forwardBand[i]!) * reference.discount[i]!;
    const error = w1 * normalCdf(-d1) + strikeValue[i]! * normalCdf(-d2);
    if (error > LARGEST_CLAMP_ERROR) {
      throw new RangeError(
        `option ${i}: its bands are too wide to move its strike without moving its price; leave it out, narrow its bands or use a wider limit`,
        { index: i },
      );
    }
    clampError = Math.max(clampError, error);
  });
  return {
    features: { inverseRootTime, logStrike, rootTime, strikeValue, halfSign: sign.map((w) => 0.5 * w) },
    clamped,
    clampError,
  };
}

/**
 * The same with secret quantities folded in, for the value of a whole book: quantities are normalised by the largest exposure |quantity| F', which
 * stays with the owner, so that no book can overflow.
 */
export function bookFeatures(
  { quantity, ...terms }: OptionBook,
  reference: PricingReference,
  domain: PricingDomain,
): ClampedFeatures<BookFeature> & { readonly largest: number } {
  const { features, clamped, clampError } = contractFeatures(terms, reference, domain);
  checkLengths({ quantity }, terms.sign.length);
  const exposures = quantity.map((units, i) => units * reference.forward[i]!);
  const largest = exposures.reduce((most, exposure) => Math.max(most, Math.abs(exposure)), 0);
  if (!Number.isFinite(largest)) throw new RangeError('an exposure is not a finite number');
  const share = largest > 0 ? exposures.map((exposure) => exposure / largest) : exposures;
  const { inverseRootTime, logStrike, rootTime, strikeValue, halfSign } = features;
  const strikeExposure = share.map((q, i) => q * strikeValue[i]!);
  return {
    features: {
      inverseRootTime,
      logStrike,
      rootTime,
      quantity: share,
      strikeExposure,
      halfSignQuantity: share.map((q, i) => q * halfSign[i]!),
      halfSignStrikeExposure: strikeExposure.map((q, i) => q * halfSign[i]!),
    },
    clamped,
    clampError,
    largest,
  };
}

type Bands = { readonly logForward: Band; readonly halfVol: Band; readonly minusInverseVol: Band };

/** Where the market's features lie for all that the reference promises. */
function bandsOf({ forwardBand, volBand }: PricingReference, least: number): Bands {
  const wide = Math.exp(volBand);
  const same = (value: number): Float64Array => new Float64Array(forwardBand.length).fill(value);
  return {
    logForward: {
      low: forwardBand.map((f) => (-f * wide) / least),
      high: forwardBand.map((f) => (f * wide) / least),
    },
    halfVol: { low: same(0.5 / wide), high: same(0.5 * wide) },
    minusInverseVol: { low: same(-wide), high: same(-1 / wide) },
  };
}

/** The smallest |a u - b v + s t| over the bands; 0 where they contain a zero. */
function leastMagnitude(bands: Bands, u: number, t: number, v: number, i: number): number {
  const products: readonly (readonly [Band, number])[] = [
    [bands.logForward, u],
    [bands.minusInverseVol, v],
    [bands.halfVol, t],
  ];
  let low = 0;
  let high = 0;
  for (const [band, own] of products) {
    low += Math.min(band.low[i]! * own, band.high[i]! * own);
    high += Math.max(band.low[i]! * own, band.high[i]! * own);
  }
  return low > 0 ? low : high < 0 ? -high : 0;
}

function checkLengths(columns: Readonly<Record<string, Float64Array>>, count: number): void {
  for (const [name, column] of Object.entries(columns)) {
    if (column.length !== count) {
      throw new ShapeError(`expected ${count} elements of ${name}, found ${column.length}`, {
        name,
        expected: count,
        found: column.length,
      });
    }
    const index = column.findIndex((value) => !Number.isFinite(value));
    if (index >= 0) throw new RangeError(`${name}: element ${index} is not finite`, { name, index });
  }
}
