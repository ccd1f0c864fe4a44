import { expect, it } from 'vitest';
import { executePlain } from '../../src/algebra/execute.ts';
import { ckksEvaluator } from '../../src/ckks/evaluator.ts';
import { CkksKeyHolder } from '../../src/ckks/key-holder.ts';
import { planCkks } from '../../src/ckks/plan.ts';
import { holdingsOf } from '../../src/pricing/portfolio/holdings.ts';
import { portfolioGreeks } from '../../src/pricing/portfolio/net-greeks.ts';
import { momentsCircuit, quadraticBook } from '../../src/risk/programs/moments.ts';
import { loadReferenceInputs } from '../support/reference-inputs.ts';

it('three moments of the reference book on ciphertexts, within the errors promised', {
  timeout: 300_000,
}, async () => {
  const { book, market } = loadReferenceInputs();
  const { inputs } = quadraticBook(portfolioGreeks(holdingsOf(book), market), market);
  const circuit = momentsCircuit(market, ['mean', 'variance', 'third']);
  const clear = executePlain(circuit, inputs);
  const plan = planCkks(circuit, { precision: 1e-6, packing: 'slots' });
  using holder = await CkksKeyHolder.create(plan.parameters);
  using evaluator = await ckksEvaluator(plan, { keys: await holder.evaluationKeys(plan) });
  const { outputs } = await evaluator.evaluate(await holder.encrypt(plan, inputs));
  const found = await holder.decryptRaw(plan, outputs);
  for (const name of ['mean', 'variance', 'third'] as const) {
    expect(Math.abs(found[name]![0]! - clear[name][0]!), name).toBeLessThanOrEqual(plan.error[name].absolute);
  }
});
