import { record } from '../../src/algebra/record.ts';
import { type CoefficientPlan, planCkks } from '../../src/ckks/index.ts';
import { type Matrix, matrixOf } from '../../src/numeric/matrix.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';

const [ROWS, COLS] = [60, 700];

/** The same small matrix product in every process: its plan, and a vector. */
export function packedExample(): {
  readonly x: Float64Array;
  readonly matrix: Matrix;
  readonly plan: CoefficientPlan;
} {
  const random = new SeededRandom(1);
  const uniform = (length: number) => Float64Array.from({ length }, () => random.between(-1, 1));
  const x = uniform(COLS);
  const matrix = matrixOf(ROWS, COLS, uniform(ROWS * COLS));
  const circuit = record((alg, { v }) => ({ y: alg.matVecPlain(matrix, v) }), {
    v: { length: COLS, bound: 1 },
  });
  return { x, matrix, plan: planCkks(circuit, { packing: 'coefficients', precision: 1e-4 }) };
}
