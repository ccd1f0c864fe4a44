import { BackendError, IntegrityError } from '../../base/errors.ts';
import { breathe, type RunOptions, throwIfAborted } from '../../base/progress.ts';
import type { SlotEvaluator } from './evaluator.ts';
import type { SlotInstruction, SlotProgram } from './program.ts';

/** Ciphertexts of one input, a block each, in SEAL's serialization; their envelope has been verified. */
export type SlotInputBytes = { readonly form: 'seeded' | 'full'; readonly blocks: readonly Uint8Array[] };

/** Ciphertexts by name. */
export type SlotInputs = Readonly<Record<string, SlotInputBytes>>;
export type SlotOutputs = Readonly<Record<string, readonly Uint8Array[]>>;

/** How long instructions may run, in milliseconds, before messages are let in: an abort is heard no later. */
const BREATH_MS = 25;

/**
 * A program with its public operands encoded, once, for any number of runs on one evaluator. It holds one encoded operand
 * a plaintext of the program; between runs nothing else.
 */
export class PreparedProgram<C extends Disposable, P extends Disposable> implements Disposable {
  readonly program: SlotProgram;
  readonly #evaluator: SlotEvaluator<C, P>;
  readonly #plaintexts: P[] = [];
  /** Registers that nobody reads after an instruction. */
  readonly #expiring: readonly (readonly number[])[];

