/**
 * Sobol' sequences in base 2 with 32 digits, scrambled from a seed (F110, F111).
 *
 * I. M. Sobol', "On the distribution of points in a cube and the approximate evaluation of integrals", USSR Comput.
 * Math. Math. Phys. 7 (1967), 86-112; direction numbers of Joe and Kuo (2008), see joe-kuo-numbers.ts.
 */
import { RangeError } from '../base/errors.ts';
import { JOE_KUO_INITIAL_NUMBERS, SOBOL_DIMENSIONS } from './joe-kuo-numbers.ts';
import { primitivePolynomials } from './primitive-polynomials.ts';
import type { SeededRandom } from './seeded.ts';

export { SOBOL_DIMENSIONS } from './joe-kuo-numbers.ts';

/** Binary digits of a coordinate, and the logarithm of the largest number of points. */
export const SOBOL_BITS = 32;

/** A Sobol' sequence, scrambled or not: what each digit of a point's index adds to each coordinate. */
export type SobolNet = {
  readonly dimensions: number;
  /** Element 32 d + k belongs to bit k (the lowest is 0) of the index in dimension d; the first digit is bit 31. */
  readonly directions: Uint32Array;
  /** A digital shift of each dimension; zero where not scrambled. */
  readonly shifts: Uint32Array;
};

/** Directions of the dimensions asked for so far. */
let known: Uint32Array = new Uint32Array(0);

/**
 * The sequence as published: its first point is the origin.
 * Cost: the first call for so many dimensions builds their table, 20 to 70 ms for all.
 * @throws RangeError unless `dimensions` is an integer from 1 to {@link SOBOL_DIMENSIONS}.
 */
export function sobolNet(dimensions: number): SobolNet {
  if (!(Number.isInteger(dimensions) && dimensions >= 1 && dimensions <= SOBOL_DIMENSIONS)) {
    throw new RangeError(
      `expected 1 to ${SOBOL_DIMENSIONS} dimensions of a Sobol' sequence, found ${dimensions}`,
      { dimensions },
    );
  }
  if (known.length < SOBOL_BITS * dimensions) known = buildDirections(dimensions);
  return {
    dimensions,
    directions: known.subarray(0, SOBOL_BITS * dimensions),
    shifts: new Uint32Array(dimensions),
  };
}

function buildDirections(dimensions: number): Uint32Array {
  const directions = new Uint32Array(SOBOL_BITS * dimensions);
  // Dimension 1 is van der Corput's sequence: the index with its digits reversed.
  for (let k = 0; k < SOBOL_BITS; k++) directions[k] = 2 ** (31 - k);
  const packed = atob(JOE_KUO_INITIAL_NUMBERS);
  let position = 0;
  const nextBit = (): number => (packed.charCodeAt(position >> 3) >> (7 - (position++ & 7))) & 1;
  let dimension = 1;
  for (let degree = 1; dimension < dimensions; degree++) {
    for (const polynomial of primitivePolynomials(degree)) {
      const v = directions.subarray(SOBOL_BITS * dimension, SOBOL_BITS * (dimension + 1));
      for (let k = 1; k <= degree; k++) {
        let upper = 0;
        for (let bit = 1; bit < k; bit++) upper = 2 * upper + nextBit();
        v[k - 1] = (2 * upper + 1) * 2 ** (32 - k);
      }
      // v_k = c_1 v_(k-1) + ... + c_(s-1) v_(k-s+1) + v_(k-s) + v_(k-s) / 2^s for x^s + c_1 x^(s-1) + ... + 1.
      for (let k = degree; k < SOBOL_BITS; k++) {
        let word = v[k - degree]! ^ (v[k - degree]! >>> degree);
        for (let i = 1; i < degree; i++) {
          if ((polynomial >>> (degree - i)) & 1) word ^= v[k - i]!;
        }
        v[k] = word;
      }
      if (++dimension === dimensions) break;
    }
  }
  return directions;
}

