import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Circuit } from '../../../../src/algebra/circuit.ts';
import { executePlain } from '../../../../src/algebra/execute.ts';
import { record } from '../../../../src/algebra/record.ts';
import { PlanError, PrecisionError } from '../../../../src/base/errors.ts';
import { explain } from '../../../../src/ckks/explain.ts';
import { DEFAULT_RELEASE_BUDGET } from '../../../../src/ckks/flooding.ts';
import {
  MAX_KERNEL_PRIME_BITS,
  MODULUS_CAP_BITS,
  modulusBits,
  primeBitsOf,
} from '../../../../src/ckks/parameters.ts';
import { resultsOf } from '../../../../src/ckks/slots/blocks.ts';
import { checkProgram } from '../../../../src/ckks/slots/check.ts';
import { planSlots, type SlotPlan } from '../../../../src/ckks/slots/plan.ts';
import { rotationsOf } from '../../../../src/ckks/slots/program.ts';
import { matrixOf } from '../../../../src/numeric/matrix.ts';
import { sealPrimes } from '../../../../src/numeric/ntt-primes.ts';
import { encryptedBlackScholes } from '../../../../src/risk/pricing/encrypted-black-scholes.ts';
import { ARITHMETIC_OPS, arithmeticCircuits } from '../../../support/arithmetic-circuits.ts';
import { interpretSlots } from '../../../support/slot-interpreter.ts';
import { SlotRunner } from '../../../support/slot-runner.ts';

const spec = { length: 100, bound: 1 };
/** x^(2^depth). */
const power = (depth: number) =>
  record(
    (alg, { x }) => {
      let y = x;
      for (let i = 0; i < depth; i++) y = alg.mul(y, y);
      return { y };
    },
    { x: spec },
  );

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('expected an error');
}

function expectSound({ parameters, program, error }: SlotPlan, precision: number): void {
  const bits = primeBitsOf(parameters);
  expect(modulusBits(parameters)).toBeLessThanOrEqual(MODULUS_CAP_BITS[parameters.degree]);
  expect(Math.max(...bits)).toBeLessThanOrEqual(MAX_KERNEL_PRIME_BITS);
  const primes = sealPrimes(parameters.degree, bits);
  const data = primes.slice(0, parameters.dataPrimeBits.length);
  // A smaller special prime only where it makes room for larger scales.
  const switches = program.instructions.some(({ op }) => op === 'relinearise' || op === 'rotate');
  if (switches && modulusBits(parameters) < MODULUS_CAP_BITS[parameters.degree])
    expect(primes.at(-1)).toBeGreaterThan(Math.max(...data));
  checkProgram(program, { degree: parameters.degree, primes: data });
  for (const { absolute } of Object.values(error)) expect(absolute).toBeLessThanOrEqual(precision);
}