  /**
   * @param program has been checked by `checkProgram`. @param evaluator stays the caller's.
   * @param encoded the program's operands, or the first of them, where the evaluator has them already.
   */
  constructor(program: SlotProgram, evaluator: SlotEvaluator<C, P>, encoded: readonly P[] = []) {
    this.program = program;
    this.#evaluator = evaluator;
    this.#expiring = expiringRegisters(program);
    this.#plaintexts.push(...encoded);
    try {
      for (const plaintext of program.plaintexts.slice(encoded.length))
        this.#plaintexts.push(evaluator.encode(plaintext));
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** The program's operands, encoded. */
  get plaintexts(): readonly P[] {
    return this.#plaintexts;
  }

  /** Encoded operands held. */
  get size(): number {
    return this.#plaintexts.length;
  }

  /**
   * Runs the program. A register is freed after the last instruction that reads it, an input is loaded when its
   * instruction comes, an output is written out when it is ready: memory peaks where the plan says.
   * @throws IntegrityError for inputs that are missing, superfluous or not what the program declares.
   * @throws AbortError between two instructions.
   */
  async run(inputs: SlotInputs, options: RunOptions = {}): Promise<SlotOutputs> {
    this.#checkInputs(inputs);
    const { instructions, outputs } = this.program;
    const registers = new Map<number, C>();
    const written = new Map<number, Uint8Array>();
    const wanted = new Set(outputs.flatMap((output) => output.registers));
    let breathed = performance.now();
    const free = (register: number) => {
      registers.get(register)?.[Symbol.dispose]();
      registers.delete(register);
    };
    try {
      for (let index = 0; index < instructions.length; ) {
        throwIfAborted(options.signal, 'evaluating');
        const results = this.#step(index, registers, inputs);
        for (const [offset, result] of results.entries()) registers.set(index + offset, result);
        for (const [offset, result] of results.entries()) {
          const register = index + offset;
          const { scale } = instructions[register]!;
          if (wanted.has(register)) written.set(register, this.#evaluator.save(result, scale));
          for (const expired of this.#expiring[register]!) free(expired);
        }
        index += results.length;
        options.onProgress?.({ phase: 'evaluate', done: index, total: instructions.length });
        if (performance.now() - breathed > BREATH_MS) {
          await breathe();
          breathed = performance.now();
        }
      }
    } finally {
      for (const register of [...registers.keys()]) free(register);
    }
    return Object.fromEntries(
      outputs.map(({ name, registers: blocks }) => [name, blocks.map((block) => written.get(block)!)]),
    );
  }

  [Symbol.dispose](): void {
    for (const plaintext of this.#plaintexts.splice(0)) plaintext[Symbol.dispose]();
  }

  /** Results of the instruction at `index`, and of the rotations of the same register that follow it directly. */
  #step(index: number, registers: ReadonlyMap<number, C>, inputs: SlotInputs): readonly C[] {
    const { instructions } = this.program;
    const instruction = instructions[index]!;
    const argument = (register: number): C =>
      registers.get(register) ?? gone(register, index, instruction.op);
    if (instruction.op !== 'rotate') return [this.#compute(instruction, argument, inputs)];
    const [rotated] = instruction.args;
    const steps: number[] = [];
    for (let at = index; at < instructions.length; at++) {
      const next = instructions[at]!;
      if (next.op !== 'rotate' || next.args[0] !== rotated) break;
      steps.push(next.steps);
    }
    return this.#evaluator.rotate(argument(rotated), steps);
  }

  #compute(
    instruction: Exclude<SlotInstruction, { readonly op: 'rotate' }>,
    argument: (register: number) => C,
    inputs: SlotInputs,
  ): C {
    const evaluator = this.#evaluator;
    const plain = (index: number): P => this.#plaintexts[index]!;
    const args = instruction.args.map(argument);
    const a = args[0]!;
    switch (instruction.op) {
      case 'input': {
        const { form, blocks } = inputs[instruction.name]!;
        return evaluator.load(blocks[instruction.block]!, form, instruction.level, instruction.scale);
      }
      case 'add':
        return evaluator.add(a, args[1]!);
      case 'sub':
        return evaluator.sub(a, args[1]!);
      case 'negate':
        return evaluator.negate(a);
      case 'addPlain':
        return evaluator.addPlain(a, plain(instruction.plain));
      case 'subPlain':
        return evaluator.subPlain(a, plain(instruction.plain));
      case 'mulPlain':
        return evaluator.mulPlain(a, plain(instruction.plain));
      case 'innerProductPlain':
        return evaluator.innerProductPlain(args, instruction.plains.map(plain));
      case 'multiply':
        return evaluator.multiply(a, args[1]!);
      case 'square':
        return evaluator.square(a);
      case 'innerProduct':
        return evaluator.innerProduct(
          args.filter((_, i) => i % 2 === 0),
          args.filter((_, i) => i % 2 === 1),
        );
      case 'relinearise':
        return evaluator.relinearise(a);
      case 'rescale':
        return evaluator.rescale(a);
      case 'dropLevels':
        return evaluator.dropLevels(a, instruction.level);
    }
  }

  #checkInputs(inputs: SlotInputs): void {
    const expected = this.program.inputs.map(({ name }) => name).sort();
    const found = Object.keys(inputs).sort();
    if (expected.join() !== found.join()) {
      throw new IntegrityError(`expected inputs ${expected.join(', ')}, found ${found.join(', ')}`, {
        expected: expected.join(','),
        found: found.join(','),
      });
    }
    for (const { name, blocks } of this.program.inputs) {
      const count = inputs[name]!.blocks.length;
      if (count !== blocks) {
        throw new IntegrityError(`input ${name}: expected ${blocks} ciphertexts, found ${count}`, {
          input: name,
          expected: blocks,
          found: count,
        });
      }
    }
  }
}

/** Runs a program once: prepares it, and frees everything. See {@link PreparedProgram.run}. */
export async function runProgram<C extends Disposable, P extends Disposable>(
  program: SlotProgram,
  evaluator: SlotEvaluator<C, P>,
  inputs: SlotInputs,
  options: RunOptions = {},
): Promise<SlotOutputs> {
  using prepared = new PreparedProgram(program, evaluator);
  return await prepared.run(inputs, options);
}

/** For every instruction the registers that may be freed after it: its arguments read last there, its own if never read. */
export function expiringRegisters({ instructions }: SlotProgram): readonly (readonly number[])[] {
  const lastUse = instructions.map((_, register) => register);
  instructions.forEach(({ args }, index) => {
    for (const register of args) lastUse[register] = index;
  });
  const expiring: number[][] = instructions.map(() => []);
  lastUse.forEach((index, register) => {
    expiring[index]!.push(register);
  });
  return expiring;
}

function gone(register: number, index: number, op: string): never {
  throw new BackendError(`instruction ${index} (${op}) reads register ${register}, which holds nothing`, {
    instruction: index,
    register,
  });
}
