import type { VectorBound } from '../../algebra/bounds.ts';
import type { SlotProgramBuilder } from './builder.ts';
import type { SlotRegister } from './draft.ts';
import { absOf, within } from './interval.ts';
import { gapSlots, layoutOf, spread } from './layout.ts';
import type { SlotVector } from './lower.ts';

/**
 * The sum of a vector's elements, in every slot. Blocks are added first; then the content, which repeats with a period,
 * is rotated by 1, 2, 4 ... and added: log2(period) rotations. Slots without an element hold a known number, whose part is
 * subtracted, or are masked, which costs a level.
 * @param of the bound of the vector, whose 1-norm bounds every partial sum.
 */
export function lowerSum(
  builder: SlotProgramBuilder,
  x: SlotVector,
  bound: VectorBound,
  of: VectorBound,
): SlotVector {
  const known = typeof x.gap === 'number' ? x.gap : 0;
  const registers = typeof x.gap === 'number' ? x.registers : mask(builder, x);
  const excess = known * gapSlots(x.layout);
  const most = Math.min(of.l1, x.layout.length * absOf(of)) + Math.abs(excess);
  const partial = (register: SlotRegister): SlotRegister => {
    builder.declareBound(register, within(most));
    return register;
  };
  let total = registers[0]!;
  for (const block of registers.slice(1)) total = partial(builder.add(total, block));
  total = builder.settle(total);
  for (let step = 1; step < x.layout.period; step *= 2)
    total = partial(builder.add(total, builder.rotate(total, step)));
  if (excess !== 0) total = builder.addPlain(total, -excess);
  builder.declareBound(total, bound);
  return { layout: layoutOf(1, builder.chain.slots), registers: [total], gap: bound };
}

/** Zero where no element is, in every period: a level. */
export function mask(
  builder: SlotProgramBuilder,
  { layout, registers }: SlotVector,
): readonly SlotRegister[] {
  const ones = spread(new Float64Array(layout.length).fill(1), builder.chain.slots, 0);
  return registers.map((register, k) => builder.mulPlain(builder.settle(register), ones[k]!));
}
