import { beforeAll, describe, expect, it } from 'vitest';
import { executePlain } from '../../../src/algebra/execute.ts';
import { FIGURE_NAMES } from '../../../src/domain/report.ts';
import { PhaseClock } from '../../../src/engine/clock.ts';
import { prepareTask } from '../../../src/engine/rehearse.ts';
import { planCircuit } from '../../../src/mpc/circuit/plan-circuit.ts';
import { runInProcess } from '../../../src/mpc/run.ts';
import { denormalise, denormaliseFigures, figuresOf } from '../../../src/risk/finish.ts';
import { figuresCircuit, riskCircuit } from '../../../src/risk/program.ts';
import { normaliseBook, type Valuation } from '../../../src/risk/valuation.ts';
import { smallRequest } from '../../support/small-risk.ts';

const exact = { absolute: 0, known: 'proved' } as const;
const noError = Object.fromEntries([...FIGURE_NAMES, 'pnl', 'greeks'].map((name) => [name, exact])) as never;

/** Numbers of scenarios whose tails are whole, fractional, and shorter than one scenario. */
describe.each([20, 37, 60])('the figures of %d scenarios', (scenarios) => {
  let valuation: Valuation;
  let z: Float64Array;
  let l1: number;
  beforeAll(async () => {
    const task = await prepareTask(smallRequest(8, scenarios), new PhaseClock());
    ({ valuation } = task);
    ({ z, l1 } = task.book);
  });

  it('are those of the P&L vector', () => {
    const pnl = executePlain(riskCircuit(valuation), { book: z });
    const opened = executePlain(figuresCircuit(valuation), { book: z });
    const expected = figuresOf(denormalise(valuation, pnl, noError, l1));
    const { figures } = denormaliseFigures(valuation, opened, noError, l1);
    for (const name of FIGURE_NAMES) {
      expect(Math.abs(figures[name].value - expected[name].value), name).toBeLessThan(1e-12 * l1);
    }
  });

  it('are those of the sum of two books, which nobody sees', async () => {
    const half = z.map((value, i) => (i % 2 === 0 ? value : 0));
    const rest = z.map((value, i) => value - half[i]!);
    const circuit = figuresCircuit(valuation, ['a', 'b']);
    const plan = await planCircuit(circuit, { parties: 3, threshold: 1 });
    const { outputs } = await runInProcess(plan, { a: half, b: rest });
    const whole = executePlain(figuresCircuit(valuation), { book: z });
    for (const [name, [value]] of Object.entries(whole)) {
      expect(Math.abs(outputs[name as 'worst'][0]! - value!), name).toBeLessThanOrEqual(
        plan.error[name as 'worst'].absolute,
      );
    }
  });
});

it('a book beyond the agreed exposure is refused', () => {
  const book = () => normaliseBook(Float64Array.of(3, -4), Float64Array.of(1, 1), 6.9);
  expect(book).toThrowError(expect.objectContaining({ code: 'range' }));
  expect(book).not.toThrowError(/\b7\b/);
  expect(normaliseBook(Float64Array.of(3, -4), Float64Array.of(1, 1), 10)).toEqual({
    z: Float64Array.of(0.3, -0.4),
    l1: 10,
  });
});
