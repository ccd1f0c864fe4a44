import type { FieldKernels } from '../../kernels/field-kernels.ts';
import type { FieldVector, Width } from '../../kernels/field-vector.ts';
import { type BitClaim, type BitProof, DEALT, powersOf } from './bit-proof.ts';
import { coefficients, coinsFor } from './coefficients.ts';
import { consecutiveFactors, factorsBeyond } from './interpolation.ts';
import type { MatrixClaim, ProductClaim } from './product-log.ts';
import {
  barrier,
  type Context,
  join,
  kernelsOf,
  openUniform,
  type Protocol,
  proveBits,
  reshare,
  uniform,
} from './protocol.ts';

/**
 * Verification of products (Goyal and Song, "Malicious security comes free in honest-majority MPC", ePrint
 * 2020/134; Boneh, Boyle, Corrigan-Gibbs, Gilboa and Ishai, "Zero-knowledge proofs on secret-shared data via
 * fully linear PCPs", CRYPTO 2019). All claims z = <x, y> become one inner product by random coefficients; its
 * length is divided by k again and again: with f, g the polynomials through the k pieces of X and Y, and h = <f, g>
 * through 2k - 1 shared inner products, the claim is moved to a random point. The last piece is random, so that what is
 * opened in the end says nothing.
 *
 * Every coin is opened a round later than the last message that may depend on it: see {@link barrier}.
 *
 * Soundness: a wrong product passes with probability below (log2 m + sum 2k) / p: 2^-50 modulo 2^61 - 1 for up to 2^22
 * products. What the adversary can add to a product does not depend on secrets, so that an abort says nothing either.
 * Cost: a few products modulo p an element, some hundred elements on the wire, three rounds a division and three or four.
 */
export function* verifyProducts(context: Context): Protocol<void> {
  const fields: Width[] = [1, 2];
  const claims = fields
    .map((width) => ({
      width,
      ...context.products.take(width),
      bits: width === 1 ? context.products.takeBits() : [],
    }))
    .filter(({ products, matrices, bits }) => products.length + matrices.length + bits.length > 0);
  yield* join(
    claims.map(({ width, products, matrices, bits }) =>
      verifyField(context, width, products, matrices, bits),
    ),
  );
  context.products.verified();
}

/** Pieces into which so many products are divided. Few where products are many: interpolation costs 2k an element. */
function piecesFor(length: number): number {
  if (length > 8192) return 4;
  if (length > 1024) return 8;
  return Math.ceil(Math.sqrt(length));
}

/** So few pieces of one element are the last ones. */
const LAST_PIECES = 63;

type InnerProduct = { readonly x: FieldVector; readonly y: FieldVector; readonly z: FieldVector };

function* verifyField(
  context: Context,
  width: Width,
  products: readonly ProductClaim[],
  matrices: readonly MatrixClaim[],
  bits: readonly BitClaim[],
): Protocol<void> {
  const k = kernelsOf(context, width);
  // What is said of bits is dealt before any coin: what is judged by one has been received by all.
  const proof = bits.length === 0 ? undefined : yield* proveBits(bits);
  const dealt = proof === undefined ? undefined : yield* reshare(proof.coefficients);
  // A point, and weights of all parties' claims but one.
  const bitCoins = proof === undefined ? 0 : context.scheme.parties;
  const rows = products.reduce((total, { z }) => total + z.length, matrices.length + Math.min(1, bitCoins));
  const most = matrices.reduce((longest, { rows: m, c }) => Math.max(longest, m, c.length / m), 0);
  const sides = most === 0 ? 0 : coinsFor(most);
  const padX = yield* uniform(width, 1);
  const padY = yield* uniform(width, 1);
  const hidden = yield* uniform(width, 1);
  const coins = yield* uniform(width, coinsFor(rows) + 2 * sides + bitCoins);
  const [padZ] = yield* join<[FieldVector, FieldVector]>([reshare(k.mul(padX, padY)), barrier()]);
  const gammas = yield* openUniform(coins);
  const coinsAt = (start: number, end: number): FieldVector => gammas.part(start, end);
  const left = coefficients(context, k, coinsAt(0, sides), most);
  const right = coefficients(context, k, coinsAt(sides, 2 * sides), most);
  const end = gammas.length - bitCoins;
  const folded = proof && foldBits(context, proof, dealt!, coinsAt(end, gammas.length));
  const claims = [...products, ...matrices.map((matrix) => asProduct(k, matrix, left, right))];
  const weights = coefficients(context, k, coinsAt(2 * sides, end), rows);
  let claim = combineClaims(context, k, folded, claims, weights);
  weights.recycle();
  while (claim.x.length > LAST_PIECES) {
    const { x, y } = claim;
    claim = yield* divide(context, k, claim, piecesFor(x.length));
    for (const vector of [x, y]) vector.recycle();
  }
  const padded = {
    x: k.concat([claim.x, padX]),
    y: k.concat([claim.y, padY]),
    z: k.add(claim.z, padZ),
  };
  const last = yield* divide(context, k, padded, padded.x.length);
  yield* checkLast(context, k, last, hidden);
}

