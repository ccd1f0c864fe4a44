import { IntegrityError } from '../../base/errors.ts';
import type { Instrument } from '../../domain/instrument.ts';
import type { Market } from '../../domain/market.ts';
import { type ChebyshevBasis, chebyshevBasis } from '../../risk/bases/chebyshev/basis.ts';
import { type ListedBasis, listedBasis } from '../../risk/bases/listed.ts';
import type { BasisProposal } from './basis-file.ts';

/**
 * The basis that public files describe: all contracts, or those outside a proposed basis.
 * @throws IntegrityError where the proposed basis is not the one that these settings, contracts and market give.
 */
export function agreedBasis({
  contracts,
  proposal,
  market,
}: {
  readonly contracts: readonly Instrument[];
  readonly proposal?: BasisProposal | undefined;
  readonly market: Market;
}): ListedBasis | ChebyshevBasis {
  if (proposal === undefined) return listedBasis(contracts, market);
  const basis = chebyshevBasis(market, proposal.settings, { listed: contracts });
  if (basis.digest === proposal.digest) return basis;
  throw new IntegrityError(
    `the proposed basis cannot be made here: expected ${proposal.digest}, found ${basis.digest}; contracts, market or the versions of blindrisk differ`,
  );
}
