import { fillExp } from '../../numeric/exp-fill.ts';
import { compilePart, type ParameterValues } from './compile.ts';
import type { Expression, PayoffExpression } from './expression.ts';
import { createEvaluator } from './program.ts';

/** Where a payoff of one underlying may have a kink or a jump, or be unbounded. */
export type Kinks = {
  /** Spots inside the range, ascending. */
  readonly spots: Float64Array;
  /**
   * Those among them at which something is divided by zero or a logarithm's argument vanishes, with the operation's
   * position.
   */
  readonly poles: readonly { readonly spot: number; readonly position: number }[];
};

/** Intervals of the first grid, equal in ln S. */
const GRID = 1024;

/**
 * Finds the roots of everything that decides: a - b for max(a, b), min and comparisons; a for abs, sqrt, log,
 * divisors, bases of powers and truth values. Inner ones come first and are nodes of the grid for the outer ones,
 * so that for piecewise linear payoffs no root is missed, however close two strikes are; otherwise two roots
 * between neighbouring nodes are found through the extreme between them.
 *
 * Cost: some thousand evaluations of each part, and a bisection a root (to neighbouring doubles).
 */
export function findKinks(
  expression: PayoffExpression,
  values: ParameterValues,
  lowestSpot: number,
  highestSpot: number,
): Kinks {
  const low = Math.log(lowestSpot);
  const width = Math.log(highestSpot) - low;
  let nodes: Float64Array = Float64Array.from({ length: GRID + 1 }, (_, i) => low + (width * i) / GRID);
  fillExp(nodes, nodes, 0, nodes.length);
  const kinks: number[] = [];
  const poles: { spot: number; position: number }[] = [];
  for (const { part, position, pole } of decidingParts(expression.root)) {
    const program = compilePart(expression, part, values);
    // A constant decides nothing.
    if (program.inputs.length === 0) continue;
    const evaluator = createEvaluator(program, nodes.length);
    const single = createEvaluator(program, 1);
    for (const input of evaluator.inputs) input.set(nodes);
    const roots = rootsOf(nodes, evaluator.evaluate(nodes.length), (spot) => {
      for (const input of single.inputs) input[0] = spot;
      return single.evaluate(1)[0]!;
    });
    const inside = roots.filter((root) => root > lowestSpot && root < highestSpot);
    if (inside.length === 0) continue;
    nodes = distinct(Float64Array.of(...nodes, ...inside));
    kinks.push(...inside);
    if (pole) poles.push(...inside.map((spot) => ({ spot, position })));
  }
  return { spots: distinct(Float64Array.from(kinks)), poles };
}

/** Ascending, without numbers that differ by rounding only. */
function distinct(spots: Float64Array): Float64Array {
  spots.sort();
  return spots.filter((spot, i) => i === 0 || spot - spots[i - 1]! > 8e-16 * spot);
}

type DecidingPart = { readonly part: Expression; readonly position: number; readonly pole: boolean };

/** Innermost first. */
function decidingParts(node: Expression): DecidingPart[] {
  if (node.kind !== 'operation') return [];
  const { operation, operands, position } = node;
  const parts = operands.flatMap(decidingParts);
  const [a, b] = operands;
  const add = (part: Expression, pole = false): void => {
    parts.push({ part, position, pole });
  };
  switch (operation) {
    case 'max':
    case 'min':
    case 'smaller':
    case 'smallerEqual':
    case 'larger':
    case 'largerEqual':
    case 'equal':
    case 'unequal':
      add({ kind: 'operation', operation: 'subtract', operands: [a!, b!], position });
      break;
    case 'abs':
    case 'sqrt':
      add(a!);
      break;
    case 'power':
      // A negative power is a quotient, a fractional one a root.
      add(a!, true);
      break;
    case 'log':
      add(a!, true);
      break;
    case 'divide':
      add(b!, true);
      break;
    case 'and':
    case 'or':
      add(a!);
      add(b!);
      break;
    case 'not':
    case 'select':
      add(a!);
      break;
    default:
      break;
  }
  return parts;
}

function rootsOf(nodes: Float64Array, values: Float64Array, at: (spot: number) => number): number[] {
  const roots: number[] = [];
  for (let i = 1; i < nodes.length; i++) {
    const left = values[i - 1]!;
    const right = values[i]!;
    if (left * right < 0) roots.push(edge(nodes[i - 1]!, nodes[i]!, (spot) => at(spot) > 0));
    // The edges of where it is zero, and of where it is a number at all.
    else if ((left === 0) !== (right === 0))
      roots.push(edge(nodes[i - 1]!, nodes[i]!, (spot) => at(spot) === 0));
    else if (Number.isNaN(left) !== Number.isNaN(right)) {
      roots.push(edge(nodes[i - 1]!, nodes[i]!, (spot) => Number.isNaN(at(spot))));
    }
    if (i >= 2 && dips(values[i - 2]!, left, right)) roots.push(...hiddenRoots(nodes, values, i, at));
  }
  return roots;
}

/** Whether |g| is smallest in the middle, without a change of sign. */
function dips(a: number, b: number, c: number): boolean {
  return b > 0 ? a >= b && c >= b && a + c > 2 * b : a <= b && c <= b && b < 0 && a + c < 2 * b;
}

/** The first double of [from, to] at which a condition has changed. */
function edge(from: number, to: number, condition: (spot: number) => boolean): number {
  let a = from;
  let b = to;
  const atFrom = condition(a);
  for (;;) {
    const middle = a + 0.5 * (b - a);
    if (!(middle > a && middle < b)) return b;
    if (condition(middle) === atFrom) a = middle;
    else b = middle;
  }
}

const GOLDEN = 0.3819660112501051;

/** Where |g| dips between nodes i - 2 and i, two roots may lie close together: look for the bottom. */
function hiddenRoots(
  nodes: Float64Array,
  values: Float64Array,
  i: number,
  at: (spot: number) => number,
): number[] {
  const sign = Math.sign(values[i - 1]!);
  let low = nodes[i - 2]!;
  let high = nodes[i]!;
  let middle = nodes[i - 1]!;
  let lowest = sign * values[i - 1]!;
  for (let iteration = 0; iteration < 80 && lowest > 0; iteration++) {
    const rightIsWider = high - middle > middle - low;
    const trial = rightIsWider ? middle + GOLDEN * (high - middle) : middle - GOLDEN * (middle - low);
    const value = sign * at(trial);
    if (value < lowest) {
      if (rightIsWider) low = middle;
      else high = middle;
      middle = trial;
      lowest = value;
    } else if (rightIsWider) high = trial;
    else low = trial;
  }
  if (lowest > 0) return [];
  if (lowest === 0) return [middle];
  return [
    edge(nodes[i - 2]!, middle, (spot) => sign * at(spot) > 0),
    edge(middle, nodes[i]!, (spot) => sign * at(spot) > 0),
  ];
}
