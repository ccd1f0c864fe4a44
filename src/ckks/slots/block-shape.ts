import { type AnyCircuit, argumentsOf } from '../../algebra/circuit.ts';
import { gapSlots, layoutOf, spread, uniformValue } from './layout.ts';
import { liveNodes } from './node-uses.ts';

/*
 * What is known of a circuit whose vectors are cut into blocks before it is lowered so: a program on many small blocks is long, and small rings
 * are mostly refused.
 */

/**
 * Whether a circuit asks for the same, whether its vectors are cut into blocks of `slots` or lie in one of `whole`: every block goes through the
 * same operations, slot by slot.
 */
export function alikeInBlocks(circuit: AnyCircuit, slots: number, whole: number): boolean {
  const live = liveNodes(circuit);
  const length = Math.max(...circuit.nodes.map((node) => node.length));
  // Slots without an element have to be moved into domains.
  const hasGap = (of: number): boolean => gapSlots(layoutOf(length, of)) > 0;
  if (hasGap(slots) !== hasGap(whole)) return false;
  // A part that is one number is added without a rescale before.
  const alike = (values: Float64Array): boolean =>
    uniformValue(values) !== undefined || spread(values, slots, 0).every((part) => typeof part !== 'number');
  return [...live].every((index) => {
    const node = circuit.nodes[index]!;
    if (node.length !== length) return false;
    switch (node.op) {
      case 'input':
      case 'add':
      case 'sub':
      case 'scale':
      case 'within':
      case 'mulPlain':
      case 'mul':
      case 'poly':
        return true;
      case 'constant':
      case 'addPlain':
        return alike(node.plain);
      default:
        return false;
    }
  });
}

/** Whether a circuit takes a level however it is lowered: it multiplies by a secret or by a matrix. */
export function takesLevel(circuit: AnyCircuit): boolean {
  const live = liveNodes(circuit);
  const secret: boolean[] = [];
  return circuit.nodes.some((node, index) => {
    const args = argumentsOf(node).map((argument) => secret[argument]!);
    secret[index] = node.op === 'input' || args.some((is) => is);
    const multiplies = node.op === 'mul' || node.op === 'dot' || node.op === 'matVecPlain';
    return live.has(index) && multiplies && args.every((is) => is);
  });
}