/**
 * Every party's claims on its bits as one inner product, with weights from coins, at a point that was drawn after the coefficients of its h were dealt. A wrong product of bits passes with
 * probability (DEALT + 1) / p, and as a wrong product does.
 */
function foldBits(
  context: Context,
  { count, fold }: BitProof,
  coefficients: FieldVector,
  coins: FieldVector,
): ProductClaim {
  const { k61: k } = context;
  const [point, ...rest] = context.read(coins);
  const weights = [1n, ...rest];
  const { x, y } = fold(point!, weights);
  const powers = powersOf(point!, DEALT + 1);
  const [middle] = powers.splice(DEALT / 2, 1);
  const all = weights.flatMap((weight) => powers.map((power) => power * weight));
  const total = weights.reduce((sum, weight) => sum + weight, 0n) * 2n * BigInt(count);
  const z = k.dots(coefficients, context.constant(all, 1), 1);
  return { x, y, z: k.addConstant(z, total * middle!) };
}

/** C = A B as u' C v = <u' A, B v> for random u and v (Freivalds, MFCS 1979): an inner product as long as A is wide. */
function asProduct(
  k: FieldKernels,
  { a, b, c, rows }: MatrixClaim,
  left: FieldVector,
  right: FieldVector,
): ProductClaim {
  const inner = a.length / rows;
  const cols = c.length / rows;
  const u = left.part(0, rows);
  const v = right.part(0, cols);
  return { x: k.matMul(u, a, 1), y: k.matMul(b, v, inner), z: k.dots(k.matMul(u, c, 1), v, 1) };
}

/** All claims as one, which owns its vectors. @param folded is given up to it, and has the first weight, which is 1. */
function combineClaims(
  context: Context,
  k: FieldKernels,
  folded: ProductClaim | undefined,
  claims: readonly ProductClaim[],
  coefficients: FieldVector,
): InnerProduct {
  const first = folded === undefined ? [] : [folded];
  let row = first.length;
  const xs: FieldVector[] = first.map(({ x }) => x);
  for (const { x, z } of claims) {
    xs.push(weighted(context, k, x, coefficients.part(row, row + z.length)));
    row += z.length;
  }
  const all = [...first, ...claims];
  const length = xs.reduce((total, x) => total + x.length, 0);
  // As many as can be divided without padding, so that it is copied once.
  const pieces = length > LAST_PIECES ? piecesFor(length) : 1;
  const padding = pieces * Math.ceil(length / pieces) - length;
  const z = k.dots(k.concat(all.map((claim) => claim.z)), coefficients, 1);
  if (folded !== undefined && claims.length === 0 && padding === 0) return { x: folded.x, y: folded.y, z };
  const zeros = k.zeros(padding);
  const claim = { x: k.concat([...xs, zeros]), y: k.concat([...all.map(({ y }) => y), zeros]), z };
  for (const vector of [...xs, ...first.map(({ y }) => y)]) vector.recycle();
  return claim;
}

