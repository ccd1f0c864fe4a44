import type { ChebyshevBasis } from './chebyshev/basis.ts';
import type { FactorsBasis } from './factors.ts';
import type { ListedBasis } from './listed.ts';

/** A public vector space of risk, on which owner and engine agree by its digest before anything is protected. */
export type RiskBasis = ListedBasis | ChebyshevBasis | FactorsBasis;
