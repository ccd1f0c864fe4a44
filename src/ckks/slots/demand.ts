import { magnitudeOf } from '../../algebra/bounds.ts';
import type { AnyCircuit, CircuitNode } from '../../algebra/circuit.ts';

/**
 * The unit of a node: it is carried as value / unit at the canonical scale, that is, at the scale D_l / unit. Units
 * are free at the inputs, whose owner encodes at any scale, and nowhere else, so they are chosen from the outputs
 * backwards: sums want one unit for all their terms, and a series wants half the width of its domain, which saves
 * the product that would map its argument to [-1, 1]. Without such a wish the unit is the least power of two that
 * bounds the node, or 1: powers of two because ratios of scales that are whole are closed exactly and free of a level.
 * @param spareBits by how much smaller such units may be: values are then carried larger, up to 2^spareBits scales.
 */
export function unitsOf(circuit: AnyCircuit, spareBits = 0): readonly number[] {
  const { nodes } = circuit;
  const wishes = new Array<Wish | undefined>(nodes.length);
  const natural = (index: number): number => naturalUnit(nodes[index]!) * 2 ** -spareBits;
  const wish = (index: number, unit: number, firm: boolean): void => {
    const known = wishes[index];
    if (known === undefined || (firm && !known.firm)) wishes[index] = { unit, firm };
    // The larger of two soft wishes leaves room at the top of the modulus.
    else if (!firm && !known.firm) wishes[index] = { unit: Math.max(unit, known.unit), firm };
  };
  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index]!;
    const { unit, firm } = wishes[index] ?? { unit: natural(index), firm: false };
    wishes[index] = { unit, firm };
    switch (node.op) {
      case 'add':
      case 'sub':
        for (const argument of node.args) wish(argument, unit, firm);
        break;
      case 'addPlain':
      case 'sum':
      case 'replicate':
      case 'within':
        wish(node.args[0], unit, firm);
        break;
      case 'scale':
        if (node.factor !== 0) wish(node.args[0], unit / Math.abs(node.factor), firm);
        break;
      case 'mul':
      case 'dot': {
        const [a, b] = node.args;
        if (a === b) {
          wish(a, Math.sqrt(unit), firm);
          break;
        }
        // Whichever has a firm wish keeps it, and the other gives way.
        const kept = wishes[a]?.firm === true ? a : b;
        const other = kept === a ? b : a;
        const keptUnit = wishes[kept]?.unit ?? natural(kept);
        wish(kept, keptUnit, firm);
        wish(other, unit / keptUnit, firm);
        break;
      }
      case 'poly': {
        const [low, high] = node.series.domain;
        wish(node.args[0], (high - low) / 2, true);
        break;
      }
      case 'mulPlain':
      case 'matVecPlain':
        wish(node.args[0], natural(node.args[0]), false);
        break;
      default:
        break;
    }
  }
  return wishes.map((found) => found!.unit);
}

/** A firm wish saves a level; a soft one, at most a product. */
type Wish = { readonly unit: number; readonly firm: boolean };

function naturalUnit(node: CircuitNode): number {
  const magnitude = magnitudeOf(node.bound);
  // Not below 1: a scale above the canonical one would outgrow the last prime.
  return magnitude > 1 ? 2 ** Math.ceil(Math.log2(magnitude)) : 1;
}
