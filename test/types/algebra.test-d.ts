/**
 * Compile-time tests: `tsc -p tsconfig.json` includes this file and fails both if a line marked as an error compiles and
 * if any other does not. Nothing here runs.
 */
import type { Program } from '../../src/algebra/arithmetic.ts';
import type { Circuit, InputSpec } from '../../src/algebra/circuit.ts';
import { execute, executePlain } from '../../src/algebra/execute.ts';
import { formula, formulaOrdered } from '../../src/algebra/formula/formula.ts';
import { plainAlgebra } from '../../src/algebra/plain.ts';
import { record, recordOrdered } from '../../src/algebra/record.ts';
import type { Digest, KeyId } from '../../src/base/brand.ts';
import type { CoefficientPlan } from '../../src/ckks/coefficient-plan.ts';
import { planCkks } from '../../src/ckks/plan.ts';
import type { SlotPlan } from '../../src/ckks/slots/plan.ts';
import type { Matrix } from '../../src/numeric/matrix.ts';
import type { ReleaseGuard } from '../../src/trust/release.ts';

declare const matrix: Matrix;
declare const vector: Float64Array;
const spec: InputSpec = { length: 1, bound: 1 };
const precision = { precision: 1e-6 };

const pnl: Program<'delta' | 'gamma', 'pnl'> = (alg, { delta, gamma }) => ({
  pnl: alg.add(alg.matVecPlain(matrix, delta), alg.matVecPlain(matrix, gamma)),
});
const arithmetic: Circuit<'delta' | 'gamma', 'pnl'> = record(pnl, { delta: spec, gamma: spec });
const ordered: Circuit<'x', 'y', 'ordered'> = recordOrdered((alg, { x }) => ({ y: alg.kthSmallest(x, 1) }), {
  x: spec,
});

export function ckksTakesArithmeticOnly(): void {
  planCkks(arithmetic, precision);
  // @ts-expect-error an ordered circuit cannot be planned for CKKS
  planCkks(ordered, precision);
  // @ts-expect-error nor one that happens not to compare but was recorded as ordered
  planCkks(recordOrdered(pnl, { delta: spec, gamma: spec }), precision);
  // @ts-expect-error a plan needs a precision
  planCkks(arithmetic, {});
}

export function recordTakesNoComparisons(): void {
  record((alg, { x }) => ({ y: alg.mul(x, x) }), { x: spec });
  // @ts-expect-error an arithmetic recorder cannot run a program that compares
  record((alg, { x }) => ({ y: alg.max(x, x) }), { x: spec });
  // @ts-expect-error nor one that orders
  record((alg, { x }) => ({ y: alg.kthSmallest(x, 1) }), { x: spec });
  // An arithmetic program is a fortiori an ordered one.
  recordOrdered(pnl, { delta: spec, gamma: spec });
}

export function programsAreOblivious(): void {
  // @ts-expect-error a program may not look inside a value
  const peek: Program<'x', 'y'> = (_alg, { x }) => ({ y: x.length > 0 ? x : x });
  // @ts-expect-error nor index it
  const index: Program<'x', 'y'> = (_alg, { x }) => ({ y: x[0] });
  // @ts-expect-error nor compute with it outside the algebra
  const plus: Program<'x', 'y'> = (_alg, { x }) => ({ y: x + x });
  // @ts-expect-error nor bring a vector of its own into it
  const clear: Program<'x', 'y'> = (alg, { x }) => ({ y: alg.add(x, vector) });
  // @ts-expect-error nor make a public operand of a secret
  const leak: Program<'x', 'y'> = (alg, { x }) => ({ y: alg.mulPlain(x, x) });
  void [peek, index, plus, clear, leak];
}

export function namesAreChecked(): void {
  // @ts-expect-error every input must be declared
  record(pnl, { delta: spec });
  // @ts-expect-error every declared output must be there
  const missing: Program<'x', 'y' | 'z'> = (_alg, { x }) => ({ y: x });
  // @ts-expect-error an input that was not declared does not exist
  const unknown: Program<'x', 'y'> = (_alg, { z }) => ({ y: z });
  // @ts-expect-error every input must be given
  executePlain(arithmetic, { delta: vector });
  // @ts-expect-error results have the outputs' names
  executePlain(arithmetic, { delta: vector, gamma: vector }).var;
  void [missing, unknown];
}

export function executionNeedsTheRightAlgebra(): void {
  const {
    lessThan: _1,
    select: _2,
    max: _3,
    kthSmallest: _4,
    smallest: _5,
    sort: _6,
    ...weak
  } = plainAlgebra;
  execute(arithmetic, weak, { delta: vector, gamma: vector });
  // @ts-expect-error an ordered circuit needs an algebra that compares
  execute(ordered, weak, { x: vector });
}

export function releasesNameTheirOutputs(
  guard: ReleaseGuard<CoefficientPlan<'delta' | 'gamma', 'pnl'>>,
  ofSlots: ReleaseGuard<SlotPlan<'delta' | 'gamma', 'pnl'>>,
  to: never,
): void {
  void guard.releaseTo({ to, outputs: ['pnl'], purpose: 'test' }, []);
  // @ts-expect-error only outputs of the circuit can be asked for
  void guard.releaseTo({ to, outputs: ['delta'], purpose: 'test' }, []);
  void ofSlots.releaseTo({ to, outputs: ['pnl'], purpose: 'test' }, { pnl: [] });
  // @ts-expect-error nor of a circuit on slots
  void ofSlots.releaseTo({ to, outputs: ['delta'], purpose: 'test' }, { pnl: [] });
  // @ts-expect-error whose results lie in ciphertexts by output
  void ofSlots.readAsOwner([]);
}

export function brandsDoNotMix(digest: Digest): void {
  // @ts-expect-error a digest is not a key id
  const key: KeyId = digest;
  // @ts-expect-error nor is any string a digest
  const any: Digest = 'e3b0c442';
  void [key, any];
}

export async function formulasKnowTheirNames(): Promise<void> {
  const pnl: Circuit<'delta' | 'dS', 'pnl'> = await formula(
    { pnl: 'delta * dS * k + dot(w, dS)' },
    { delta: spec, dS: spec, k: 2, w: vector, M: matrix },
  );
  const single: Circuit<'x', 'value'> = await formula('x + 1', { x: spec });
  planCkks(pnl, precision);
  // @ts-expect-error public operands are not inputs
  executePlain(pnl, { delta: vector, dS: vector, k: vector });
  // @ts-expect-error every secret must be given
  executePlain(pnl, { delta: vector });
  // @ts-expect-error a formula that may compare cannot be planned for CKKS
  planCkks(await formulaOrdered('max(x, 0)', { x: spec }), precision);
  // @ts-expect-error neither a declaration nor a public value
  await formula('x', { x: 'secret' });
  void single;
}
