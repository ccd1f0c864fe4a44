import { describe, expect, it } from 'vitest';
import {
  type ConsortiumRun,
  consortiumTerms,
  type OpenedFigure,
  runConsortium,
} from '../../src/engine/consortium/run.ts';
import { matrixOf, matVec } from '../../src/numeric/matrix.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { clearingFigures } from '../../src/pricing/consortium/clearing.ts';
import { clearingPayments } from '../../src/pricing/consortium/contagion.ts';
import { compressTrades, netPositions, tradePositions } from '../../src/pricing/consortium/netting.ts';
import { herfindahlIndex, leverageIndices, standardised } from '../../src/pricing/consortium/statistics.ts';
import { historicalContributions } from '../../src/pricing/portfolio/historical-contributions.ts';
import { clearing, scaledTogether } from '../../src/risk/consortium/clearing.ts';
import { contagion } from '../../src/risk/consortium/contagion.ts';
import { jointRisk } from '../../src/risk/consortium/joint-risk.ts';
import { multilateralNetting } from '../../src/risk/consortium/netting.ts';
import { type ConsortiumProgram, ofFirm } from '../../src/risk/consortium/program.ts';
import { concentration, correlations, leverage } from '../../src/risk/consortium/statistics.ts';

const FIRMS = ['Ada', 'Bohr', 'Curie', 'Dirac'] as const;
const random = new SeededRandom(7);
const numbers = (length: number, low: number, high: number) =>
  Float64Array.from({ length }, () => random.between(low, high));

function run<S>(
  program: ConsortiumProgram<S>,
  submissionOf: (firm: string, index: number) => S,
): Promise<ConsortiumRun> {
  const terms = consortiumTerms(program, 3);
  const submissions = program.firms.map((firm, f) => ({ firm, terms, submission: submissionOf(firm, f) }));
  return runConsortium({ program, submissions, minimumContributors: 3, observers: ['regulator'] });
}

/** Within the error that the run states, which must be small, and rounding of the reference. */
function near(figure: OpenedFigure | undefined, expected: ArrayLike<number>, size: number): void {
  const { values, error } = figure!;
  expect(error.absolute).toBeLessThan(1e-5 * size);
  expect(values.length).toBe(expected.length);
  values.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(error.absolute + 1e-13 * size);
  });
}

