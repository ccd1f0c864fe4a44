import type { InputSpec } from '../../src/algebra/circuit.ts';
import type { FieldVector } from '../../src/kernels/field-vector.ts';
import type { DealtInput } from '../../src/mpc/circuit/run-dealt.ts';
import { inputRange, rangeBits } from '../../src/mpc/input-range.ts';
import type { SharingScheme } from '../../src/mpc/sharing.ts';
import { sharesOf } from './parties.ts';

/** What an owner deals of an input, by party: its elements and the bits that prove their range, or bits of the test's own. */
export function dealtInput(
  spec: InputSpec,
  frac: number,
  integers: FieldVector,
  scheme: SharingScheme,
  { owner = 'owner', bits }: { readonly owner?: string; readonly bits?: FieldVector } = {},
): Required<DealtInput>[] {
  const range = inputRange(spec, frac);
  const values = sharesOf(integers, scheme);
  const proofs = sharesOf(bits ?? rangeBits(integers, range), scheme);
  return values.map((value, i) => ({ owner, range, value, bits: proofs[i]! }));
}
