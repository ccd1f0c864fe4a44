import type { FieldVector } from '../../kernels/field-vector.ts';
import { coefficients, coinsFor } from '../engine/coefficients.ts';
import {
  type Context,
  join,
  open,
  openUniform,
  type Protocol,
  reshare,
  uniform,
} from '../engine/protocol.ts';
import { type InputRange, straddles, sumOfMagnitudes } from '../input-range.ts';
import { carry } from './carry.ts';
import { maskableBits61 } from './masking.ts';

/** An input as its owner dealt it: the shares of its elements, and those of the bits that prove their range. */
export type DealtInput = {
  readonly owner: string;
  readonly range: InputRange;
  readonly value: FieldVector;
  readonly bits: FieldVector;
};

/**
 * Proves that inputs lie within their ranges, before anything is opened that mixes them with those of others. Owners have dealt bits and are not needed any
 * more. Checked, for every owner: that sum rho_j b_j (b_j - 1) = 0, a product which is itself verified; that the elements, minus what the bits
 * stand for, add up to zero with random coefficients; and that all shares dealt are of degree t.
 *
 * Soundness: an input outside of its range, by one unit or by any more, passes with probability below (log2(bits) + 1) 2^-61 plus that of
 * verification. Completeness: certain. What fails is not the parties' doing unless a check of theirs fails as well, so that the error names
 * the owner. Who learns what: nobody anything about an input that is within its range (masked pieces, within 2^-KAPPA of uniform); about one that is not, all
 * parties may learn all.
 * Cost: four rounds and a verification; 8 bytes a bit from the owner to each party, 8 bytes a piece of 17 bits (n = 3) among parties; about four products
 * modulo 2^61 - 1 a bit.
 */
export function* proveInputs(context: Context, inputs: readonly DealtInput[]): Protocol<void> {
  const { k61, k127 } = context;
  // Opened before the coins, this is also the barrier behind which every party has been dealt everything.
  const pieces = k61.concat(inputs.flatMap((input) => piecesOf(context, input)));
  const carried = yield* carry(context, pieces, maskableBits61(context.scheme), openUniform);
  const owners = [...new Set(inputs.map(({ owner }) => owner))];
  const dealt = owners.map((owner) => inputs.filter((input) => input.owner === owner));
  const bits = dealt.map((of) => k61.concat(of.map((input) => input.bits)));
  const defects: FieldVector[][] = dealt.map(() => []);
  let at = 0;
  for (const input of inputs) {
    const { defect, used } = defectOf(context, input, carried, at);
    at += used;
    defects[owners.indexOf(input.owner)]!.push(defect);
  }
  const wholes = defects.map((of) => k127.concat(of));
  const most = (vectors: readonly FieldVector[]): number => Math.max(...vectors.map(({ length }) => length));
  const [rhos, sigmas] = yield* join<[FieldVector, FieldVector]>([
    openUniform(yield* uniform(1, coinsFor(most(bits)))),
    openUniform(yield* uniform(2, coinsFor(most(wholes)))),
  ]);
  const rho = coefficients(context, k61, rhos, most(bits));
  const sigma = coefficients(context, k127, sigmas, most(wholes));
  const weighted = bits.map((b) => k61.mul(b, rho.part(0, b.length)));
  const less = bits.map((b) => k61.addConstant(b, -1n));
  const hidden = yield* uniform(1, owners.length);
  const ones = (length: number): FieldVector => k61.addConstant(k61.zeros(length), 1n);
  const sums = weighted.map((w) => k61.dots(w, ones(w.length), 1));
  const [z, ends] = yield* join<[FieldVector, FieldVector, FieldVector]>([
    reshare(k61.concat(weighted.map((w, i) => k61.dots(w, less[i]!, 1)))),
    openUniform(k127.concat(wholes.map((d) => k127.dots(d, sigma.part(0, d.length), 1)))),
    // Only for the check of its degree.
    openUniform(k61.add(k61.concat(sums), hidden)),
  ]);
  owners.forEach((owner, i) => {
    context.require(() => context.read(ends)[i] === 0n, 'input', owner);
    context.products.add({ x: weighted[i]!, y: less[i]!, z: z.part(i, i + 1) });
  });
  const squares = yield* open(z);
  owners.forEach((owner, i) => {
    context.require(() => context.read(squares)[i] === 0n, 'input', owner);
  });
}

/** Rows of a part that one piece takes: as many bits as can be carried, and the last bit, whose weight is no power of two, by itself. */
function piecesOfPart(context: Context, bits: number): { readonly from: number; readonly to: number }[] {
  const size = maskableBits61(context.scheme);
  const pieces = Array.from({ length: Math.ceil((bits - 1) / size) }, (_, i) => ({
    from: i * size,
    to: Math.min((i + 1) * size, bits - 1),
  }));
  return [...pieces, { from: bits - 1, to: bits }];
}

/** Shares of every piece, part by part. */
function piecesOf(context: Context, { range, bits }: DealtInput): FieldVector[] {
  let start = 0;
  return range.parts.flatMap((part) => {
    const first = start;
    start += part.bits * part.length;
    const row = (j: number): FieldVector => bits.part(first + j * part.length, first + (j + 1) * part.length);
    return piecesOfPart(context, part.bits).map(({ from, to }) => {
      const rows = Array.from({ length: to - from }, (_, i) => i);
      return context.k61.combine(
        rows.map((i) => 1n << BigInt(i)),
        rows.map((i) => row(from + i)),
      );
    });
  });
}

/** What is zero where the carried pieces, from `at`, say what the elements are. */
function defectOf(
  context: Context,
  { range, value }: DealtInput,
  carried: FieldVector,
  at: number,
): { readonly defect: FieldVector; readonly used: number } {
  const { k127 } = context;
  const { low, high, l1, parts } = range;
  let start = at;
  const values = parts.map(({ length, bits, last }) => {
    const pieces = piecesOfPart(context, bits);
    const vectors = pieces.map((_, i) => carried.part(start + i * length, start + (i + 1) * length));
    start += pieces.length * length;
    const weights = pieces.map(({ from, to }) => (to === bits ? last : 1n << BigInt(from)));
    return k127.combine(weights, vectors);
  });
  const split = l1 !== undefined && straddles(range);
  const magnitudes = values.slice(0, split ? 2 : 1);
  const element = split ? k127.sub(magnitudes[0]!, magnitudes[1]!) : k127.addConstant(magnitudes[0]!, low);
  const defects = [k127.sub(value, element)];
  if (l1 !== undefined) {
    const sum = sumOfMagnitudes(k127, value, magnitudes, high);
    defects.push(k127.addConstant(k127.add(sum, values.at(-1)!), -l1));
  }
  return { defect: k127.concat(defects), used: start - at };
}
