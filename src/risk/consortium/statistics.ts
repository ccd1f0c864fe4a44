import type { InputSpec } from '../../algebra/circuit.ts';
import { absolute } from '../../algebra/derived.ts';
import { recordOrdered } from '../../algebra/record.ts';
import { seriesFor } from '../../algebra/series/library.ts';
import { RangeError, ShapeError } from '../../base/errors.ts';
import { standardised } from '../../pricing/consortium/statistics.ts';
import {
  type ConsortiumProgram,
  checkFirms,
  elementOf,
  fractionOf,
  type OutputTerms,
  ofFirm,
  perFirm,
  stacked,
  totalOf,
} from './program.ts';

/*
 * The statistics of E. A. Abbe, A. E. Khandani and A. W. Lo, "Privacy-preserving methods for sharing financial risk exposures", American
 * Economic Review 102 (2012): concentration, correlations and leverage of a sector, none of whose members shows its figures.
 */

/** Of a quotient on shares. */
const QUOTIENT_ERROR = 1e-10;

/** Bounds that all firms agree on: what is smaller or larger is refused. Their quotient is what a division costs. */
export type SizeBounds = { readonly least: number; readonly limit: number };

/**
 * Herfindahl index of the firms' sizes, sum s_i^2 / (sum s_i)^2, from 1/n to 1; and to each firm its own share. The reciprocal of the secret
 * total is a certified series on [n least, n limit]: its degree grows with the root of limit / least.
 * @throws PlanError where limit / least is past some 500.
 */
export function concentration(
  firms: readonly string[],
  bounds: SizeBounds,
): ConsortiumProgram<{ readonly size: number }> {
  checkFirms(firms);
  const { least, limit } = checkBounds(bounds);
  const n = firms.length;
  const reciprocal = seriesFor('reciprocal', [(n * least) / limit, n], QUOTIENT_ERROR);
  const circuit = recordOrdered<string, string>(
    (alg, sizes) => {
      const size = firms.map((firm) => sizes[ofFirm('size', firm)]!);
      const inverse = alg.poly(reciprocal, totalOf(alg, size));
      const share = size.map((each) => alg.mul(each, inverse));
      return {
        herfindahl: totalOf(
          alg,
          share.map((each) => alg.mul(each, each)),
        ),
        ...perFirm(firms, (firm, f) => [ofFirm('share', firm), share[f]!]),
      };
    },
    perFirm(firms, (firm) => [ofFirm('size', firm), fraction(least / limit)]),
  );
  return {
    name: 'concentration',
    firms,
    circuit,
    inputs: perFirm(firms, (firm) => [ofFirm('size', firm), firm]),
    outputs: {
      herfindahl: { to: 'all', scale: 1, what: 'Herfindahl index of sizes' },
      ...perFirm(firms, (firm) => [
        ofFirm('share', firm),
        { to: [firm], scale: 1, what: 'its own share of the total' },
      ]),
    },
    secret: 'sizes, and their total but for what a firm infers from its own size and share',
    prepare: (firm, { size }) => ({ [ofFirm('size', firm)]: fractionOf('size', size, least, limit) }),
  };
}

/** How far a firm's leverage may be from the quotient of what it submitted, as a fraction of the limit of assets. */
const LEVERAGE_TOLERANCE = 1e-6;

/**
 * Leverage of the sector, sum A / sum E, and the mean of A_i / E_i weighted by assets A_i. Each firm divides its own numbers where they are clear; that the
 * quotient is theirs is checked on shares, and a firm of which it is not does not count in the mean.
 */
