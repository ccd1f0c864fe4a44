import type { Ordered } from '../../algebra/arithmetic.ts';
import { min } from '../../algebra/derived.ts';
import { recordOrdered } from '../../algebra/record.ts';
import { RangeError, ShapeError } from '../../base/errors.ts';
import { type Matrix, matrixOf } from '../../numeric/matrix.ts';
import { largestOf } from '../programs/order-statistics.ts';
import {
  type ConsortiumProgram,
  checkFirms,
  elementOf,
  type OutputTerms,
  ofFirm,
  perFirm,
  totalOf,
} from './program.ts';

/** A firm's balance sheet, in currency. */
export type BalanceSheet = {
  /** External assets by class: what the scenarios shock. */
  readonly assets: Float64Array;
  /** What it owes each firm of the consortium; itself nothing. */
  readonly owedToFirms: Float64Array;
  /** What it owes others, of the same rank. */
  readonly owedOutside: number;
};

export type StressTerms = {
  /** Relative change of each asset class, -1 to 1: a row a scenario. */
  readonly shocks: Matrix;
  /** Public bound of the sum of a firm's assets, and of what it owes in all. */
  readonly limit: number;
  /** Rounds of payments that are followed. Default: four more than there are firms. */
  readonly iterations?: number;
};

/** A firm that pays less than it owes by more than this fraction of the limit defaults. */
const DEFAULT_TOLERANCE = 1e-6;

/**
 * Joint stress with contagion: the clearing payments of L. Eisenberg and T. H. Noe, "Systemic risk in financial systems", Management Science 47
 * (2001), p = min(L, e + Pi' p), in each public scenario, with secret assets and liabilities. From p = L, the iteration descends to the greatest
 * clearing vector; it stops after a fixed number of rounds, so that nothing shows how many were needed. `residual` is its last step: if every firm
 * owes at least a fraction q of its debt outside, payments are off by at most (1 - q)/q times the sum of the last steps.
 *
 * Error, proved: debts are paid once, so that the errors of all payments together, E, grow by what a round adds and not by a factor: with u half a unit
 * of the last fraction bit, shares and debts are within u, shocked assets within 4 u a class, and a sum of products is rounded within 128 u;
 * E' <= (1 + n u) E + n (2 n u + 4 c u + 130 u). Operation by operation only (n - 1)^rounds could be seen.
 * Cost: a product and a comparison a round; firms^2 x scenarios products each.
 */
