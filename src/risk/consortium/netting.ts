import type { Ordered } from '../../algebra/arithmetic.ts';
import { absolute, min, positivePart } from '../../algebra/derived.ts';
import { recordOrdered } from '../../algebra/record.ts';
import { RangeError, ShapeError } from '../../base/errors.ts';
import { type Matrix, matrixOf } from '../../numeric/matrix.ts';
import { type ConsortiumProgram, checkFirms, type OutputTerms, ofFirm, perFirm } from './program.ts';

/** A firm's bilateral positions: element j x contracts + c is what it holds of contract c against firm j; against itself nothing. */
export type TradesSubmission = { readonly positions: Float64Array };

/** Two views of a trade agree where they differ by less, as a fraction of the limit. */
const MATCH_TOLERANCE = 1e-7;

/**
 * Multilateral netting and compression of offsetting trades. Every firm submits its own view of its trades; a trade on which the two views do not
 * agree is left out and reported to these two. Of the rest each firm keeps its net position, by the trades of the north-west corner rule: buyers' and
 * sellers' net positions are laid side by side in the agreed order of the firms, and where their intervals overlap is the new trade. That takes
 * no division, leaves at most 2 n - 1 trades a contract instead of n (n - 1) / 2, and the least gross that nets allow.
 *
 * A firm learns its own new trades and which of its counterparties' views differ from its own; all learn gross notional before and after.
 */
export function multilateralNetting(
  firms: readonly string[],
  contracts: number,
  limit: number,
): ConsortiumProgram<TradesSubmission> {
  checkFirms(firms);
  if (!(Number.isInteger(contracts) && contracts >= 1 && limit > 0 && Number.isFinite(limit))) {
    throw new RangeError(`expected contracts and a positive limit, found ${contracts} and ${limit}`, {
      contracts,
      limit,
    });
  }
  const n = firms.length;
  const pairs = firms.flatMap((_, i) => firms.slice(i + 1).map((_, k) => [i, i + 1 + k] as const));
  const ordered = firms.flatMap((_, i) => firms.flatMap((_, j) => (i === j ? [] : [[i, j] as const])));
  /** Elements of some pairs of firms from others, contract by contract. */
  type Entry = readonly [row: number, col: number, value: number];
  const place = (rows: number, cols: number, entries: readonly Entry[]): Matrix => {
    const matrix = matrixOf(rows * contracts, cols * contracts);
    for (const [row, col, value] of entries) {
      for (let c = 0; c < contracts; c++) {
        matrix.data[(row * contracts + c) * matrix.cols + col * contracts + c] = value;
      }
    }
    return matrix;
  };
  const view = (f: number, side: 0 | 1): Matrix =>
    place(
      pairs.length,
      n,
      pairs.flatMap((pair, p) => (pair[side] === f ? [[p, pair[1 - side]!, 1] as const] : [])),
    );
  const net = place(
    n,
    pairs.length,
    pairs.flatMap(([i, j], p): Entry[] => [[i, p, 1] as const, [j, p, -1] as const]),
  );
  const before = place(
    n,
    n,
    firms.flatMap((_, i) => firms.slice(0, i).map((_, j) => [i, j, 1] as const)),
  );
  const buyer = place(
    ordered.length,
    n,
    ordered.map(([i], p) => [p, i, 1] as const),
  );
  const seller = place(
    ordered.length,
    n,
    ordered.map(([, j], p) => [p, j, 1] as const),
  );
  const tradesOf = (f: number): Matrix =>
    place(
      n,
      ordered.length,
      ordered.flatMap(([i, j], p): Entry[] =>
        i === f ? [[j, p, 1] as const] : j === f ? [[i, p, -1] as const] : [],
      ),
    );
  const unmatchedOf = (f: number): Matrix =>
    place(
      n,
      pairs.length,
      pairs.flatMap(([i, j], p): Entry[] =>
        i === f ? [[j, p, 1] as const] : j === f ? [[i, p, 1] as const] : [],
      ),
    );
  const program = <V>(alg: Ordered<V>, inputs: Readonly<Record<string, V>>): Record<string, V> => {
    const views = ([0, 1] as const).map((side) =>
      firms
        .map((firm, f) => alg.matVecPlain(view(f, side), inputs[ofFirm('positions', firm)] as V))
        .reduce((sum, part) => alg.add(sum, part)),
    );
    const [first, second] = views as [V, V];
    const size = pairs.length * contracts;
    const tolerance = alg.constant(new Float64Array(size).fill(MATCH_TOLERANCE));
    const differ = alg.lessThan(tolerance, absolute(alg, alg.add(first, second)));
    const agreed = alg.addPlain(alg.scale(differ, -1), new Float64Array(size).fill(1));
    const trades = alg.mul(agreed, first);
    const nets = alg.matVecPlain(net, trades);
    const bought = positivePart(alg, nets, n * contracts);
    const sold = alg.sub(bought, nets);
    const [boughtBefore, soldBefore] = [bought, sold].map((part) => alg.matVecPlain(before, part)) as [V, V];
    const starts = alg.max(alg.matVecPlain(buyer, boughtBefore), alg.matVecPlain(seller, soldBefore));
    const ends = min(
      alg,
      alg.matVecPlain(buyer, alg.add(boughtBefore, bought)),
      alg.matVecPlain(seller, alg.add(soldBefore, sold)),
    );
    const compressed = positivePart(alg, alg.sub(ends, starts), ordered.length * contracts);
    return {
      grossBefore: alg.sum(absolute(alg, trades)),
      grossAfter: alg.sum(compressed),
      ...perFirm(firms, (firm, f) => [ofFirm('trades', firm), alg.matVecPlain(tradesOf(f), compressed)]),
      ...perFirm(firms, (firm, f) => [ofFirm('unmatched', firm), alg.matVecPlain(unmatchedOf(f), differ)]),
    };
  };
  const circuit = recordOrdered<string, string>(
    program,
    perFirm(firms, (firm) => [ofFirm('positions', firm), { length: n * contracts, bound: 1 }]),
  );
  const gross = (what: string): OutputTerms => ({ to: 'all', scale: limit, what });
  return {
    name: 'multilateral netting',
    firms,
    circuit,
    inputs: perFirm(firms, (firm) => [ofFirm('positions', firm), firm]),
    outputs: {
      grossBefore: gross('gross notional of matched trades'),
      grossAfter: gross('gross notional after compression'),
      ...perFirm(firms, (firm) => [
        ofFirm('trades', firm),
        { to: [firm], scale: limit, what: 'its own trades after compression' },
      ]),
      ...perFirm(firms, (firm) => [
        ofFirm('unmatched', firm),
        { to: [firm], scale: 1, what: 'which of its own trades its counterparties see otherwise' },
      ]),
    },
    secret: 'trades between others',
    prepare: (firm, { positions }) => {
      if (positions.length !== n * contracts) {
        throw new ShapeError(`expected ${n} x ${contracts} positions, found ${positions.length}`, {
          expected: n * contracts,
          found: positions.length,
        });
      }
      const own = firms.indexOf(firm) * contracts;
      if (positions.subarray(own, own + contracts).some((x) => x !== 0)) {
        throw new RangeError('expected no position of a firm against itself', { firm });
      }
      return { [ofFirm('positions', firm)]: positions.map((x) => x / limit) };
    },
  };
}