export function leverage(
  firms: readonly string[],
  assets: SizeBounds,
  equity: SizeBounds,
): ConsortiumProgram<{ readonly assets: number; readonly equity: number }> {
  checkFirms(firms);
  checkBounds(assets);
  checkBounds(equity);
  const n = firms.length;
  const most = assets.limit / equity.least;
  const ofTotal = ({ least, limit }: SizeBounds) =>
    seriesFor('reciprocal', [(n * least) / limit, n], QUOTIENT_ERROR);
  const circuit = recordOrdered<string, string>(
    (alg, inputs) => {
      const of = (field: string) => firms.map((firm) => inputs[ofFirm(field, firm)]!);
      const [a, e, quotient] = [of('assets'), of('equity'), of('leverage')];
      const total = totalOf(alg, a);
      const off = quotient.map((each, f) =>
        alg.sub(alg.scale(alg.mul(each, e[f]!), (most * equity.limit) / assets.limit), a[f]!),
      );
      const tolerance = alg.constant(new Float64Array(n).fill(LEVERAGE_TOLERANCE));
      const consistent = alg.lessThan(absolute(alg, stacked(alg, off)), tolerance);
      const weighted = alg.mul(consistent, alg.mul(stacked(alg, a), stacked(alg, quotient)));
      return {
        aggregate: alg.mul(total, alg.poly(ofTotal(equity), totalOf(alg, e))),
        mean: alg.mul(alg.sum(weighted), alg.poly(ofTotal(assets), total)),
        consistent,
      };
    },
    Object.fromEntries(
      firms.flatMap((firm): [string, InputSpec][] => [
        [ofFirm('assets', firm), fraction(assets.least / assets.limit)],
        [ofFirm('equity', firm), fraction(equity.least / equity.limit)],
        [ofFirm('leverage', firm), fraction(0)],
      ]),
    ),
  );
  return {
    name: 'leverage',
    firms,
    circuit,
    inputs: Object.fromEntries(
      firms.flatMap((firm) => ['assets', 'equity', 'leverage'].map((field) => [ofFirm(field, firm), firm])),
    ),
    outputs: {
      aggregate: { to: 'all', scale: assets.limit / equity.limit, what: 'leverage of the sector' },
      mean: { to: 'all', scale: most, what: 'mean leverage weighted by assets' },
      consistent: {
        to: 'all',
        scale: 1,
        what: "whether each firm's leverage is that of its assets and equity",
      },
    },
    secret: 'assets, equity and their totals',
    prepare: (firm, submission) => ({
      [ofFirm('assets', firm)]: fractionOf('assets', submission.assets, assets.least, assets.limit),
      [ofFirm('equity', firm)]: fractionOf('equity', submission.equity, equity.least, equity.limit),
      [ofFirm('leverage', firm)]: Float64Array.of(submission.assets / submission.equity / most),
    }),
  };
}

/** How far the squares of a standardised series may be from a sum of 1 for its correlations to be opened. */
const NORM_TOLERANCE = 1e-6;

/**
 * Pairwise correlations of the firms' return series, to the two of each pair, and their mean to all. Each firm standardises its own series where it is
 * clear, so that a correlation is one inner product; that it did is checked on shares, and correlations of a series that is not standardised open as 0.
 */
export function correlations(
  firms: readonly string[],
  observations: number,
): ConsortiumProgram<{ readonly returns: Float64Array }> {
  checkFirms(firms);
  if (!(Number.isInteger(observations) && observations >= 3)) {
    throw new RangeError(`expected at least 3 observations, found ${observations}`, { observations });
  }
  const n = firms.length;
  const pairs = firms.flatMap((_, i) => firms.slice(i + 1).map((_, k) => [i, i + 1 + k] as const));
  const spec: InputSpec = { length: observations, bound: 1 };
  const nameOf = ([i, j]: readonly [number, number]) => `correlation of ${firms[i]} and ${firms[j]}`;
  const circuit = recordOrdered<string, string>(
    (alg, inputs) => {
      const series = firms.map((firm) => inputs[ofFirm('returns', firm)]!);
      const off = alg.addPlain(
        stacked(
          alg,
          series.map((u) => alg.dot(u, u)),
        ),
        new Float64Array(n).fill(-1),
      );
      const tolerance = alg.constant(new Float64Array(n).fill(NORM_TOLERANCE));
      const valid = alg.lessThan(absolute(alg, off), tolerance);
      const of = pairs.map(([i, j]) =>
        alg.mul(
          alg.mul(elementOf(alg, valid, n, i), elementOf(alg, valid, n, j)),
          alg.dot(series[i]!, series[j]!),
        ),
      );
      return {
        mean: alg.scale(alg.sum(stacked(alg, of)), 1 / pairs.length),
        standardised: valid,
        ...Object.fromEntries(pairs.map((pair, p) => [nameOf(pair), of[p]!])),
      };
    },
    perFirm(firms, (firm) => [ofFirm('returns', firm), spec]),
  );
  return {
    name: 'correlations',
    firms,
    circuit,
    inputs: perFirm(firms, (firm) => [ofFirm('returns', firm), firm]),
    outputs: {
      mean: { to: 'all', scale: 1, what: 'mean pairwise correlation' },
      standardised: { to: 'all', scale: 1, what: 'whether each firm submitted a standardised series' },
      ...Object.fromEntries(
        pairs.map((pair): [string, OutputTerms] => [
          nameOf(pair),
          { to: pair.map((i) => firms[i]!), scale: 1, what: nameOf(pair) },
        ]),
      ),
    },
    secret: 'returns',
    prepare: (firm, { returns }) => {
      if (returns.length !== observations) {
        throw new ShapeError(`expected ${observations} returns, found ${returns.length}`, {
          expected: observations,
          found: returns.length,
        });
      }
      return { [ofFirm('returns', firm)]: standardised(returns) };
    },
  };
}

function fraction(least: number): InputSpec {
  return { length: 1, bound: 1, range: [least, 1] };
}

function checkBounds(bounds: SizeBounds): SizeBounds {
  const { least, limit } = bounds;
  if (least > 0 && limit > least && Number.isFinite(limit)) return bounds;
  throw new RangeError(`expected 0 < least < limit, found ${least} and ${limit}`, { least, limit });
}
