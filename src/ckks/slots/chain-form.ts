import {
  type CkksParameters,
  ckksParameters,
  MAX_KERNEL_PRIME_BITS,
  MODULUS_CAP_BITS,
  type PolynomialDegree,
} from '../parameters.ts';
import type { Shape } from './probe.ts';

/** How many primes make up the last modulus, and each level above it. */
export type ChainForm = {
  readonly first: number;
  readonly each: number;
  /** Least bits of the special prime where keys are switched. */
  readonly specialBits: number;
  readonly most: number;
};

/**
 * Forms from the fastest to the most precise. One prime a level reaches scales of 49 bits less the head-room of the last modulus. Two for
 * the last modulus take that limit away, and a smaller special prime makes room for them: keys are switched before the rescale, where what
 * a smaller one adds is divided by a prime (ADR 11). Two primes a level reach scales of 80 bits: those of results that are flooded, or
 * that are to be precise to what doubles tell. Public operands must stay below 2^90, the limit of the kernels' encoder.
 */
export const CHAIN_FORMS: readonly ChainForm[] = [
  { first: 1, each: 1, specialBits: MAX_KERNEL_PRIME_BITS, most: MAX_KERNEL_PRIME_BITS },
  { first: 2, each: 1, specialBits: 35, most: MAX_KERNEL_PRIME_BITS },
  { first: 2, each: 2, specialBits: MAX_KERNEL_PRIME_BITS, most: 80 },
];

/** Smaller scales drown in rounding, and there are too few primes. */
export const LEAST_SCALE_BITS = 20;
/** Bits of the last modulus beyond the scale where there is room: values may leave their declared bounds by a factor before a batch is lost. */
const COMFORTABLE_BITS = 3;
/** Special prime where no key is switched: SEAL wants one, and it only divides what public-key encryption adds. */
const IDLE_SPECIAL_BITS = 25;

/** SEAL has a special prime, and with it keys to switch to, only where there are several primes for data. */
export function appliesTo(form: ChainForm, shape: Shape): boolean {
  return !shape.switchesKeys || dataPrimes(form, shape) > 1;
}

/** What sizes of a modulus depend on. */
type Demand = Omit<Shape, 'depths'>;

const dataPrimes = ({ first, each }: ChainForm, { levels }: Demand): number => first + levels * each;

/** The largest scale whose chain is within the security cap and the kernels' primes. */
export function largestScale(degree: PolynomialDegree, shape: Shape, form: ChainForm): number | undefined {
  const limit = MAX_KERNEL_PRIME_BITS * form.first;
  for (let bits = form.most; bits >= LEAST_SCALE_BITS; bits--) {
    if (bits + shape.headroomBits > limit) continue;
    if (leastBits(shape, form, bits) <= MODULUS_CAP_BITS[degree]) return bits;
  }
  return undefined;
}

/** Bits of the whole modulus at this scale, at least. */
export function leastBits(shape: Demand, form: ChainForm, scaleBits: number): number {
  return scaleBits + shape.headroomBits + shape.levels * scaleBits + specialBits(shape, form);
}

/** Bits that the last modulus can have beyond the scale. */
export function spareBits(
  degree: PolynomialDegree,
  shape: Shape,
  form: ChainForm,
  scaleBits: number,
): number {
  const room = MODULUS_CAP_BITS[degree] - leastBits(shape, form, scaleBits);
  return Math.min(room, MAX_KERNEL_PRIME_BITS * form.first - scaleBits - shape.headroomBits);
}

/** @throws ParametersError where there are too few primes of these sizes. */
export function parametersFor(
  degree: PolynomialDegree,
  shape: Shape,
  form: ChainForm,
  scaleBits: number,
): CkksParameters {
  const spare = spareBits(degree, shape, form, scaleBits);
  const comfort = Math.max(0, Math.min(spare, COMFORTABLE_BITS - shape.headroomBits));
  const first = scaleBits + shape.headroomBits + comfort;
  const data = [...parts(first, form.first)];
  for (let level = 0; level < shape.levels; level++) data.push(...parts(scaleBits, form.each));
  const least = specialBits(shape, form);
  const left = MODULUS_CAP_BITS[degree] - data.reduce((sum, bits) => sum + bits, 0);
  const special = shape.switchesKeys ? Math.min(left, MAX_KERNEL_PRIME_BITS) : least;
  return ckksParameters(degree, data, data.length === 1 ? undefined : special);
}

function specialBits(shape: Demand, form: ChainForm): number {
  if (dataPrimes(form, shape) === 1) return 0;
  return shape.switchesKeys ? form.specialBits : IDLE_SPECIAL_BITS;
}

/** As equal as whole numbers are, the larger first. */
function parts(bits: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.floor((bits + count - 1 - i) / count));
}
