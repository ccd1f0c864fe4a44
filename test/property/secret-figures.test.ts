import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { executePlain } from '../../src/algebra/execute.ts';
import { plainAlgebra } from '../../src/algebra/plain.ts';
import { UnsupportedError } from '../../src/base/errors.ts';
import { planCircuit } from '../../src/mpc/circuit/plan-circuit.ts';
import { runInProcess } from '../../src/mpc/run.ts';
import { matrixOf } from '../../src/numeric/matrix.ts';
import {
  expectedShortfall,
  orderLosses,
  type QuantileConvention,
  sortedLosses,
  valueAtRisk,
} from '../../src/numeric/quantile.ts';
import { secretTail, tailCountOf } from '../../src/risk/programs/order-statistics.ts';
import { type SecretFigure, secretFiguresCircuit } from '../../src/risk/programs/secret-figures.ts';

const CONVENTIONS: readonly QuantileConvention[] = ['type1', 'type6', 'type7', 'upper'];

const thousandths = fc.integer({ min: -1000, max: 1000 }).map((value) => value / 1000);

/** A small public matrix and a normalised secret book. */
const cases = (least: number, most: number) =>
  fc.integer({ min: least, max: most }).chain((scenarios) =>
    fc.record({
      scenarios: fc.constant(scenarios),
      entries: fc.array(thousandths, {
        minLength: 4 * scenarios,
        maxLength: 4 * scenarios,
      }),
      weights: fc.array(thousandths, { minLength: 4, maxLength: 4 }),
      level: fc.double({ min: 0.6, max: 0.97, noNaN: true }),
    }),
  );

function figuresAt(level: number, scenarios: number): Record<string, SecretFigure> {
  const shortfall = { kind: 'expectedShortfall', level } as const;
  const count = Math.max(1, Math.floor(scenarios / 4));
  return {
    ...Object.fromEntries(
      CONVENTIONS.map((convention) => [convention, { kind: 'valueAtRisk', level, convention } as const]),
    ),
    shortfall,
    tailMean: { ...shortfall, convention: 'tailMean' },
    worst: { kind: 'worst' },
    largest: { kind: 'largestLosses', count },
    low: { kind: 'limit', of: shortfall, limit: -1.5 },
    high: { kind: 'limit', of: shortfall, limit: 1.5 },
    groups: { kind: 'groups', of: shortfall, groups: [[0, 1], [2], [3]] },
    losers: { kind: 'groups', of: { kind: 'largestLosses', count }, groups: [[0], [1, 2, 3]] },
  };
}

