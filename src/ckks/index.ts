/** CKKS on ciphertexts: plan a circuit, hold a key, evaluate without one. */

export type { CkksCost, CoefficientPlan } from './coefficient-plan.ts';
export { type CkksEvaluator, type Evaluation, type EvaluatorOptions, sealEvaluator } from './evaluator.ts';
export { DEFAULT_RELEASE_BUDGET, type Flooding, type ReleaseBudget } from './flooding.ts';
export { CkksKeyHolder, type ResultCiphertexts } from './key-holder.ts';
export { FAILURE_BITS, type ProductError } from './noise.ts';
export type { CoefficientPacking } from './packing.ts';
export {
  type CkksParameters,
  ckksParameters,
  MODULUS_CAP_BITS,
  type PolynomialDegree,
} from './parameters.ts';
export { type CkksPlan, type CkksPlanOptions, planCkks } from './plan.ts';
export type { SlotPlan } from './slots/plan.ts';
