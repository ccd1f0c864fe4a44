import type { Program } from '../algebra/arithmetic.ts';
import type { Circuit, InputSpec } from '../algebra/circuit.ts';
import { record } from '../algebra/record.ts';
import type { Valuation } from './valuation.ts';

export type RiskInput = 'book';
export type RiskOutput = 'pnl' | 'value' | 'greeks';

/** P&L of every scenario, present value and net Greeks of a normalised book: three public matrices, depth 1. */
export const riskProgram =
  ({ pnl, value, greeks }: Valuation): Program<RiskInput, RiskOutput> =>
  (alg, { book }) => ({
    pnl: alg.matVecPlain(pnl, book),
    value: alg.matVecPlain(value, book),
    greeks: alg.matVecPlain(greeks, book),
  });

/** The recorded program; a normalised book has |z_i| <= 1 and sum |z_i| <= 1. */
export function riskCircuit(valuation: Valuation): Circuit<RiskInput, RiskOutput> {
  const book: InputSpec = { length: valuation.pnl.cols, bound: 1, l1: 1 };
  return record(riskProgram(valuation), { book });
}
