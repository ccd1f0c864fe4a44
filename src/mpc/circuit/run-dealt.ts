import type { AnyCircuit } from '../../algebra/circuit.ts';
import type { FieldVector } from '../../kernels/field-vector.ts';
import type { Context, Protocol } from '../engine/protocol.ts';
import type { InputRange } from '../input-range.ts';
import { proveInputs } from '../protocols/prove-inputs.ts';
import type { Fixed } from './fixed.ts';
import { type CircuitFormat, runCircuit } from './run-circuit.ts';

/** A party's shares of an input: of its elements and, unless all are semi-honest, of the bits that prove their range. */
export type DealtInput = {
  readonly owner: string;
  readonly value: FieldVector;
  readonly range?: InputRange;
  readonly bits?: FieldVector;
};

/** A party's part of a circuit on what owners dealt: against those who deviate, inputs are first proved to lie within their bounds. */
export function* runDealtCircuit(
  context: Context,
  circuit: AnyCircuit,
  format: CircuitFormat,
  dealt: Readonly<Record<string, DealtInput>>,
): Protocol<Record<string, Fixed>> {
  if (context.security === 'malicious') {
    const proofs = Object.keys(circuit.inputs).map((name) => {
      const { owner, value, range, bits } = dealt[name]!;
      return { owner, value, range: range!, bits: bits! };
    });
    if (proofs.length > 0) yield* proveInputs(context, proofs);
  }
  const inputs = Object.fromEntries(Object.entries(dealt).map(([name, { value }]) => [name, value]));
  return yield* runCircuit(context, circuit, format, inputs);
}
