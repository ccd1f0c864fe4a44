import { ParametersError, ProtocolError, RangeError, ShapeError } from '../base/errors.ts';
import type { FieldKernels } from '../kernels/field-kernels.ts';
import { commonLength, type FieldVector, M127 } from '../kernels/field-vector.ts';
import { isZero, uniformVector } from './field.ts';

/** Parties 1..n, of which any t learn nothing and any t + 1 know everything. */
export type SharingScheme = { readonly parties: number; readonly threshold: number };

/** One party's share of a vector. The vector is secret; the party's number, which is its point, is public. */
export type Share = { readonly party: number; readonly vector: FieldVector };

/**
 * @throws ParametersError unless 3 <= n <= 7 and 1 <= t < n / 2. With t < n / 2 the shares of the honest
 * parties alone fix the polynomial, so up to t changed shares are noticed when all n are opened.
 */
export function checkScheme({ parties, threshold }: SharingScheme): void {
  const valid =
    Number.isInteger(parties) &&
    Number.isInteger(threshold) &&
    parties >= 3 &&
    parties <= 7 &&
    threshold >= 1 &&
    2 * threshold < parties;
  if (!valid) {
    throw new ParametersError(
      `expected 3 to 7 parties and a threshold from 1 to below half of them, found ${parties} and ${threshold}`,
      { parties, threshold },
    );
  }
}

/**
 * Deals Shamir shares of a vector (Shamir, "How to share a secret", CACM 22 (1979)): element s becomes q(1),
 * ..., q(n) for q(x) = s + a_1 x + ... + a_t x^t with a_k uniform over the whole field, zero included (a
 * polynomial of lower degree must be as likely as any other, or shares would exclude secrets).
 *
 * Secrecy: any t shares are uniform and independent of the secret, whatever the adversary's power.
 * Cost: local; t random elements and n t small products an element.
 */
export function dealShares(kernels: FieldKernels, secret: FieldVector, scheme: SharingScheme): FieldVector[] {
  checkScheme(scheme);
  const masks = Array.from({ length: scheme.threshold }, () => uniformVector(secret.length, kernels.width));
  const shares = Array.from({ length: scheme.parties }, (_, i) =>
    kernels.evaluate([secret, ...masks], i + 1),
  );
  for (const mask of masks) mask.wipe();
  return shares;
}

/**
 * The secret behind all n shares, after a check that they lie on one polynomial of degree t: interpolation of
 * the first t + 1 at zero, and at the point of every other party, where its share must be met.
 *
 * Integrity: if the dealing was right and at most t parties lie, any change of any share is noticed (two
 * polynomials of degree t agree in at most t points, and n - t >= t + 1 shares are honest). It is an abort:
 * the secret is not recovered, and who is at fault is said only where that is certain (see {@link
 * strayParties}).
 * Secrecy: whoever calls this learns the secret vector, all shares and thereby the dealer's masks, and
 * nothing else.
 * @throws ShapeError, RangeError unless there is one share of equal length from every party.
 * @throws ProtocolError with `facts.check` = 'degree' if the shares are inconsistent. It holds no share.
 */
export function reconstruct(
  kernels: FieldKernels,
  shares: readonly Share[],
  scheme: SharingScheme,
): FieldVector {
  const ordered = orderedShares(shares, scheme);
  if (!consistent(kernels, ordered, scheme.threshold)) throw inconsistent(kernels, ordered, scheme);
  const base = ordered.slice(0, scheme.threshold + 1);
  return interpolate(kernels, base, 0);
}

/** A secret that was found in spite of wrong and missing shares, and whose they were. */
export type Corrected = { readonly secret: FieldVector; readonly wrong: readonly number[] };

/**
 * The secret behind at least t + 1 shares of which some may be wrong or missing: the polynomial of degree t on which all shares but those of a set W lie, where
 * that determines it. For e wrong and m missing shares that is so while n - m >= t + 1 + 2 e: t wrong ones are corrected where n >= 3t + 1; with
 * fewer parties wrong shares are noticed (n - m >= t + 1 + e) and missing ones do no harm. It is what Berlekamp and Welch's decoder finds, by trying all sets: there
 * are at most 35.
 *
 * Integrity: if at most e <= (n - m - t - 1) / 2 shares are wrong, the secret is right and `wrong` are the parties whose shares were wrong or missing.
 * @throws ProtocolError with `facts.check` = 'degree' where the shares determine nothing.
 */
export function reconstructRobust(
  kernels: FieldKernels,
  shares: readonly Share[],
  scheme: SharingScheme,
): Corrected {
  checkScheme(scheme);
  const { parties, threshold } = scheme;
  const ordered = shares.toSorted((a, b) => a.party - b.party);
  if (new Set(ordered.map(({ party }) => party)).size !== ordered.length) {
    throw new RangeError('expected at most one share a party, found two', { shares: ordered.length });
  }
  const correctable = Math.floor((ordered.length - threshold - 1) / 2);
  for (let size = 0; size <= Math.min(correctable, threshold); size++) {
    for (const stray of subsets(parties, size)) {
      const rest = ordered.filter(({ party }) => !stray.includes(party));
      if (rest.length !== ordered.length - size || !consistent(kernels, rest, threshold)) continue;
      const present = new Set(rest.map(({ party }) => party));
      const wrong = Array.from({ length: parties }, (_, i) => i + 1).filter((party) => !present.has(party));
      return { secret: interpolate(kernels, rest.slice(0, threshold + 1), 0), wrong };
    }
  }
  throw new ProtocolError(
    `expected shares of ${parties} parties to determine polynomials of degree ${threshold}, found ${ordered.length} that do not: ` +
      'too many are wrong or missing to be corrected; nothing was opened',
    { check: 'degree', parties, threshold, found: ordered.length },
  );
}