describe('a consortium', () => {
  it('finds its joint risk, and each firm its component', async () => {
    const [scenarios, coordinates, limit, level] = [26, 5, 1000, 0.88];
    const { columnScale, scaled } = scaledTogether([matrixOf(scenarios, coordinates, numbers(130, -8, 8))]);
    const pnl = scaled[0]!;
    const units = FIRMS.map(() => numbers(coordinates, -12, 12));
    const { figures, own } = await run(jointRisk({ pnl, columnScale }, FIRMS, { limit, level }), (_, f) => ({
      units: units[f]!,
    }));
    const each = units.map((x) =>
      matVec(
        pnl,
        x.map((unit, c) => unit * columnScale[c]!),
      ),
    );
    const parts = matrixOf(FIRMS.length, scenarios, Float64Array.from(each.flatMap((row) => [...row])));
    const measure = { kind: 'expectedShortfall', convention: 'acerbiTasche', level } as const;
    const { total, component } = historicalContributions(parts, measure);
    near(figures['shortfall'], [total], limit);
    near(
      figures['valueAtRisk'],
      [historicalContributions(parts, { kind: 'valueAtRisk', convention: 'type1', level }).total],
      limit,
    );
    FIRMS.forEach((firm, f) => {
      expect(Object.keys(own[firm]!)).toEqual([ofFirm('component', firm)]);
      near(own[firm]![ofFirm('component', firm)], [component[f]!], limit);
    });
  }, 60_000);

  it('finds concentration and leverage', async () => {
    const size = numbers(4, 30, 900);
    const { figures, own } = await run(concentration(FIRMS, { least: 20, limit: 1000 }), (_, f) => ({
      size: size[f]!,
    }));
    near(figures['herfindahl'], [herfindahlIndex(size)], 1);
    const total = size.reduce((sum, s) => sum + s, 0);
    for (const [f, firm] of FIRMS.entries()) near(own[firm]![ofFirm('share', firm)], [size[f]! / total], 1);
    const equity = size.map((s) => s * random.between(0.04, 0.1));
    const program = leverage(FIRMS, { least: 20, limit: 1000 }, { least: 1, limit: 100 });
    const result = await run(program, (_, f) => ({ assets: size[f]!, equity: equity[f]! }));
    const expected = leverageIndices(size, equity);
    near(result.figures['aggregate'], [expected.aggregate], 100);
    near(result.figures['mean'], [expected.mean], 100);
    expect([...result.figures['consistent']!.values]).toEqual([1, 1, 1, 1]);
  }, 60_000);

  it('finds correlations, each to its pair', async () => {
    const common = numbers(30, -1, 1);
    const series = FIRMS.map(() => numbers(30, -1, 1).map((x, i) => 0.02 * (x + common[i]!)));
    const { figures, own } = await run(correlations(FIRMS, 30), (_, f) => ({ returns: series[f]! }));
    const u = series.map(standardised);
    const rho = (i: number, j: number) => u[i]!.reduce((sum, x, k) => sum + x * u[j]![k]!, 0);
    let mean = 0;
    for (let i = 0; i < 4; i++) for (let j = i + 1; j < 4; j++) mean += rho(i, j) / 6;
    near(figures['mean'], [mean], 1);
    expect([...figures['standardised']!.values]).toEqual([1, 1, 1, 1]);
    expect(Object.keys(own['Curie']!).length).toBe(3);
    near(own['Curie']!['correlation of Bohr and Curie'], [rho(1, 2)], 1);
    near(own['Bohr']!['correlation of Bohr and Curie'], [rho(1, 2)], 1);
  }, 60_000);

  it('nets trades and compresses them, without those on which views differ', async () => {
    const [contracts, limit] = [2, 1000];
    const positions = FIRMS.map(() => new Float64Array(4 * contracts));
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < i; j++) {
        for (let c = 0; c < contracts; c++) {
          positions[i]![j * contracts + c] = random.integer(-500, 500);
          positions[j]![i * contracts + c] = -positions[i]![j * contracts + c]!;
        }
      }
    }
    const submitted = positions.map((row) => row.slice());
    submitted[3]![1 * contracts]! += 5;
    const { figures, own } = await run(multilateralNetting(FIRMS, contracts, limit), (_, f) => ({
      positions: submitted[f]!,
    }));
    positions[3]![1 * contracts] = 0;
    positions[1]![3 * contracts] = 0;
    let [before, after] = [0, 0];
    for (let c = 0; c < contracts; c++) {
      const bilateral = matrixOf(
        4,
        4,
        Float64Array.from({ length: 16 }, (_, k) => positions[k >> 2]![(k & 3) * contracts + c]!),
      );
      const nets = netPositions(bilateral);
      const compressed = tradePositions(4, compressTrades(nets));
      before += bilateral.data.reduce((sum, x) => sum + Math.abs(x) / 2, 0);
      after += compressed.data.reduce((sum, x) => sum + Math.abs(x) / 2, 0);
      FIRMS.forEach((firm, f) => {
        const { values, error } = own[firm]![ofFirm('trades', firm)]!;
        const row = Float64Array.from({ length: 4 }, (_, j) => values[j * contracts + c]!);
        near({ values: row, error }, compressed.data.subarray(4 * f, 4 * f + 4), limit);
        expect(Math.abs(row.reduce((sum, x) => sum + x, 0) - nets[f]!)).toBeLessThan(1e-5);
      });
    }
    near(figures['grossBefore'], [before], limit);
    near(figures['grossAfter'], [after], limit);
    expect(after).toBeLessThan(before);
    expect([...own['Dirac']![ofFirm('unmatched', 'Dirac')]!.values]).toEqual([0, 0, 1, 0, 0, 0, 0, 0]);
    expect([...own['Ada']![ofFirm('unmatched', 'Ada')]!.values]).toEqual(new Array(8).fill(0));
  }, 60_000);

  it('sizes margins and a default fund', async () => {
    const [limit, leastMargin, coordinates] = [1000, 10, 4];
    const { columnScale, scaled } = scaledTogether([
      matrixOf(8, coordinates, numbers(32, -4, 4)),
      matrixOf(6, coordinates, numbers(24, -12, 12)),
    ]);
    const [margin, stress] = scaled as [ReturnType<typeof matrixOf>, ReturnType<typeof matrixOf>];
    const units = FIRMS.map((_, f) => numbers(coordinates, -12, 12).map((x) => (f === 0 ? x / 1e4 : x)));
    const { figures, own } = await run(
      clearing(FIRMS, { columnScale, margin, stress, limit, leastMargin }),
      (_, f) => ({ units: units[f]! }),
    );
    const of = (m: typeof margin) =>
      matrixOf(
        4,
        m.rows,
        Float64Array.from(
          units.flatMap((x) => [
            ...matVec(
              m,
              x.map((unit, c) => unit * columnScale[c]!),
            ),
          ]),
        ),
      );
    const expected = clearingFigures(of(margin), of(stress), leastMargin);
    expect(expected.margins[0]).toBe(leastMargin);
    expect(expected.fund).toBeGreaterThan(0);
    near(figures['fund'], [expected.fund], limit);
    near(figures['totalMargin'], [expected.margins.reduce((sum, m) => sum + m, 0)], limit);
    FIRMS.forEach((firm, f) => {
      near(own[firm]![ofFirm('margin', firm)], [expected.margins[f]!], limit);
      near(own[firm]![ofFirm('contribution', firm)], [expected.contributions[f]!], limit);
    });
  }, 60_000);

  it('follows contagion to the clearing payments', async () => {
    const limit = 1000;
    const shocks = matrixOf(2, 2, Float64Array.of(-0.1, 0, -0.9, -0.6));
    const sheets = FIRMS.map((_, f) => ({
      assets: numbers(2, 50, 150),
      owedToFirms: numbers(4, 20, 80).map((x, j) => (j === f ? 0 : x)),
      owedOutside: random.between(80, 200),
    }));
    const program = contagion(FIRMS, { shocks, limit, iterations: 16 });
    const { figures, own } = await run(program, (_, f) => sheets[f]!);
    const owed = Float64Array.from(
      sheets,
      (s) => s.owedOutside + s.owedToFirms.reduce((sum, x) => sum + x, 0),
    );
    const shares = matrixOf(
      4,
      4,
      Float64Array.from(sheets.flatMap((s, i) => [...s.owedToFirms.map((x) => x / owed[i]!)])),
    );
    const external = [0, 1].map((s) =>
      Float64Array.from(sheets, ({ assets }) =>
        assets.reduce((sum, a, c) => sum + a * (1 + shocks.data[2 * s + c]!), 0),
      ),
    );
    const after = external.map((e) => clearingPayments(e, owed, shares, 16));
    const limitOf = external.map((e) => clearingPayments(e, owed, shares));
    near(
      figures['shortfall'],
      after.map((p) => p.reduce((sum, x, i) => sum + owed[i]! - x, 0)),
      limit,
    );
    for (const [f, firm] of FIRMS.entries())
      near(
        own[firm]![ofFirm('paid', firm)],
        after.map((p) => p[f]!),
        limit,
      );
    const defaults = limitOf.map((p) => p.filter((x, i) => x < owed[i]! - 1e-3).length);
    expect(defaults[1]).toBeGreaterThan(1);
    expect([...figures['defaults']!.values]).toEqual(defaults);
    // The bound of the last step: at least 30 % is owed outside.
    const q = Math.min(...sheets.map(({ owedOutside }, i) => owedOutside / owed[i]!));
    after.forEach((p, s) => {
      const off = p.reduce((sum, x, i) => sum + Math.abs(x - limitOf[s]![i]!), 0);
      const residual = figures['residual']!.values[s]! + figures['residual']!.error.absolute;
      expect(off).toBeLessThanOrEqual(((1 - q) / q) * 4 * residual + 1e-9);
      expect(off).toBeLessThan(1);
    });
  }, 60_000);
});
