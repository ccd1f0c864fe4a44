import type { RiskBasis } from '../../risk/bases/basis.ts';
import { formatCount } from '../report/format.ts';

/** What a basis tells whoever values it, and what it keeps. Quantities are in neither: they are what engines protect. */
export function basisFacts(basis: RiskBasis): {
  readonly told: readonly string[];
  readonly kept: readonly string[];
} {
  const count = formatCount(basis.kind === 'listed' ? basis.contracts.length : basis.coordinates);
  if (basis.kind === 'listed') {
    return {
      told: [
        `the terms of all ${count} contracts of the list; where the list is the book's own, which are held`,
      ],
      kept: ['how many positions there are'],
    };
  }
  if (basis.kind === 'factors') {
    return {
      told: [`the underlyings: ${count} coordinates, net sensitivities`],
      kept: ['any contract: strikes, expiries, types, kinds', 'how many positions there are'],
    };
  }
  const listed = basis.listed.length;
  return {
    told: [
      `the size of the basis that the book's owner proposed (${count} coordinates) and the smile of the marks`,
      listed === 0
        ? 'that no contract lies outside its domain'
        : `the terms of ${formatCount(listed)} contracts outside its domain`,
    ],
    kept: [
      'strikes, expiries, types and vols of what lies inside its domain',
      'how many positions there are',
    ],
  };
}
