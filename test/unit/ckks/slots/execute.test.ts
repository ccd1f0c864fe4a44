import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AbortError, BackendError, IntegrityError, PlanError } from '../../../../src/base/errors.ts';
import { SealEvaluationKeys } from '../../../../src/ckks/seal/evaluation-keys.ts';
import { SealSlotEvaluator } from '../../../../src/ckks/seal/slot-evaluator.ts';
import { SlotKeyHolder } from '../../../../src/ckks/seal/slot-secrets.ts';
import type { SealContext, SecretKey } from '../../../../src/ckks/seal.ts';
import { checkProgram, type SlotRing } from '../../../../src/ckks/slots/check.ts';
import {
  expiringRegisters,
  PreparedProgram,
  runProgram,
  type SlotInputs,
} from '../../../../src/ckks/slots/execute.ts';
import type { SlotInstruction, SlotProgram } from '../../../../src/ckks/slots/program.ts';
import { SeededRandom } from '../../../../src/numeric/seeded.ts';
import { insecureContext, insecureParameters } from '../../../support/seal-contexts.ts';
import { computeSlots } from '../../../support/slot-interpreter.ts';
import { ProgramWriter, randomProgram } from '../../../support/slot-programs.ts';

const SCALE = 2 ** 38;
const DEGREE = 1024;
const SLOTS = DEGREE / 2;
const STEPS = [1, 7, -2];

/** The evaluator, with every call of it reported after it returned. */
function watch(
  evaluator: SealSlotEvaluator,
  onCall: (name: string | symbol, args: readonly unknown[]) => void,
): SealSlotEvaluator {
  return new Proxy(evaluator, {
    get(target, name) {
      const member = Reflect.get(target, name, target) as unknown;
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        const result: unknown = member.apply(target, args);
        onCall(name, args);
        return result;
      };
    },
  });
}

