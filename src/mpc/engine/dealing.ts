import type { FieldKernels } from '../../kernels/field-kernels.ts';
import type { FieldVector } from '../../kernels/field-vector.ts';
import { lagrangeFactors, type SharingScheme } from '../sharing.ts';

/** Parties that deal in a resharing: as many as a polynomial of degree 2t needs. */
export function dealersOf({ threshold }: SharingScheme): number[] {
  return Array.from({ length: 2 * threshold + 1 }, (_, i) => i + 1);
}

/** The t peers that derive their shares of what a dealer deals from a key instead of being sent them. */
export function derivingPeers({ parties, threshold }: SharingScheme, dealer: number): number[] {
  return Array.from({ length: threshold }, (_, i) => ((dealer + i) % parties) + 1);
}

/** The peers to which a dealer sends their shares: n - 1 - t of them. */
export function sentPeers(scheme: SharingScheme, dealer: number): number[] {
  const { parties, threshold } = scheme;
  return Array.from({ length: parties - 1 - threshold }, (_, i) => ((dealer + threshold + i) % parties) + 1);
}

/**
 * What one dealer deals when a sharing is shared anew (Gennaro, Rabin, Rabin, "Simplified VSS and fast-track
 * multiparty computations", PODC 1998): its share, times the Lagrange factor by which the secret is interpolated from the dealers' shares,
 * as the constant term of a polynomial of degree t that goes through t values derived from keys. The new share of a party
 * is the sum of what all dealers dealt to it.
 */
export class Dealing {
  readonly #kernels: FieldKernels;
  /** Factors of the share and of the derived values: at the dealer's own point, then at each peer that is sent something. */
  readonly #factors: readonly (readonly bigint[])[];

  /** @param dealers who deals: 2t + 1 parties, or t + 1 where the sharing has degree t already. */
  constructor(
    kernels: FieldKernels,
    scheme: SharingScheme,
    dealer: number,
    dealers: readonly number[] = dealersOf(scheme),
  ) {
    const { modulus } = kernels;
    this.#kernels = kernels;
    const weight = lagrangeFactors(dealers, 0, modulus)[dealers.indexOf(dealer)]!;
    const known = [0, ...derivingPeers(scheme, dealer)];
    this.#factors = [dealer, ...sentPeers(scheme, dealer)].map((at) =>
      lagrangeFactors(known, at, modulus).map((factor, i) =>
        i === 0 ? (factor * weight) % modulus : factor,
      ),
    );
  }

  /** The dealer's own new share, and those to send, from its share of degree 2t and the derived values. */
  deal(share: FieldVector, derived: readonly FieldVector[]): { own: FieldVector; sent: FieldVector[] } {
    const [own, ...sent] = this.#factors.map((factors) =>
      this.#kernels.combine(factors, [share, ...derived]),
    );
    return { own: own!, sent };
  }
}