/** x in as many pieces as there are public weights, each times its own. */
function weighted(context: Context, k: FieldKernels, x: FieldVector, weights: FieldVector): FieldVector {
  if (weights.length === 1) return k.scale(x, context.read(weights)[0]!);
  return k.mul(x, weights.length === x.length ? weights : stretch(k, weights, x.length / weights.length));
}

/** Every weight `times` times in a row. */
function stretch(k: FieldKernels, weights: FieldVector, times: number): FieldVector {
  const parts: FieldVector[] = [];
  for (let row = 0; row < weights.length; row++) {
    let filled = weights.part(row, row + 1);
    while (filled.length < times) filled = k.concat([filled, filled]);
    parts.push(filled.part(0, times));
  }
  return k.concat(parts);
}

/** Moves a claim to one of a `pieces`-th of its length, by three rounds. */
function* divide(
  context: Context,
  k: FieldKernels,
  { x, y, z }: InnerProduct,
  pieces: number,
): Protocol<InnerProduct> {
  const size = Math.ceil(x.length / pieces);
  const padded = (v: FieldVector): FieldVector =>
    v.length === size * pieces ? v : k.concat([v, k.zeros(size * pieces - v.length)]);
  const [f, g] = [padded(x), padded(y)];
  // At 0 .. pieces - 2 the pieces themselves, at pieces .. 2 pieces - 2 the polynomials through them.
  const beyond = context.constant(factorsBeyond(pieces, k.modulus), k.width);
  const [fBeyond, gBeyond] = [k.matMul(beyond, f, pieces - 1), k.matMul(beyond, g, pieces - 1)];
  const products = k.concat([
    k.dots(f.part(0, size * (pieces - 1)), g.part(0, size * (pieces - 1)), pieces - 1),
    k.dots(fBeyond, gBeyond, pieces - 1),
  ]);
  for (const vector of [fBeyond, gBeyond]) vector.recycle();
  const h = yield* reshare(products);
  // The inner product of the last piece is what is missing to z: nobody can be wrong about it.
  const ones = context.constant(new Array<bigint>(pieces - 1).fill(1n), k.width);
  const missing = k.sub(z, k.dots(h.part(0, pieces - 1), ones, 1));
  const values = k.concat([h.part(0, pieces - 1), missing, h.part(pieces - 1, 2 * pieces - 2)]);
  yield* barrier();
  const [zeta] = context.read(yield* openUniform(yield* uniform(k.width, 1)));
  const factors = context.constant(consecutiveFactors(pieces, zeta!, k.modulus), k.width);
  const all = context.constant(consecutiveFactors(2 * pieces - 1, zeta!, k.modulus), k.width);
  return { x: k.matMul(factors, f, 1), y: k.matMul(factors, g, 1), z: k.dots(values, all, 1) };
}

/**
 * Opens a claim of length one, which is uniform, and checks it. Where n > 2t + 1 a dealer can deal shares of too high a degree to
 * the honest parties; an error in z would then depend on what they hold. There z is opened only after a masked copy
 * has shown that it has degree t: opening checks every share.
 */
function* checkLast(
  context: Context,
  k: FieldKernels,
  { x, y, z }: InnerProduct,
  hidden: FieldVector,
): Protocol<void> {
  const { parties, threshold } = context.scheme;
  let opened: FieldVector;
  if (parties === 2 * threshold + 1) {
    opened = yield* openUniform(k.concat([x, y, z]));
  } else {
    const first = yield* openUniform(k.concat([x, y, k.add(z, hidden)]));
    opened = k.concat([first.part(0, 2), yield* openUniform(z)]);
  }
  context.require(() => {
    const [a, b, c] = context.read(opened);
    return (a! * b! - c!) % k.modulus === 0n;
  }, 'product');
}
