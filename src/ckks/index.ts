/** CKKS on ciphertexts: plan a circuit, hold a key, evaluate without one. */

export type { CkksCost } from './coefficient-cost.ts';
export { type CoefficientContract, type CoefficientPlan, contractOf } from './coefficient-plan.ts';
export { CkksEncryptor } from './encryptor.ts';
export {
  type CkksEvaluator,
  ckksEvaluator,
  type EvaluateOptions,
  type Evaluation,
  type EvaluatorOptions,
} from './evaluator.ts';
export type { EvaluatorChoice } from './evaluator-choice.ts';
export { type ExplainOptions, explain } from './explain.ts';
export { DEFAULT_RELEASE_BUDGET, type Flooding, type ReleaseBudget } from './flooding.ts';
export type { HidingNoise, MatrixHiding } from './hiding.ts';
export { kernelMemory } from './kernel/memory.ts';
export {
  CkksKeyHolder,
  type EvaluationKeyOptions,
  type KeyHolderOptions,
  type ResultCiphertexts,
} from './key-holder.ts';
export {
  checkMemory,
  DEFAULT_MEMORY_LIMIT,
  keyHolderMemory,
  type MemoryPrediction,
  sealEvaluatorMemory,
} from './memory.ts';
export { FAILURE_BITS, type ProductError } from './noise.ts';
export type { CoefficientPacking } from './packing.ts';
export {
  type CkksParameters,
  ckksParameters,
  MODULUS_CAP_BITS,
  type PolynomialDegree,
} from './parameters.ts';
export { type CkksPlan, type CkksPlanOptions, planCkks } from './plan.ts';
export type { ResponseFormat } from './response.ts';
export type {
  SlotCircuitEvaluator,
  SlotEvaluation,
  SlotEvaluatorOptions,
  WorkerStats,
} from './slot-evaluator.ts';
export type { SlotCircuit } from './slots/circuit.ts';
export type { SlotInputBytes, SlotInputs, SlotOutputs } from './slots/execute.ts';
export {
  type EvaluationKeyBytes,
  type EvaluationKeyFiles,
  type EvaluationKeySpec,
  evaluationKeyLength,
  evaluationKeysOf,
  type KeyFile,
  type KeyForm,
  publicKeyBytes,
  type RingSize,
  slotCiphertextBytes,
} from './slots/keys.ts';
export {
  KERNEL_TIMES,
  NODE_SEAL_TIMES,
  type OperationTimes,
  type ProgramTime,
} from './slots/operation-times.ts';
export type { SlotPlan } from './slots/plan.ts';
export type {
  SlotInput,
  SlotInstruction,
  SlotOperation,
  SlotOutput,
  SlotPlaintext,
  SlotProgram,
} from './slots/program.ts';
