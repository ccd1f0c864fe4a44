import { PlanError } from '../../base/errors.ts';
import { type Chain, canonicalScales, LEAST_LIFT, tooDeep, USABLE } from './chain.ts';
import { absOf, type Interval } from './interval.ts';
import type { SlotInstruction } from './program.ts';

/**
 * Checks that every slot of every register fits the modulus of its level: |value| scale < Q_l / 2, with room for noise.
 * @throws PlanError naming the level that is too small, or that levels are too few.
 */
export function checkModulus(
  chain: Chain,
  instructions: readonly SlotInstruction[],
  bounds: readonly Interval[],
): void {
  const [last] = canonicalScales(chain);
  let total = 0;
  const modulusBits = chain.primes.map((prime) => {
    total += Math.log2(prime);
    return total;
  });
  instructions.forEach(({ level, scale }, index) => {
    const size = absOf(bounds[index]!);
    const modulus = modulusBits[level]!;
    const scaleBits = Math.log2(scale);
    // SEAL refuses scales as large as the modulus, however small the values. Written so that NaN fails it.
    if (Math.log2(size) + scaleBits <= modulus + Math.log2(USABLE) && scaleBits < modulus - 1) return;
    if (level === 0 && scale > last! * LEAST_LIFT) throw tooDeep(chain.primes.length - 1);
    throw new PlanError(
      `a value of magnitude ${size.toPrecision(3)} at scale 2^${scaleBits.toFixed(1)} exceeds the modulus of level ${level}, ` +
        `2^${modulus.toFixed(1)}: one such slot would destroy its batch`,
      { level, magnitude: size, scaleBits, modulusBits: modulus },
    );
  });
}
