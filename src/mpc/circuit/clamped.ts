import type { AnyCircuit } from '../../algebra/circuit.ts';
import type { Fixed } from './fixed.ts';

/** Where a represented value lies, whatever errors it carries. */
type Range = readonly [low: number, high: number];

const ANYWHERE: Range = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

/** Ranges leave out what roundings add; with at least this many fraction bits, that is far less than {@link MARGIN}. */
const LEAST_FRACTION_BITS = 26;
/** How far inside of a domain a range has to lie, as a fraction of the domain's width. */
const MARGIN: number = 2 ** -16;

/**
 * Where values lie because comparisons put them there: min(max(x, low), high) is in [low, high] however wrong x is, and so on for what is computed from
 * it. Up to roundings.
 */
export function clampedRanges(circuit: AnyCircuit): readonly Range[] {
  const ranges: Range[] = [];
  for (const node of circuit.nodes) ranges.push(rangeOf(node, ranges));
  return ranges;
}

function rangeOf(node: AnyCircuit['nodes'][number], ranges: readonly Range[]): Range {
  const at = (index: number): Range => ranges[index]!;
  switch (node.op) {
    case 'constant':
      return [node.bound.low, node.bound.high];
    case 'scale':
      return productOf(at(node.args[0]), [node.factor, node.factor]);
    case 'add': {
      const [a, b] = [at(node.args[0]), at(node.args[1])];
      return [a[0] + b[0], a[1] + b[1]];
    }
    case 'sub': {
      const [a, b] = [at(node.args[0]), at(node.args[1])];
      return [a[0] - b[1], a[1] - b[0]];
    }
    case 'mul':
      return productOf(at(node.args[0]), at(node.args[1]), node.args[0] === node.args[1]);
    case 'max': {
      const [a, b] = [at(node.args[0]), at(node.args[1])];
      return [Math.max(a[0], b[0]), Math.max(a[1], b[1])];
    }
    default:
      return ANYWHERE;
  }
}

function productOf(a: Range, b: Range, square = false): Range {
  const corners = [a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1]];
  // Infinity times zero.
  if (corners.some(Number.isNaN)) return ANYWHERE;
  const low = Math.min(...corners);
  return [square ? Math.max(0, low) : low, Math.max(...corners)];
}

/** Whether a represented value lies in a domain, whatever its error. */
export function liesWithin(
  [low, high]: Range,
  [first, last]: readonly [number, number],
  frac: number,
): boolean {
  const margin = MARGIN * (last - first);
  return frac >= LEAST_FRACTION_BITS && low >= first + margin && high <= last - margin;
}

/**
 * The same value with no larger error than its range and the bounds of what it stands for allow: an iteration that corrects itself, as Newton's, forgets where
 * it is clamped how far its error could have grown.
 */
export function cappedError(
  value: Fixed,
  [low, high]: Range,
  bound: { readonly low: number; readonly high: number },
): Fixed {
  if (value.frac < LEAST_FRACTION_BITS) return value;
  // Roundings on the way, of values of this size, are far less than the margin: a constant's own is not left out.
  const size = Math.max(1, Math.abs(low), Math.abs(high));
  const furthest = Math.max(high - bound.low, bound.high - low) + MARGIN * size;
  return furthest < value.error ? { ...value, error: furthest } : value;
}