describe('slot programs on node-seal', () => {
  const parameters = insecureParameters(DEGREE, [46, 38, 38, 38, 38], 49);
  const spec = { relinearise: true, rotations: STEPS, conjugate: false };
  let context: SealContext;
  let ring: SlotRing;
  let key: SecretKey;
  let holder: SlotKeyHolder;
  let keys: SealEvaluationKeys;
  let evaluator: SealSlotEvaluator;

  beforeAll(async () => {
    context = await insecureContext(parameters);
    ring = { degree: DEGREE, primes: context.primes.map(Number) };
    key = context.newSecretKey();
    holder = new SlotKeyHolder(context, key);
    keys = new SealEvaluationKeys(context, spec, holder.evaluationKeys(spec, 'seeded'));
    evaluator = new SealSlotEvaluator(context, keys);
  });

  afterAll(() => {
    expect(evaluator.liveObjects()).toBe(0);
    for (const resource of [evaluator, keys, holder, key, context]) resource[Symbol.dispose]();
    expect(context.liveObjects()).toBe(0);
  });

  const encrypt = (program: SlotProgram, values: Readonly<Record<string, Float64Array>>): SlotInputs =>
    Object.fromEntries(
      program.inputs.map((input) => [
        input.name,
        { form: 'seeded', blocks: holder.encryptor.encrypt(input, values[input.name]!) },
      ]),
    );
  const decrypt = (program: SlotProgram, name: string, blocks: readonly Uint8Array[]): Float64Array[] => {
    const { registers } = program.outputs.find((output) => output.name === name)!;
    return blocks.map((bytes, b) => holder.decrypt({ bytes, ...program.instructions[registers[b]!]! }));
  };
  const uniform = (random: SeededRandom, length = SLOTS) =>
    Float64Array.from({ length }, () => random.between(-1, 1));

  it.each(Array.from({ length: 25 }, (_, seed) => seed))(
    'agrees with plain slots: program %i',
    async (seed) => {
      const random = new SeededRandom(seed);
      const program = randomProgram(random, context.primes, SLOTS, SCALE, STEPS, 14);
      checkProgram(program, ring);
      const values = { x: uniform(random), y: uniform(random) };
      const outputs = await runProgram(program, evaluator, encrypt(program, values));
      expect(evaluator.liveObjects()).toBe(0);
      const plain = computeSlots(program, SLOTS, values).outputs;
      for (const [name, exact] of Object.entries(plain)) {
        const [found] = decrypt(program, name, outputs[name]!);
        let worst = 0;
        for (let i = 0; i < SLOTS; i++) worst = Math.max(worst, Math.abs(found![i]! - exact[i]!));
        // 'mixed' rescales three components, whose rounding costs s^2.
        expect(worst).toBeLessThan(2 ** -16);
      }
    },
  );

  it('holds no more registers at once than the program needs, and loads inputs when they are read', async () => {
    const writer = new ProgramWriter(context.primes);
    const [x] = writer.input('x', SLOTS, SCALE);
    let power = x!;
    for (let i = 0; i < 4; i++) power = writer.rescale(writer.relinearise(writer.square(power)));
    const [y] = writer.input('y', SLOTS, SCALE);
    writer.output('power', SLOTS, [power]);
    writer.output('y', SLOTS, [y!]);
    const { program } = writer;
    expect(expiringRegisters(program)[0]).toEqual([]);
    expect(expiringRegisters(program)[1]).toEqual([0]);
    const ones = new Float64Array(SLOTS).fill(0.5);
    const counted = await peakOf(program, encrypt(program, { x: ones, y: ones }));
    expect(counted).toBe(2);
  });

  /** Most ciphertexts alive after any instruction. */
  async function peakOf(program: SlotProgram, inputs: SlotInputs): Promise<number> {
    let peak = 0;
    const watched = watch(evaluator, () => {
      peak = Math.max(peak, evaluator.liveObjects() - program.plaintexts.length);
    });
    await runProgram(program, watched, inputs);
    return peak;
  }

  it('asks for adjacent rotations of one register at once', async () => {
    const writer = new ProgramWriter(context.primes);
    const [x] = writer.input('x', SLOTS, SCALE);
    const first = STEPS.map((step) => writer.rotate(x!, step));
    const again = STEPS.slice(0, 2).map((step) => writer.rotate(first[0]!, step));
    writer.output('out', SLOTS, [writer.add(again[1]!, first[2]!)]);
    const asked: (readonly number[])[] = [];
    const watched = watch(evaluator, (name, args) => {
      if (name === 'rotate') asked.push(args[1] as readonly number[]);
    });
    const values = uniform(new SeededRandom(1));
    await runProgram(writer.program, watched, encrypt(writer.program, { x: values }));
    expect(asked).toEqual([STEPS, STEPS.slice(0, 2)]);
  });

  it('cuts long vectors into blocks and repeats short ones', async () => {
    const writer = new ProgramWriter(context.primes);
    const long = writer.input('long', SLOTS + 3, SCALE, { blocks: 2, level: 2 });
    const [short] = writer.input('short', 3, SCALE, { padding: 'repeat', level: 2 });
    writer.output('long', SLOTS + 3, long);
    writer.output('short', SLOTS, [writer.rotate(short!, 7)]);
    const { program } = writer;
    checkProgram(program, ring);
    const values = { long: uniform(new SeededRandom(2), SLOTS + 3), short: Float64Array.of(0.25, 0.5, 0.75) };
    const outputs = await runProgram(program, evaluator, encrypt(program, values));
    const [head, tail] = decrypt(program, 'long', outputs['long']!);
    expect(head![5]).toBeCloseTo(values.long[5]!, 6);
    [...values.long.subarray(SLOTS), 0].forEach((value, i) => {
      expect(tail![i]).toBeCloseTo(value, 6);
    });
    const [repeated] = decrypt(program, 'short', outputs['short']!);
    // Period 4, rotated by 7 = 3 mod 4.
    for (let i = 0; i < SLOTS; i++) {
      expect(repeated![i]).toBeCloseTo([0, 0.25, 0.5, 0.75][i % 4]!, 6);
    }
  });

  it('stops between instructions when aborted, and frees everything', async () => {
    const program = randomProgram(new SeededRandom(3), context.primes, SLOTS, SCALE, STEPS, 14);
    const values = { x: uniform(new SeededRandom(4)), y: uniform(new SeededRandom(5)) };
    const inputs = encrypt(program, values);
    using prepared = new PreparedProgram(program, evaluator);
    const before = evaluator.liveObjects();
    const abort = new AbortController();
    let last = 0;
    const run = prepared.run(inputs, {
      signal: abort.signal,
      onProgress: ({ done }) => {
        last = done;
        if (done >= 6) abort.abort(new Error('enough'));
      },
    });
    await expect(run).rejects.toThrow(AbortError);
    expect(last).toBeGreaterThanOrEqual(6);
    expect(last).toBeLessThan(program.instructions.length);
    expect(evaluator.liveObjects()).toBe(before);
    // The same prepared program still runs.
    expect(Object.keys(await prepared.run(inputs))).toEqual(['last', 'middle']);
  });

  it('refuses inputs that are missing, superfluous, short or damaged, and frees everything', async () => {
    const program = randomProgram(new SeededRandom(6), context.primes, SLOTS, SCALE, STEPS, 8);
    const inputs = encrypt(program, { x: uniform(new SeededRandom(7)), y: uniform(new SeededRandom(8)) });
    const { x, y } = inputs as Record<'x' | 'y', SlotInputs[string]>;
    const wrong: SlotInputs[] = [
      { x },
      { x, y, z: x },
      { x, y: { ...y, blocks: [] } },
      { x, y: { ...y, blocks: [y.blocks[0]!.subarray(1)] } },
      { x, y: { ...y, form: 'full' } },
      { x, y: { ...y, blocks: [y.blocks[0]!.map((byte, i) => (i === 30 ? byte ^ 1 : byte))] } },
    ];
    using prepared = new PreparedProgram(program, evaluator);
    for (const bad of wrong) await expect(prepared.run(bad)).rejects.toThrow(IntegrityError);
    // A residue above its prime passes our header checks and SEAL refuses it.
    const high = y.blocks[0]!.slice();
    high.fill(255, 113, 121);
    await expect(prepared.run({ x, y: { ...y, blocks: [high] } })).rejects.toThrow(BackendError);
    expect(evaluator.liveObjects()).toBe(prepared.size);
  });

  it('finds nothing under another key', async () => {
    using stranger = context.newSecretKey();
    using other = new SlotKeyHolder(context, stranger);
    const writer = new ProgramWriter(context.primes);
    const [x] = writer.input('x', SLOTS, SCALE);
    writer.output('x', SLOTS, [x!]);
    writer.output('low', SLOTS, [writer.dropLevels(x!, 0)]);
    const { program } = writer;
    const outputs = await runProgram(
      program,
      evaluator,
      encrypt(program, { x: uniform(new SeededRandom(9)) }),
    );
    for (const [name, register] of [
      ['x', 0],
      ['low', 1],
    ] as const) {
      const result = { bytes: outputs[name]![0]!, ...program.instructions[register]! };
      expect(() => other.decrypt(result)).toThrow(/wrong key/);
      expect(holder.decrypt(result)).toHaveLength(SLOTS);
    }
  });

  describe('checkProgram', () => {
    const sound = () => randomProgram(new SeededRandom(10), context.primes, SLOTS, SCALE, STEPS, 14);
    const changed = (index: number, change: Partial<SlotInstruction>): SlotProgram => {
      const program = sound();
      return {
        ...program,
        instructions: program.instructions.map((instruction, i) =>
          i === index ? ({ ...instruction, ...change } as SlotInstruction) : instruction,
        ),
      };
    };

    it('accepts what is sound', () => {
      for (let seed = 0; seed < 200; seed++) {
        checkProgram(randomProgram(new SeededRandom(seed), context.primes, SLOTS, SCALE, STEPS, 14), ring);
      }
    });

    it('refuses every instruction whose level, scale, components or arguments are changed', () => {
      const { instructions } = sound();
      instructions.forEach((instruction, index) => {
        const wrong: Partial<SlotInstruction>[] = [
          { level: instruction.level + 1 },
          { level: -1 },
          { scale: instruction.scale * (1 + 1e-8) },
          { components: instruction.components === 2 ? 3 : 2 },
          { args: [index] as never },
          { args: [instructions.length + 1] as never },
        ];
        for (const change of wrong) {
          if (instruction.op === 'input' && 'args' in change) continue;
          expect(
            () => checkProgram(changed(index, change), ring),
            `${index} ${JSON.stringify(change)}`,
          ).toThrow(PlanError);
        }
      });
    });

    it('refuses inputs, outputs and plaintexts that do not fit', () => {
      const program = sound();
      const [input] = program.inputs;
      const wrong: SlotProgram[] = [
        { ...program, inputs: [{ ...input!, blocks: 2 }] },
        { ...program, inputs: [] },
        { ...program, inputs: [{ ...input!, length: 0 }, ...program.inputs.slice(1)] },
        { ...program, outputs: [{ name: 'z', length: 1, registers: [999] }] },
        { ...program, outputs: [{ name: 'z', length: SLOTS + 1, registers: [0] }] },
        { ...program, plaintexts: [] },
        {
          ...program,
          plaintexts: program.plaintexts.map((p) => ({ ...p, values: Number.NaN })),
        },
      ];
      for (const bad of wrong) expect(() => checkProgram(bad, ring)).toThrow(PlanError);
    });
  });
});
