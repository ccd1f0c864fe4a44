import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SlotProgramBuilder } from '../../../../src/ckks/slots/builder.ts';
import type { SlotRegister } from '../../../../src/ckks/slots/draft.ts';
import { within } from '../../../../src/ckks/slots/interval.ts';
import { lowerCircuit } from '../../../../src/ckks/slots/lower.ts';
import { noiseOf, type SlotEncryption } from '../../../../src/ckks/slots/noise.ts';
import { type BuiltProgram, tidy } from '../../../../src/ckks/slots/tidy.ts';
import { SeededRandom } from '../../../../src/numeric/seeded.ts';
import { ARITHMETIC_OPS, arithmeticCircuits } from '../../../support/arithmetic-circuits.ts';
import { interpretSlots } from '../../../support/slot-interpreter.ts';
import { SlotRunner, weakParameters } from '../../../support/slot-runner.ts';

const LEVELS = 4;
const SCALE_BITS = 40;

/** Bits of precision: -log2 of an error. */
type Precision = { readonly min: number; readonly mean: number; readonly predicted: number };

const bits = (error: number): number => -Math.log2(error);

/** Measured over all slots of one register: the worst, and the mean over slots. */
function precisionOf(found: Float64Array, exact: Float64Array, predicted: number): Precision {
  let worst = 0;
  let sum = 0;
  found.forEach((value, i) => {
    const error = Math.max(Math.abs(value - exact[i]!), 2 ** -60);
    worst = Math.max(worst, error);
    sum += bits(error);
  });
  return { min: bits(worst), mean: sum / found.length, predicted: bits(predicted) };
}

describe.each([
  [1024, 'symmetric'],
  [4096, 'public'],
] as const)('noise at N = %i, %s encryption', (degree, encryption: SlotEncryption) => {
  const parameters = weakParameters(degree, [43, ...Array<number>(LEVELS).fill(SCALE_BITS)], 49);
  const slots = degree / 2;
  let runner: SlotRunner;
  beforeAll(async () => {
    runner = await SlotRunner.create(parameters);
  }, 60_000);
  afterAll(() => runner[Symbol.dispose]());

  async function measure(
    built: BuiltProgram,
    inputs: Readonly<Record<string, Float64Array>>,
  ): Promise<Record<string, Precision>> {
    const { ofRegister } = noiseOf(built, parameters, encryption);
    const exact = interpretSlots(built.program, { slots, primes: runner.primes }, inputs).registers;
    const found = await runner.run(built.program, inputs, encryption);
    return Object.fromEntries(
      built.program.outputs.flatMap(({ name, registers }) =>
        registers.map((register, block): [string, Precision] => [
          `${name} ${block}`,
          precisionOf(found[name]![block]!, exact[register]!, ofRegister(register).bound),
        ]),
      ),
    );
  }

  it('is bounded for every operation at every level, within six bits in the mean', async () => {
    const random = new SeededRandom(degree);
    const vector = () => Float64Array.from({ length: slots }, () => random.between(-1, 1));
    const builder = new SlotProgramBuilder({ slots, primes: runner.primes, scaleBits: SCALE_BITS });
    const spec = { length: slots, blocks: 1, padding: 'zero' } as const;
    const x = builder.input({ name: 'x', ...spec }, within(1))[0]!;
    const y = builder.input({ name: 'y', ...spec }, within(1))[0]!;
    const registers: Record<string, SlotRegister> = { encryption: x };
    let power = x;
    for (let level = LEVELS; level >= 1; level--) {
      const other = builder.lift(y, level, builder.scaleAt(level));
      const named: Record<string, SlotRegister> = {
        lift: other,
        sum: builder.add(power, other),
        shifted: builder.addPlain(power, vector()),
        dropped: builder.dropTo(x, level),
        rotated: builder.rotate(power, 1),
        scaled: builder.settle(builder.mulPlain(power, vector())),
        constant: builder.settle(builder.mulPlain(power, 0.7)),
        square: builder.settle(builder.square(power)),
        product: builder.settle(builder.multiply(power, other)),
        inner: builder.settle(
          builder.innerProduct([
            [power, other],
            [other, other],
          ]),
        ),
        lazy: builder.rescale(builder.multiply(power, other)),
      };
      for (const [name, register] of Object.entries(named)) registers[`${name} at level ${level}`] = register;
      power = named.product!;
    }
    let total = x;
    for (let step = 1; step < slots; step *= 2) total = builder.add(total, builder.rotate(total, step));
    registers['sum of all slots'] = total;
    const outputs = Object.entries(registers).map(([name, { index }]) => ({
      name,
      length: slots,
      registers: [index],
    }));
    const built = tidy(builder.draft(), outputs);
    const precisions = Object.entries(await measure(built, { x: vector(), y: vector() }));
    expect(precisions.length).toBe(2 + 11 * LEVELS);
    let gap = 0;
    for (const [name, { min, mean, predicted }] of precisions) {
      expect(predicted, name).toBeLessThanOrEqual(min);
      expect(mean, name).toBeGreaterThan(min);
      gap += min - predicted;
    }
    expect(gap / precisions.length).toBeLessThan(6);
  }, 60_000);

  it('is bounded in random circuits', async () => {
    const gaps: number[] = [];
    const circuits = fc.sample(arithmeticCircuits(7, 200, ARITHMETIC_OPS), { numRuns: 60, seed: 7 });
    for (const { circuit, inputs } of circuits) {
      let built: BuiltProgram;
      try {
        built = lowerCircuit(circuit, { slots, primes: runner.primes, scaleBits: SCALE_BITS });
      } catch {
        // Too deep for four levels, or public altogether.
        continue;
      }
      // Galois keys are made anew for every circuit: a few will do.
      if (gaps.length >= 12) break;
      for (const [name, { min, predicted }] of Object.entries(await measure(built, inputs))) {
        expect(predicted, `${name} of ${circuit.digest}`).toBeLessThanOrEqual(min);
        gaps.push(min - predicted);
      }
    }
    expect(gaps.length).toBeGreaterThanOrEqual(10);
    expect(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length).toBeLessThan(6);
  }, 60_000);
});
