import type { FieldVector } from '../../kernels/field-vector.ts';
import { coefficients, coinsFor } from '../engine/coefficients.ts';
import {
  barrier,
  type Context,
  keySetCount,
  open,
  openUniform,
  type Protocol,
  permute,
  uniform,
} from '../engine/protocol.ts';
import { multiply, productOfRows } from './multiply.ts';

/**
 * Columns modulo 2^127 - 1 of equal length, all in the same uniformly random order that no t parties know (Laur, Willemson and Zhang, "Round-efficient oblivious
 * database manipulation", ISC 2011): for every set of t parties, the others, who share a key, apply a permutation from it to their shares and share the result anew.
 *
 * Against parties that deviate, a column of random tags goes along, and prod (X - f_i) = prod (X - f'_i) is checked at a random X for random combinations f of a row's
 * columns and its tag: whoever changes anything would have to guess tags, so that the check fails whatever the values are. A false pass has probability
 * below (n + columns) n / 2^127, and that of verification. Who learns what: nobody anything.
 * Cost: binom(n, t) rounds; and against parties that deviate a further column, 2 n products, log2(n) + 5 rounds and a verification.
 */
export function* shuffle(
  context: Context,
  columns: readonly FieldVector[],
): Protocol<readonly FieldVector[]> {
  const { k127, scheme } = context;
  const { length } = columns[0]!;
  const checked = context.security === 'malicious';
  const before = checked ? [...columns, yield* uniform(2, length)] : columns;
  let moved = k127.concat(before);
  for (let set = 0; set < keySetCount(scheme); set++) moved = yield* permute(moved, before.length, set);
  const after = before.map((_, i) => moved.part(i * length, (i + 1) * length));
  if (checked) yield* checkSameRows(context, before, after);
  return after.slice(0, columns.length);
}

/** Ends in an error unless the rows of both are the same but for their order. */
function* checkSameRows(
  context: Context,
  before: readonly FieldVector[],
  after: readonly FieldVector[],
): Protocol<void> {
  const { k127, scheme } = context;
  const { length } = before[0]!;
  yield* barrier();
  const coins = yield* openUniform(yield* uniform(2, before.length + 1 + coinsFor(length)));
  const [x, ...factors] = context.read(coins.part(0, before.length + 1));
  const rows = [before, after].map((columns) => k127.combine(factors, columns));
  if (scheme.parties > 2 * scheme.threshold + 1) {
    // Only for the check of its degree: where there are more shares than fix a polynomial, a dealer may have dealt others.
    const random = coefficients(context, k127, coins.part(before.length + 1, coins.length), length);
    const hidden = yield* uniform(2, 1);
    yield* openUniform(k127.add(k127.dots(rows[1]!, random, 1), hidden));
  }
  const places = Uint32Array.from({ length: 2 * length }, (_, i) => (i >> 1) + (i & 1) * length);
  const terms = k127.addConstant(k127.scale(k127.gather(k127.concat(rows), places), -1n), x!);
  const products = yield* productOfRows(context, terms, length);
  const difference = k127.sub(products.part(0, 1), products.part(1, 2));
  const masked = yield* open(yield* multiply(context, difference, yield* uniform(2, 1)));
  context.require(() => context.read(masked)[0] === 0n, 'permutation');
}
