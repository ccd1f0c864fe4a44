/** Formulas as data: write a program once against {@link Arithmetic}, record it, plan it, execute it anywhere. */
export type { AffineMap, Segment } from './affine.ts';
export { affineMapOf } from './affine.ts';
export type { Arithmetic, ChebyshevSeries, Ordered, OrderedProgram, Program } from './arithmetic.ts';
export type { VectorBound } from './bounds.ts';
export type { AnyCircuit, Circuit, CircuitNode, InputSpec, Operation, Power } from './circuit.ts';
export { type Band, type BandedForm, type Clamped, clampToBands, clampToInterval } from './clamp.ts';
export type { CircuitCost, NodeCost, NodeCostRow } from './cost.ts';
export { costByNode, costOf } from './cost.ts';
export { absolute, and, equal, min, negate, not, or, positivePart } from './derived.ts';
export { drawSvg } from './draw-svg.ts';
export { drawText } from './draw-text.ts';
export { execute, executePlain } from './execute.ts';
export type { FormulaOperand, FormulaOptions, SecretNames } from './formula/formula.ts';
export { formula, formulaOrdered } from './formula/formula.ts';
export { checkInput, plainAlgebra } from './plain.ts';
export { record, recordOrdered } from './record.ts';
export type { LibraryName } from './series/functions.ts';
export {
  type SeriesLibrary,
  type SeriesOptions,
  seriesFor,
  seriesLibrary,
  seriesNames,
} from './series/library.ts';
export { runSchedule, type ScheduleAlgebra } from './series/run-schedule.ts';
export type {
  OperationWeights,
  PolynomialSchedule,
  ScheduleCost,
  ScheduleInput,
  ScheduleRequest,
  ScheduleStep,
} from './series/schedule.ts';
export {
  depthOfDegree,
  type ScheduleOptions,
  scheduleOf,
  schedulePolynomials,
} from './series/schedule-of.ts';
export { simplify } from './simplify.ts';
