import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seriesFor } from '../../src/algebra/series/library.ts';
import { SealEvaluationKeys } from '../../src/ckks/seal/evaluation-keys.ts';
import { SealSlotEvaluator } from '../../src/ckks/seal/slot-evaluator.ts';
import { SlotKeyHolder } from '../../src/ckks/seal/slot-secrets.ts';
import type { SealContext, SecretKey } from '../../src/ckks/seal.ts';
import { SlotProgramBuilder } from '../../src/ckks/slots/builder.ts';
import { checkProgram } from '../../src/ckks/slots/check.ts';
import type { SlotRegister } from '../../src/ckks/slots/draft.ts';
import { runProgram } from '../../src/ckks/slots/execute.ts';
import { within } from '../../src/ckks/slots/interval.ts';
import { evaluationKeysOf } from '../../src/ckks/slots/keys.ts';
import { lowerPolynomials } from '../../src/ckks/slots/lower-polynomial.ts';
import { tidy } from '../../src/ckks/slots/tidy.ts';
import { normalCdf, normalPdf } from '../../src/numeric/normal.ts';
import { insecureContext, insecureParameters } from '../support/seal-contexts.ts';

const DEGREE = 16384;
const SLOTS = DEGREE / 2;
const REACH = 10;
const DATA_BITS = [48, 45, 45, 45, 45, 45, 45, 45];
const grid = (low: number, high: number) =>
  Float64Array.from({ length: SLOTS }, (_, i) => low + ((high - low) * i) / (SLOTS - 1));
const spec = { length: SLOTS, blocks: 1, padding: 'zero' } as const;

// 412 bits of 430 that 128-bit security allows at this degree (ePrint 2024/463).
describe('polynomials on node-seal at N = 16384, primes [48, 45 x 7, 49]', () => {
  const parameters = insecureParameters(DEGREE, DATA_BITS, 49);
  let context: SealContext;
  let key: SecretKey;
  let holder: SlotKeyHolder;

  beforeAll(async () => {
    context = await insecureContext(parameters);
    key = context.newSecretKey();
    holder = new SlotKeyHolder(context, key);
  }, 60_000);

  afterAll(() => {
    for (const resource of [holder, key, context]) resource[Symbol.dispose]();
    expect(context.liveObjects()).toBe(0);
  });

  async function evaluate(
    write: (builder: SlotProgramBuilder, x: SlotRegister, w: SlotRegister) => readonly SlotRegister[],
    values: Readonly<Record<string, Float64Array>>,
  ): Promise<{ found: Float64Array[]; levels: number }> {
    const primes = context.primes.map(Number);
    const builder = new SlotProgramBuilder({ slots: SLOTS, primes, scaleBits: 45 });
    const [x] = builder.input({ name: 'x', ...spec }, within(REACH), REACH);
    const [w] = builder.input({ name: 'w', ...spec }, within(1));
    const registers = write(builder, x!, w!).map((pending) => builder.settle(pending));
    const outputs = registers.map(({ index }, i) => ({ name: `y${i}`, length: SLOTS, registers: [index] }));
    const { program } = tidy(builder.draft(), outputs);
    checkProgram(program, { degree: DEGREE, primes });
    const keySpec = evaluationKeysOf(program);
    using keys = new SealEvaluationKeys(context, keySpec, holder.evaluationKeys(keySpec, 'seeded'));
    using evaluator = new SealSlotEvaluator(context, keys);
    const inputs = Object.fromEntries(
      program.inputs.map((input) => [
        input.name,
        { form: 'seeded' as const, blocks: holder.encryptor.encrypt(input, values[input.name]!) },
      ]),
    );
    const results = await runProgram(program, evaluator, inputs);
    const found = program.outputs.map(({ name, registers: blocks }) =>
      holder.decrypt({ bytes: results[name]![0]!, ...program.instructions[blocks[0]!]! }),
    );
    return { found, levels: builder.topLevel - registers[0]!.level };
  }

  const largest = (found: Float64Array, expected: (i: number) => number): number =>
    found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected(i))), 0);

  it('Phi of degree 55 on [-10, 10] is within 1e-8, proved error of the series included', async () => {
    const phi = seriesFor('normalCdf', [-REACH, REACH], 5e-9);
    expect(phi.coefficients.length - 1).toBe(55);
    const x = grid(-REACH, REACH);
    const { found, levels } = await evaluate(
      (builder, argument) => lowerPolynomials(builder, argument, [{ series: phi }]),
      { x },
    );
    expect(levels).toBe(6);
    const error = largest(found[0]!, (i) => normalCdf(x[i]!));
    expect(error).toBeLessThan(1e-8);
    // The series' own error shows: what encryption adds is smaller.
    expect(error).toBeGreaterThan(0.5 * phi.error);
  }, 60_000);

  it('w Phi and w phi of one secret argument and weight, at the depth of Phi alone', async () => {
    const phi = seriesFor('normalCdf', [-REACH, REACH], 5e-9, { weighted: true });
    const density = seriesFor('normalPdf', [-REACH, REACH], 5e-9, { weighted: true });
    const values = { x: grid(-REACH, REACH), w: grid(-1, 1).map((t) => Math.cos(7 * t)) };
    const { found, levels } = await evaluate(
      (builder, argument, weight) =>
        lowerPolynomials(builder, argument, [
          { series: phi, weight },
          { series: density, weight },
        ]),
      values,
    );
    expect(levels).toBe(6);
    expect(largest(found[0]!, (i) => values.w[i]! * normalCdf(values.x[i]!))).toBeLessThan(2e-8);
    expect(largest(found[1]!, (i) => values.w[i]! * normalPdf(values.x[i]!))).toBeLessThan(2e-8);
  }, 60_000);
});
