import { describe, expect, it } from 'vitest';
import { PlanError } from '../../../src/base/errors.ts';
import { checkMemory, keyHolderMemory, sealEvaluatorMemory } from '../../../src/ckks/memory.ts';
import { sealPrimes } from '../../../src/numeric/ntt-primes.ts';
import { measureMemory } from '../../support/measured-memory.ts';
import { insecureParameters } from '../../support/seal-contexts.ts';
import { ProgramWriter } from '../../support/slot-programs.ts';

const MiB = 2 ** 20;

describe('memory of SEAL, predicted', () => {
  it.each([
    [4096, [45, 36, 36, 36, 36], 3, 40],
    [8192, [48, 40, 40], 1, 10],
    [8192, [48, 40, 40, 40, 40, 40], 12, 20],
  ])(
    'is at least what N = %i, primes %j, %i rotations, %i operations take, and at most twice',
    async (degree, bits, rotations, operations) => {
      const steps = Array.from({ length: rotations }, (_, i) => i + 1);
      const { keyHolder, evaluator } = await measureMemory(
        insecureParameters(degree, bits, 49),
        steps,
        operations,
      );
      for (const { predicted, measured } of [keyHolder, evaluator]) {
        expect(measured).toBeGreaterThan(0);
        expect(predicted.total).toBeGreaterThanOrEqual(measured);
        expect(predicted.total).toBeLessThanOrEqual(2 * measured);
      }
    },
  );

  const ring = { degree: 32768, dataPrimes: 17 };
  const rotations = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

  it('refuses to load the full Galois keys of N = 32768, from which SEAL would never return, not to make them', () => {
    const spec = { relinearise: true, rotations: rotations(28), conjugate: false };
    const program = { instructions: [], plaintexts: [], inputs: [], outputs: [] };
    const prediction = sealEvaluatorMemory(ring, program, spec);
    expect(prediction.total).toBeGreaterThan(4 * 2 ** 30);
    expect(() => checkMemory(prediction)).toThrow(PlanError);
    expect(() => checkMemory(prediction)).toThrow(/keys 4\d{3} MiB.*rotate by fewer distinct steps/);
    checkMemory(sealEvaluatorMemory(ring, program, { ...spec, rotations: rotations(4) }));
    checkMemory(keyHolderMemory(ring, spec, 'seeded'));
  });

  it('counts registers alive at once, not all that are ever filled', () => {
    const primes = sealPrimes(8192, [48, 40, 40]).map(BigInt);
    const chain = (length: number, keep: boolean) => {
      const writer = new ProgramWriter(primes);
      const [x] = writer.input('x', 4096, 2 ** 40);
      const registers = [x!];
      for (let i = 0; i < length; i++) registers.push(writer.negate(registers.at(-1)!));
      const last = keep ? registers.reduce((sum, register) => writer.add(sum, register)) : registers.at(-1)!;
      writer.output('y', 4096, [last]);
      const spec = { relinearise: false, rotations: [], conjugate: false };
      return sealEvaluatorMemory({ degree: 8192, dataPrimes: 3 }, writer.program, spec);
    };
    const each = 2 * 3 * 8192 * 8;
    expect(chain(50, false).registers).toBe(3 * each);
    expect(chain(5, false).total).toBe(chain(50, false).total);
    expect(chain(50, true).registers).toBeGreaterThanOrEqual(51 * each);
    expect(chain(50, false).keys).toBe(0);
    expect(() => checkMemory(chain(50, true), 32 * MiB, 'the sum')).toThrow(
      /the sum needs \d+ MiB.*registers/,
    );
  });
});