describe('figures of a secret P&L vector', () => {
  it.each([
    ['a sorting network', 4, 9, 5],
    ['a shuffle', 24, 34, 2],
  ])(
    'are those of the plaintext, within the errors promised, by %s',
    async (_, least, most, numRuns) => {
      await fc.assert(
        fc.asyncProperty(cases(least, most), async ({ scenarios, entries, weights, level }) => {
          const total = weights.reduce((sum, w) => sum + Math.abs(w), 0);
          const book = Float64Array.from(weights, (w) => (total > 0 ? w / Math.max(total, 1) : 0));
          const pnl = matrixOf(scenarios, 4, Float64Array.from(entries));
          const circuit = secretFiguresCircuit(pnl, figuresAt(level, scenarios));
          const plan = await planCircuit(circuit, { parties: 3, threshold: 1 });
          const { outputs } = await runInProcess(plan, { book });

          const gains = plainAlgebra.matVecPlain(pnl, book);
          const losses = sortedLosses(gains);
          const near = (name: string, expected: number, index = 0) => {
            const { absolute } = plan.error[name]!;
            expect(absolute).toBeLessThan(1e-6);
            expect(Math.abs(outputs[name]![index]! - expected), name).toBeLessThanOrEqual(absolute + 1e-14);
          };
          for (const convention of CONVENTIONS) near(convention, valueAtRisk(losses, level, convention));
          near('shortfall', expectedShortfall(losses, level));
          near('worst', losses.at(-1)!);
          const count = Math.max(1, Math.floor(scenarios / 4));
          near(
            'largest',
            losses.slice(-count).reduce((sum, loss) => sum + loss, 0),
          );
          expect(outputs['low']![0]).toBe(1);
          expect(outputs['high']![0]).toBe(0);

          // Groups always sum to the figure; each is the plaintext's where no two scenarios are too near to tell apart.
          const sumOf = (name: string) => outputs[name]!.reduce((sum, part) => sum + part, 0);
          expect(Math.abs(sumOf('groups') - expectedShortfall(losses, level))).toBeLessThan(1e-6);
          if (losses.some((loss, i) => i > 0 && loss - losses[i - 1]! < 1e-6)) return;
          near('tailMean', expectedShortfall(losses, level, 'tailMean'));
          const plain = executePlain(circuit, { book });
          for (const name of ['groups', 'losers'])
            for (const [g, part] of plain[name]!.entries()) near(name, part, g);
        }),
        { numRuns },
      );
    },
    60_000,
  );

  it.each(['malicious', 'semiHonest'] as const)(
    'mean of the tail with ties, %s: all that equal the value at risk count',
    async (security) => {
      // Eighths of halves: exact in doubles and in fixed point, so that ties are ties in both.
      const losses = [7, 6, 5, 5, 5, 5, 3, 3, 2, 1, 0, -1, -1, -4, -6];
      const pnl = matrixOf(
        losses.length,
        2,
        Float64Array.from(
          losses.flatMap((loss, i) => [i % 2 === 0 ? -loss / 8 : 0, i % 2 === 0 ? 0 : -loss / 8]),
        ),
      );
      const book = Float64Array.of(0.5, 0.5);
      const levels = { one: 0.95, three: 0.8, four: 0.75, seven: 0.5, all: 0.001 };
      const circuit = secretFiguresCircuit(
        pnl,
        Object.fromEntries(
          Object.entries(levels).map(([name, level]) => [
            name,
            { kind: 'expectedShortfall', level, convention: 'tailMean' } as const,
          ]),
        ),
      );
      const plan = await planCircuit(circuit, { parties: 3, threshold: 1, security });
      const { outputs } = await runInProcess(plan, { book });
      const clear = executePlain(circuit, { book });
      const sorted = sortedLosses(plainAlgebra.matVecPlain(pnl, book));
      for (const [name, level] of Object.entries(levels)) {
        const expected = expectedShortfall(sorted, level, 'tailMean');
        expect(Math.abs(clear[name]![0]! - expected), name).toBeLessThan(1e-14);
        expect(plan.error[name]!.absolute).toBeLessThan(1e-9);
        expect(Math.abs(outputs[name]![0]! - expected), name).toBeLessThanOrEqual(plan.error[name]!.absolute);
      }
      // Of the three worst, the third is one of four equals: six count.
      expect(clear['three']![0]).toBeCloseTo(33 / 6 / 16, 14);
      const of = { kind: 'expectedShortfall', level: 0.9, convention: 'tailMean' } as const;
      const groups = () => secretFiguresCircuit(pnl, { groups: { kind: 'groups', of, groups: [[0]] } });
      expect(groups).toThrow(UnsupportedError);
    },
    30_000,
  );

  it('allocates by the worst scenarios, the last in part and ties by their order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 2, maxLength: 12 }),
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        (values, level) => {
          const pnl = Float64Array.from(values);
          const n = pnl.length;
          const count = tailCountOf(n, level);
          const tail = secretTail({ alg: plainAlgebra, pnl, scenarios: n }, count);
          const expected = new Float64Array(n);
          let left = count;
          for (const scenario of orderLosses(pnl).scenarios.toReversed()) {
            expected[scenario] = Math.min(1, Math.max(0, left));
            left -= expected[scenario]!;
          }
          for (const [s, share] of tail.entries()) expect(share).toBeCloseTo(expected[s]!, 12);
        },
      ),
    );
  });
});
