import type { Recorder, Wire } from '../record.ts';
import { mapPlain, type Plain, type Secret } from './value.ts';

export function multiply(recorder: Recorder, a: Secret, b: Secret): Secret {
  const [x, y] = alignedPair(recorder, a.wire, b.wire);
  return { kind: 'secret', wire: recorder.mul(x, y), depth: Math.max(a.depth, b.depth) + 1 };
}

/** A single value is repeated where it meets a vector. */
export function alignedPair(recorder: Recorder, a: Wire, b: Wire): readonly [Wire, Wire] {
  if (a.length === 1 && b.length > 1) return [recorder.replicate(a, b.length), b];
  if (b.length === 1 && a.length > 1) return [a, recorder.replicate(b, a.length)];
  return [a, b];
}

export function timesPlain(recorder: Recorder, a: Secret, plain: Plain): Secret {
  if (plain.kind === 'number') {
    const levels = Number.isInteger(plain.value) ? 0 : 1;
    return { kind: 'secret', wire: recorder.scale(a.wire, plain.value), depth: a.depth + levels };
  }
  const wire = a.wire.length === 1 ? recorder.replicate(a.wire, plain.w.length) : a.wire;
  return { kind: 'secret', wire: recorder.mulPlain(wire, plain.w), depth: a.depth + 1 };
}

/**
 * A product of any number of factors with the fewest levels: equal factors become squares of squares, public ones meet the factor
 * that has the most levels to spare, and the two shallowest are multiplied first (D. A. Huffman, Proceedings of the
 * IRE 40 (1952), for the depth of the tree instead of its weighted length).
 */
export function productOf(
  recorder: Recorder,
  secrets: readonly Secret[],
  publics: readonly Plain[],
  position: number,
): Secret {
  const counts = new Map<Wire, { readonly factor: Secret; readonly count: number }>();
  for (const factor of secrets) {
    counts.set(factor.wire, { factor, count: (counts.get(factor.wire)?.count ?? 0) + 1 });
  }
  const queue = [...counts.values()].flatMap(({ factor, count }) => squaringsOf(recorder, factor, count));
  const byDepth = (): void => {
    queue.sort((a, b) => a.depth - b.depth);
  };
  byDepth();
  if (publics.length > 0) {
    const plain = mapPlain(publics, (...x) => x.reduce((a, b) => a * b, 1), position, 'a product');
    // Alone or first: with other factors the shallowest takes it, for there a level may be free.
    queue[0] = timesPlain(recorder, queue[0]!, plain);
    byDepth();
  }
  while (queue.length > 1) {
    const [a, b] = queue.splice(0, 2);
    queue.push(multiply(recorder, a!, b!));
    byDepth();
  }
  return queue[0]!;
}

/** x^n as the factors x^(2^k) whose product it is. */
function squaringsOf(recorder: Recorder, x: Secret, n: number): readonly Secret[] {
  const factors: Secret[] = [];
  let square = x;
  for (let rest = n; ; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) factors.push(square);
    if (rest <= 1) return factors;
    square = multiply(recorder, square, square);
  }
}