export function contagion(firms: readonly string[], terms: StressTerms): ConsortiumProgram<BalanceSheet> {
  checkFirms(firms);
  const n = firms.length;
  const { shocks, limit, iterations = n + 4 } = terms;
  if (!(shocks.rows >= 1 && shocks.data.every((shock) => shock >= -1 && shock <= 1))) {
    throw new RangeError('expected scenarios of relative shocks from -1 to 1');
  }
  if (!(limit > 0 && Number.isFinite(limit) && Number.isInteger(iterations) && iterations >= 1)) {
    throw new RangeError(`expected a positive limit and iterations, found ${limit} and ${iterations}`, {
      limit,
      iterations,
    });
  }
  const scenarios = shocks.rows;
  const worth = matrixOf(
    scenarios,
    shocks.cols,
    shocks.data.map((shock) => 1 + shock),
  );
  const program = <V>(alg: Ordered<V>, inputs: Readonly<Record<string, V>>): Record<string, V> => {
    const of = (what: string) => firms.map((firm) => inputs[ofFirm(what, firm)] as V);
    const assets = of('assets').map((classes) => alg.matVecPlain(worth, classes));
    const owed = of('owed').map((single) => alg.replicate(single, scenarios));
    // Row j, column i: the share of firm i in the debt of firm j.
    const shares = of('shares').map((row) => firms.map((_, i) => elementOf(alg, row, n, i, scenarios)));
    let paid = owed;
    let before = owed;
    for (let round = 0; round < iterations; round++) {
      before = paid;
      paid = firms.map((_, i) => {
        const received = firms.flatMap((_, j) => (i === j ? [] : [alg.mul(shares[j]![i]!, before[j]!)]));
        return min(
          alg,
          owed[i]!,
          received.reduce((sum, part) => alg.add(sum, part), assets[i]!),
        );
      });
    }
    const unpaid = paid.map((p, i) => alg.sub(owed[i]!, p));
    const tolerance = alg.constant(new Float64Array(scenarios).fill(DEFAULT_TOLERANCE));
    const steps = paid.map((p, i) => alg.sub(before[i]!, p));
    return {
      shortfall: totalOf(alg, unpaid),
      defaults: totalOf(
        alg,
        unpaid.map((u) => alg.lessThan(tolerance, u)),
      ),
      residual: largestOf(alg, steps),
      ...perFirm(firms, (firm, f) => [ofFirm('paid', firm), paid[f]!]),
    };
  };
  const circuit = recordOrdered<string, string>(
    program,
    Object.fromEntries(
      firms.flatMap((firm) => [
        [ofFirm('assets', firm), { length: shocks.cols, bound: 1, l1: 1, range: [0, 1] as const }],
        [ofFirm('owed', firm), { length: 1, bound: 1, range: [0, 1] as const }],
        [ofFirm('shares', firm), { length: n, bound: 1, l1: 1, range: [0, 1] as const }],
      ]),
    ),
  );
  const error = (fractionBits: number): number => {
    const u = 2 ** -(fractionBits + 1);
    let all = n * u;
    for (let round = 0; round < iterations; round++) {
      all = (1 + n * u) * all + n * (2 * n + 4 * shocks.cols + 130) * u;
    }
    // Debts of which payments are subtracted are within u themselves.
    return all + n * u;
  };
  const payments = (to: OutputTerms['to'], what: string): OutputTerms => ({ to, scale: limit, what, error });
  return {
    name: 'contagion',
    firms,
    circuit,
    inputs: Object.fromEntries(
      firms.flatMap((firm) => ['assets', 'owed', 'shares'].map((what) => [ofFirm(what, firm), firm])),
    ),
    outputs: {
      shortfall: payments('all', 'total unpaid debt, by scenario'),
      defaults: { to: 'all', scale: 1, what: 'number of defaults, by scenario' },
      residual: payments('all', 'largest change of a payment in the last round, by scenario'),
      ...perFirm(firms, (firm) => [ofFirm('paid', firm), payments([firm], 'its own payments, by scenario')]),
    },
    secret: 'assets, debts, who owes whom and who defaults',
    prepare: (firm, sheet) => prepareSheet(firms, firm, sheet, shocks.cols, limit),
  };
}

function prepareSheet(
  firms: readonly string[],
  firm: string,
  { assets, owedToFirms, owedOutside }: BalanceSheet,
  classes: number,
  limit: number,
): Record<string, Float64Array> {
  if (assets.length !== classes || owedToFirms.length !== firms.length) {
    throw new ShapeError(
      `expected ${classes} asset classes and debts to ${firms.length} firms, found ${assets.length} and ${owedToFirms.length}`,
      { classes, firms: firms.length },
    );
  }
  const numbers = [...assets, ...owedToFirms, owedOutside];
  if (!numbers.every((x) => x >= 0 && x < Infinity) || owedToFirms[firms.indexOf(firm)] !== 0) {
    throw new RangeError('expected finite assets and debts of at least 0, and no debt of a firm to itself', {
      firm,
    });
  }
  const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);
  const owed = sum(owedToFirms) + owedOutside;
  if (!(sum(assets) <= limit && owed <= limit)) {
    throw new RangeError(`expected assets and debts of at most ${limit} in all, as agreed`, { limit });
  }
  return {
    [ofFirm('assets', firm)]: assets.map((a) => a / limit),
    [ofFirm('owed', firm)]: Float64Array.of(owed / limit),
    [ofFirm('shares', firm)]: owedToFirms.map((debt) => (owed > 0 ? debt / owed : 0)),
  };
}
