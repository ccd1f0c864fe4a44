import type { InputSpec } from '../../algebra/circuit.ts';
import { recordOrdered } from '../../algebra/record.ts';
import { transposeOf } from '../../numeric/matrix.ts';
import {
  secretShortfall,
  secretTail,
  secretValueAtRisk,
  secretWorst,
  tailCountOf,
} from '../programs/order-statistics.ts';
import type { Valuation } from '../valuation.ts';
import { normaliseBook } from '../valuation.ts';
import { type ConsortiumProgram, checkFirms, type OutputTerms, ofFirm, perFirm, totalOf } from './program.ts';

/** Units of every coordinate of the agreed basis. */
export type BookSubmission = { readonly units: Float64Array };

/**
 * Value at risk, expected shortfall and worst case of the firms' joint P&L, and to each firm alone its component of the shortfall: the mean of its
 * own losses in the scenarios of the joint tail, which nobody learns (Euler allocation; D. Tasche, "Risk contributions and
 * performance measurement", 1999; F147). The components sum to the shortfall.
 * @param limit public bound of a firm's exposure, sum |columnScale x|.
 */
export function jointRisk(
  { pnl, columnScale }: Pick<Valuation, 'pnl' | 'columnScale'>,
  firms: readonly string[],
  { limit, level }: { readonly limit: number; readonly level: number },
): ConsortiumProgram<BookSubmission> {
  checkFirms(firms);
  const spec: InputSpec = { length: pnl.cols, bound: 1, l1: 1 };
  const inputs = perFirm(firms, (firm) => [ofFirm('book', firm), firm]);
  const circuit = recordOrdered<string, string>(
    (alg, books) => {
      const each = firms.map((firm) => books[ofFirm('book', firm)]!);
      const joint = {
        alg,
        pnl: alg.matVecPlain(pnl, totalOf(alg, each)),
        scenarios: pnl.rows,
      };
      const count = tailCountOf(pnl.rows, level);
      // The tail's P&L of a unit of each coordinate: one secret matrix product serves all firms.
      const unit = alg.matVecPlain(transposeOf(pnl), secretTail(joint, count));
      return {
        valueAtRisk: secretValueAtRisk(joint, level),
        shortfall: secretShortfall(joint, level),
        worst: secretWorst(joint),
        ...perFirm(firms, (firm, f) => [
          ofFirm('component', firm),
          alg.scale(alg.dot(unit, each[f]!), -1 / count),
        ]),
      };
    },
    perFirm(firms, (firm) => [ofFirm('book', firm), spec]),
  );
  const joint = (what: string): OutputTerms => ({ to: 'all', scale: limit, what });
  return {
    name: 'joint risk',
    firms,
    circuit,
    inputs,
    outputs: {
      valueAtRisk: joint('value at risk of the joint P&L'),
      shortfall: joint('expected shortfall of the joint P&L'),
      worst: joint('worst scenario of the joint P&L'),
      ...perFirm(firms, (firm) => [
        ofFirm('component', firm),
        { to: [firm], scale: limit, what: 'its own component of the joint expected shortfall' },
      ]),
    },
    secret: 'positions and P&L',
    prepare: (firm, { units }) => ({ [ofFirm('book', firm)]: normaliseBook(units, columnScale, limit).z }),
  };
}