/**
 * The sequence under a random linear scrambling and a random digital shift (F111): every point becomes uniform on
 * the cube, and the net keeps its quality, so that the mean over a scrambled net is an unbiased estimate of an
 * integral, and means over independent scramblings give its standard error.
 *
 * J. Matousek, "On the L2-discrepancy for anchored boxes", J. Complexity 14 (1998), 527-556, section 2.3 (the
 * variance of a mean is that of A. B. Owen's nested scrambling, "Scrambled net variance for integrals of smooth
 * functions", Ann. Statist. 25 (1997), for which a matrix and a shift are enough). Cost: some 3 us a dimension,
 * once; points then cost the same.
 */
export function scrambleSobol(net: SobolNet, random: SeededRandom): SobolNet {
  const directions = new Uint32Array(net.directions.length);
  const shifts = new Uint32Array(net.dimensions);
  const columns = new Uint32Array(SOBOL_BITS);
  for (let d = 0; d < net.dimensions; d++) {
    // A lower triangular matrix with ones on its diagonal: digit j of a coordinate moves digits j, j + 1, ...
    for (let j = 0; j < SOBOL_BITS; j++) {
      const diagonal = 2 ** (31 - j);
      columns[j] = diagonal | (random.u32() & (diagonal - 1));
    }
    for (let k = 0; k < SOBOL_BITS; k++) {
      let scrambled = 0;
      for (let rest = net.directions[SOBOL_BITS * d + k]!; rest !== 0; ) {
        const j = Math.clz32(rest);
        scrambled ^= columns[j]!;
        rest &= ~(0x80000000 >>> j);
      }
      directions[SOBOL_BITS * d + k] = scrambled;
    }
    shifts[d] = net.shifts[d]! ^ random.u32();
  }
  return { dimensions: net.dimensions, directions, shifts };
}

/**
 * Coordinates of consecutive points in one dimension, in units of 2^-32: point n is the sum over the digits of n of
 * their directions (not of its Gray code: any 2^m points from a multiple of 2^m are the same set either way).
 *
 * Cost: about 1 ns a coordinate.
 * @param dimension from 0.
 * @param first index of the first point.
 * @param out receives out.length coordinates; (coordinate + 1/2) / 2^32 lies inside (0, 1).
 * @throws RangeError unless the net has the dimension, and 0 <= first and first + out.length <= 2^32.
 */
export function fillSobol(net: SobolNet, dimension: number, first: number, out: Uint32Array): void {
  if (!(Number.isInteger(dimension) && dimension >= 0 && dimension < net.dimensions)) {
    throw new RangeError(`expected a dimension from 0 to ${net.dimensions - 1}, found ${dimension}`, {
      dimension,
    });
  }
  if (!(Number.isInteger(first) && first >= 0 && first + out.length <= 2 ** SOBOL_BITS)) {
    throw new RangeError(`expected points between 0 and 2^32, found ${out.length} from ${first}`, { first });
  }
  const v = net.directions.subarray(SOBOL_BITS * dimension, SOBOL_BITS * (dimension + 1));
  const shift = net.shifts[dimension]!;
  let done = 0;
  while (done < out.length) {
    const index = first + done;
    // The largest run that starts here on a multiple of its own length: its points differ from the first in low
    // digits only.
    let bits = index === 0 ? SOBOL_BITS - 1 : 31 - Math.clz32(index & -index);
    while (2 ** bits > out.length - done) bits--;
    let start = shift;
    for (let k = bits; k < SOBOL_BITS; k++) if ((index >>> k) & 1) start ^= v[k]!;
    out[done] = start;
    for (let k = 0; k < bits; k++) {
      const step = v[k]!;
      const size = 1 << k;
      for (let i = 0; i < size; i++) out[done + size + i] = out[done + i]! ^ step;
    }
    done += 2 ** bits;
  }
}
