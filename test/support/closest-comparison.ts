import type { Ordered } from '../../src/algebra/arithmetic.ts';
import type { Circuit } from '../../src/algebra/circuit.ts';
import { execute } from '../../src/algebra/execute.ts';
import { plainAlgebra } from '../../src/algebra/plain.ts';

/** The smallest distance of two values that the circuit compares: below the error a comparison may go either way. */
export function closestComparison(
  circuit: Circuit<string, string, 'ordered'>,
  inputs: Readonly<Record<string, Float64Array>>,
): number {
  let closest = Infinity;
  const watching: Ordered<Float64Array> = {
    ...plainAlgebra,
    lessThan: (a, b) => {
      a.forEach((x, i) => {
        closest = Math.min(closest, Math.abs(x - b[i]!));
      });
      return plainAlgebra.lessThan(a, b);
    },
  };
  execute<Float64Array, string, string, 'ordered'>(circuit, watching, inputs);
  return closest;
}
