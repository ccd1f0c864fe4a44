import type { Circuit, InputSpec } from '../../algebra/circuit.ts';
import { execute } from '../../algebra/execute.ts';
import { Recorder, type Wire } from '../../algebra/record.ts';
import { simplify } from '../../algebra/simplify.ts';
import { selectionMatrix } from '../../numeric/matrix.ts';

/**
 * The same circuit with every product of secret matrices as what slots can do: for each k of the inner side, column k of A and row k of B are moved to
 * the places of the result that they go into, by public matrices of zeros and ones, multiplied there and added up: two levels, and a product
 * a k. For small matrices, then. A circuit without such products is returned itself.
 */
export function withoutMatrixProducts<I extends string, O extends string>(
  circuit: Circuit<I, O>,
): Circuit<I, O> {
  if (!circuit.nodes.some(({ op }) => op === 'matMul')) return circuit;
  const recorder = new PlacingRecorder();
  const inputs = Object.fromEntries(
    Object.entries<InputSpec>(circuit.inputs).map(([name, spec]) => [name, recorder.input(name, spec)]),
  ) as Record<I, Wire>;
  const results = execute<Wire, I, O, 'arithmetic'>(circuit, recorder, inputs);
  return simplify(recorder.finish<I, O>(circuit.inputs, results)) as Circuit<I, O>;
}

class PlacingRecorder extends Recorder {
  override matMul(a: Wire, b: Wire, rows: number): Wire {
    const inner = a.length / rows;
    const cols = b.length / inner;
    const place = (x: Wire, sourceOf: (row: number, col: number) => number): Wire => {
      const sources = Array.from({ length: rows * cols }, (_, at) =>
        sourceOf(Math.floor(at / cols), at % cols),
      );
      return this.matVecPlain(selectionMatrix(sources, x.length), x);
    };
    const products = Array.from({ length: inner }, (_, k) =>
      this.mul(
        place(a, (r) => r * inner + k),
        place(b, (_, c) => k * cols + c),
      ),
    );
    return products.reduce((sum, product) => this.add(sum, product));
  }
}