/**
 * The parties whose shares leave the one polynomial of degree t on which all others lie, if that set is
 * unique: possible for up to t of n >= 3t + 1 shares. Undefined
 * where it cannot be known. A party named here either lied or was dealt a share off the polynomial; the two
 * cannot be told apart from shares.
 */
export function strayParties(
  kernels: FieldKernels,
  shares: readonly Share[],
  scheme: SharingScheme,
): readonly number[] | undefined {
  if (scheme.parties < 3 * scheme.threshold + 1) return undefined;
  try {
    return reconstructRobust(kernels, shares, scheme).wrong;
  } catch {
    return undefined;
  }
}

function orderedShares(shares: readonly Share[], scheme: SharingScheme): Share[] {
  checkScheme(scheme);
  const ordered = shares.toSorted((a, b) => a.party - b.party);
  if (shares.length !== scheme.parties) {
    throw new ShapeError(`expected ${scheme.parties} shares, one a party, found ${shares.length}`, {
      expected: scheme.parties,
      found: shares.length,
    });
  }
  ordered.forEach(({ party }, i) => {
    if (party !== i + 1) {
      throw new RangeError(
        `expected one share from each of the parties 1 to ${scheme.parties}, found party ${party} instead of ${i + 1}`,
        {
          expected: i + 1,
          found: party,
        },
      );
    }
  });
  commonLength(
    'reconstruct',
    ordered.map(({ vector }) => vector),
  );
  return ordered;
}

function consistent(kernels: FieldKernels, shares: readonly Share[], threshold: number): boolean {
  const base = shares.slice(0, threshold + 1);
  return shares
    .slice(threshold + 1)
    .every(({ party, vector }) => isZero(kernels.sub(interpolate(kernels, base, party), vector)));
}

function inconsistent(kernels: FieldKernels, shares: readonly Share[], scheme: SharingScheme): ProtocolError {
  const { parties, threshold } = scheme;
  const stray = strayParties(kernels, shares, scheme);
  const who =
    stray === undefined
      ? 'which cannot be told from these shares'
      : `with ${stray.map((party) => `party ${party}`).join(', ')} off the polynomial of all others: it lied, or was dealt wrongly`;
  return new ProtocolError(
    `expected the ${parties} shares to lie on polynomials of degree ${threshold}; at least one was changed or dealt wrongly, ${who}; ` +
      'nothing was opened: start a new session',
    { check: 'degree', parties, threshold, ...(stray && { stray: stray.join(',') }) },
  );
}

function interpolate(kernels: FieldKernels, shares: readonly Share[], at: number): FieldVector {
  const points = shares.map(({ party }) => party);
  return kernels.combine(
    lagrangeFactors(points, at, kernels.modulus),
    shares.map(({ vector }) => vector),
  );
}

const factors = new Map<string, readonly bigint[]>();

/**
 * L_i(at) = prod_{j != i} (at - x_j) / (x_i - x_j) mod p, by which q(at) = sum_i L_i(at) q(x_i). Public
 * points, few enough to remember.
 */
export function lagrangeFactors(
  points: readonly number[],
  at: number,
  modulus: bigint = M127,
): readonly bigint[] {
  const key = `${points} ${at} ${modulus}`;
  let found = factors.get(key);
  if (found === undefined) {
    found = points.map((xi) => {
      let numerator = 1n;
      let denominator = 1n;
      for (const xj of points) {
        if (xj === xi) continue;
        numerator = (numerator * BigInt(at - xj)) % modulus;
        denominator = (denominator * BigInt(xi - xj)) % modulus;
      }
      return canonical(numerator * inverseVartime(denominator, modulus), modulus);
    });
    factors.set(key, found);
  }
  return found;
}

function canonical(a: bigint, modulus: bigint): bigint {
  return ((a % modulus) + modulus) % modulus;
}

/** 1 / a mod p by Fermat: a^(p - 2). For public constants only. */
export function inverseVartime(a: bigint, modulus: bigint): bigint {
  let base = canonical(a, modulus);
  let result = 1n;
  for (let exponent = modulus - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % modulus;
    base = (base * base) % modulus;
  }
  return result;
}

/** The sets of `size` parties among 1..n, in lexicographic order. */
export function subsets(n: number, size: number, first = 1): number[][] {
  if (size === 0) return [[]];
  const out: number[][] = [];
  for (let party = first; party <= n; party++) {
    for (const rest of subsets(n, size - 1, party + 1)) out.push([party, ...rest]);
  }
  return out;
}