describe('planSlots', () => {
  it('finds the parameters of encrypted Black-Scholes: 7 levels at N = 16384, of nearly the smallest primes', () => {
    const plan = planSlots(encryptedBlackScholes({ length: 8192 }), { precision: 1.5e-7 });
    expectSound(plan, 1.5e-7);
    expect(plan.parameters.degree).toBe(16384);
    expect(plan.parameters.dataPrimeBits).toHaveLength(8);
    expect(Math.max(...plan.parameters.dataPrimeBits.slice(1))).toBeLessThanOrEqual(46);
    expect(plan.time.counts['relinearise']).toBeLessThanOrEqual(28);
    expect(plan.resources.keys).toEqual({ relinearisation: 1, galois: 0 });
    // What is needed late is sent late, and small.
    const levels = Object.fromEntries(plan.program.inputs.map(({ name, level }) => [name, level]));
    expect(levels).toMatchObject({ logForward: 7, halfVol: 7, halfSign: 1 });
    expect(plan.alternatives.map(({ degree, outcome }) => [degree, outcome])).toEqual([
      [2048, 'refused'],
      [4096, 'refused'],
      [8192, 'refused'],
      [16384, 'chosen'],
    ]);
  });

  it('takes the smallest scale and ring that reach the precision', () => {
    const plans = [1e-2, 1e-4, 1e-6, 1e-8].map((precision) => {
      const plan = planSlots(power(2), { precision });
      expectSound(plan, precision);
      return plan;
    });
    const scales = plans.map(({ scaleBits }) => scaleBits);
    expect(scales).toEqual([...scales].sort((a, b) => a - b));
    expect(new Set(scales).size).toBe(scales.length);
    expect(planSlots(power(1), { precision: 0.1 }).parameters.degree).toBe(4096);
    expect(planSlots(power(14), { precision: 0.1 }).parameters.degree).toBe(32768);
  });

  it('needs no special prime and no keys where nothing is switched', () => {
    const sum = record((alg, { x, y }) => ({ s: alg.add(x, y) }), { x: spec, y: spec });
    const plan = planSlots(sum, { precision: 1e-6 });
    expect([plan.parameters.degree, plan.parameters.specialPrimeBits]).toEqual([2048, undefined]);
    expect(plan.resources.keyBytes).toBe(0);
    const w = Float64Array.from({ length: 100 }, (_, i) => i / 100);
    const weighted = planSlots(
      record((alg, { x }) => ({ y: alg.mulPlain(x, w) }), { x: spec }),
      { precision: 1e-6 },
    );
    expect(weighted.parameters.specialPrimeBits).toBeLessThan(MAX_KERNEL_PRIME_BITS);
    expectSound(weighted, 1e-6);
  });

  it('asks for the keys that the program uses, and no more', () => {
    const matrix = matrixOf(64, 64, new Float64Array(64 * 64).fill(0.01));
    const circuit = record((alg, { x }) => ({ y: alg.matVecPlain(matrix, x) }), {
      x: { length: 64, bound: 1 },
    });
    // The owner adds up the parts of its own vector itself.
    const own = planSlots(circuit, { precision: 1e-4 });
    expect(rotationsOf(own.program).length).toBeLessThanOrEqual(2);
    expect(own.program.outputs).toMatchObject([{ every: 64 }]);
    const plan = planSlots(circuit, { precision: 1e-4, encryption: 'public' });
    expect(plan.program.outputs).not.toHaveProperty([0, 'every']);
    const steps = rotationsOf(plan.program);
    expect(steps.length).toBeGreaterThan(rotationsOf(own.program).length);
    expect(plan.resources.keys).toEqual({ relinearisation: 0, galois: steps.length });
  });

  it('makes room for flooding, and counts it', () => {
    const release = { queries: 1, statisticalBits: 20 };
    const owner = planSlots(power(1), { precision: 1e-2 });
    const released = planSlots(power(1), { precision: 1e-2, release });
    expect(owner.flooding).toBeUndefined();
    expect(released.scaleBits).toBeGreaterThan(owner.scaleBits + 8);
    const { sigma, error } = released.flooding!;
    // sigma >= sqrt(12 tau) 2^(s/2) |e|_2
    const noise = released.nodes[released.circuit.outputs.y]!.noise;
    expect(sigma).toBeGreaterThanOrEqual(Math.sqrt(12) * 2 ** 10 * noise * 10);
    expect(released.error.y.absolute).toBeGreaterThan(error);
    expectSound(released, 1e-2);
  });

  it('finds room for the default release budget in circuits of the library', () => {
    const matrix = matrixOf(
      100,
      200,
      Float64Array.from({ length: 20_000 }, (_, i) => Math.sin(i)),
    );
    const circuits: readonly (readonly [Circuit<string, string>, number])[] = [
      [encryptedBlackScholes({ length: 8192 }), 1e-6],
      [record((alg, { x }) => ({ y: alg.matVecPlain(matrix, x) }), { x: { length: 200, bound: 1 } }), 1e-6],
      [power(3), 1e-7],
      [record((alg, { x }) => ({ y: alg.add(x, alg.scale(x, 3)) }), { x: spec }), 1e-8],
      [record((alg, { x }) => ({ y: alg.sum(x) }), { x: spec }), 1e-7],
    ];
    for (const [circuit, precision] of circuits) {
      const plan = planSlots(circuit, { precision, release: DEFAULT_RELEASE_BUDGET });
      expectSound(plan, precision);
      expect(plan.flooding!.lossBits).toBeGreaterThan(15);
    }
  });

  it('says which budget would fit where the one asked for does not', () => {
    const release = { queries: 1 << 20, statisticalBits: 120 };
    const message = messageOf(() => planSlots(power(3), { precision: 1e-7, release }));
    const [, bits] = /within reach are (\d+) statistical bits instead of 120/.exec(message)!;
    const smaller = { ...release, statisticalBits: Number(bits) };
    expectSound(planSlots(power(3), { precision: 1e-7, release: smaller }), 1e-7);
  });

  it('takes two last primes, then two primes a level, where one a level is too coarse', async () => {
    const matrix = matrixOf(
      50,
      200,
      Float64Array.from({ length: 10_000 }, (_, i) => Math.sin(i)),
    );
    const w = Float64Array.from({ length: 100 }, (_, i) => Math.cos(i));
    const cases: readonly (readonly [Circuit<'x', 'y'>, number, number])[] = [
      // Levels of one prime each, and two last ones.
      [
        record((alg, { x }) => ({ y: alg.addPlain(alg.mulPlain(alg.mul(x, x), w), w) }), { x: spec }),
        1e-10,
        2 + 2,
      ],
      [
        record((alg, { x }) => ({ y: alg.matVecPlain(matrix, x) }), { x: { length: 200, bound: 1 } }),
        1e-10,
        2 + 2,
      ],
      [record((alg, { x }) => ({ y: alg.dot(x, alg.mul(x, x)) }), { x: spec }), 1e-10, 2 + 4],
    ];
    for (const [circuit, precision, primes] of cases) {
      const plan = planSlots(circuit, { precision });
      expect(plan.parameters.dataPrimeBits).toHaveLength(primes);
      expectSound(plan, precision);
      const { length } = circuit.inputs.x;
      const x = Float64Array.from({ length }, (_, i) => Math.sin(3 * i));
      using runner = await SlotRunner.create(plan.parameters);
      const found = await runner.run(plan.program, { x });
      const [output] = plan.program.outputs;
      const exact = executePlain(circuit, { x }).y;
      const worst = resultsOf(output!, found['y']!).reduce(
        (most, value, i) => Math.max(most, Math.abs(value - exact[i]!)),
        0,
      );
      expect(worst).toBeLessThanOrEqual(plan.error.y.absolute);
    }
  }, 60_000);

  it('sends twice the bytes under a public key', () => {
    const own = planSlots(power(2), { precision: 1e-5 });
    const open = planSlots(power(2), { precision: 1e-5, encryption: 'public' });
    expect(open.resources.bytesUp).toBeGreaterThan(1.9 * own.resources.bytesUp);
    expectSound(open, 1e-5);
  });

  it('cuts long vectors into blocks, in the ring where that is cheapest', () => {
    const long = { length: 40_000, bound: 1 };
    const plan = planSlots(
      record((alg, { x, y }) => ({ d: alg.dot(x, y) }), { x: long, y: long }),
      { precision: 1 },
    );
    expect(plan.program.inputs.map(({ blocks }) => blocks)).toEqual(
      Array(2).fill(Math.ceil(40_000 / (plan.parameters.degree / 2))),
    );
    expect(plan.alternatives.filter(({ outcome }) => outcome === 'dearer').length).toBeGreaterThan(0);
    const times = plan.alternatives.flatMap(({ outcome, milliseconds }) =>
      outcome === 'refused' ? [] : milliseconds!,
    );
    expect(plan.milliseconds).toBe(Math.min(...times));
  });

  it('refuses what cannot fit, and says what would', () => {
    expect(() => planSlots(power(40), { precision: 0.1 })).toThrow(PlanError);
    expect(() => planSlots(power(40), { precision: 0.1 })).toThrow(/fewer levels \(it takes 40;.*split/s);
    expect(() => planSlots(power(2), { precision: 1e-15 })).toThrow(PrecisionError);
    expect(() => planSlots(power(2), { precision: 1e-15 })).toThrow(/finest attainable is \d.*N = 32768/s);
    const coarse = encryptedBlackScholes({ length: 100, seriesError: 1e-6 });
    expect(() => planSlots(coarse, { precision: 1e-8 })).toThrow(/by its series alone/);
  });

  it('explains itself', () => {
    const plan = planSlots(power(3), { precision: 1e-6 });
    const text = explain(plan, { nodes: true });
    expect(text).toContain(`slots of N = ${plan.parameters.degree}`);
    expect(text).toMatch(/4096 .*refused: 3 levels/);
    expect(text).toMatch(/chosen: the smallest scale/);
    expect(text).toMatch(/relinearise +3 /);
    expect(text).toMatch(/3 +mul of 2, 2 +\[0.00, 1.00\]|3 +mul of 2, 2 +\[-1.00, 1.00\]/);
    expect(explain(plan)).not.toContain('mul of');
  });

  it('promises an error within which random circuits run on node-seal', async () => {
    const circuits = fc.sample(arithmeticCircuits(5, 60, [...ARITHMETIC_OPS, 'matMul']), {
      numRuns: 80,
      seed: 11,
    });
    let run = 0;
    for (const { circuit, inputs } of circuits) {
      if (run >= 6) break;
      let plan: SlotPlan;
      try {
        plan = planSlots(circuit, { precision: 1e-4 });
      } catch (error) {
        // An output that is public altogether; larger rings are for the slow suite.
        expect(error).toBeInstanceOf(PlanError);
        continue;
      }
      expectSound(plan, 1e-4);
      if (plan.parameters.degree > 8192 || plan.time.counts['load'] === undefined) continue;
      using runner = await SlotRunner.create(plan.parameters);
      const found = await runner.run(plan.program, inputs);
      const exact = executePlain(circuit, inputs);
      const plain = interpretSlots(
        plan.program,
        { slots: plan.parameters.degree / 2, primes: runner.primes },
        inputs,
      ).outputs;
      for (const { name, length, every } of plan.program.outputs) {
        const { absolute } = plan.error[name]!;
        const values = resultsOf({ length, every }, found[name]!);
        for (let i = 0; i < length; i++) {
          expect(Math.abs(values[i]! - exact[name]![i]!)).toBeLessThanOrEqual(absolute);
          expect(Math.abs(plain[name]![i]! - exact[name]![i]!)).toBeLessThan(1e-9);
        }
      }
      run++;
    }
    expect(run).toBe(6);
  }, 60_000);
});
