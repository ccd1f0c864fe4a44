import { PlanError } from '../../base/errors.ts';
import { layoutInRuns } from './layout.ts';
import type { SlotInstruction, SlotProgram, SlotRuns } from './program.ts';

/** The ring in which a program is to run: its degree and, exactly, its data primes. */
export type SlotRing = { readonly degree: number; readonly primes: readonly number[] };

/** Scales computed along two ways differ by the rounding of doubles, and by no more. */
const SCALE_TOLERANCE = 1e-9;

/**
 * Checks that a program can run: registers are filled before they are read, levels, scales and component counts are what
 * the operations make of their arguments, operands are of the level and scale at which they are used, blocks fit. An
 * evaluator may then take all of it for granted. Cost: one pass.
 * @throws PlanError naming the first instruction that is wrong.
 */
export function checkProgram(program: SlotProgram, ring: SlotRing): void {
  const { instructions, inputs, outputs, plaintexts } = program;
  for (const { name, length, blocks, level, scale, padding } of inputs) {
    expect(Number.isInteger(length) && length > 0, `input ${name}: a length of ${length}`);
    expect(blocks === Math.ceil(length / (ring.degree / 2)), `input ${name}: ${blocks} blocks`);
    expect(isLevel(level, ring) && scale > 0, `input ${name}: level ${level}, scale ${scale}`);
    expect(
      typeof padding !== 'object' || runsFit(padding, length, ring),
      `input ${name}: its runs do not fit`,
    );
  }
  plaintexts.forEach(({ values, level, scale }, index) => {
    const finite = typeof values === 'number' ? Number.isFinite(values) : values.every(Number.isFinite);
    expect(finite && isLevel(level, ring) && scale > 0, `plaintext ${index}: not finite, or misplaced`);
    expect(typeof values === 'number' || values.length <= ring.degree / 2, `plaintext ${index}: too long`);
  });
  instructions.forEach((instruction, index) => {
    const problem = problemOf(program, ring, instruction, index);
    expect(problem === undefined, `instruction ${index} (${instruction.op}): ${problem}`);
  });
  for (const { name, length, registers, every } of outputs) {
    expect(
      registers.length === Math.ceil(length / (ring.degree / 2)) &&
        registers.every((register) => instructions[register] !== undefined),
      `output ${name}: ${registers.length} blocks for ${length} values, or a register that is never filled`,
    );
    expect(
      every === undefined || (isPowerOfTwo(every) && length <= every && 2 * every <= ring.degree),
      `output ${name}: sums of every ${every} slots`,
    );
  }
}

function expect(holds: boolean, what: string): asserts holds {
  if (!holds) throw new PlanError(`the slot program cannot run: ${what}; plan the circuit again`);
}

const isPowerOfTwo = (value: number): boolean => Number.isInteger(Math.log2(value));

function runsFit(runs: SlotRuns, length: number, { degree }: SlotRing): boolean {
  if (!isPowerOfTwo(runs.length) || !isPowerOfTwo(runs.every) || runs.length > runs.every) return false;
  return layoutInRuns(length, runs).period <= degree / 2;
}

function isLevel(level: number, ring: SlotRing): boolean {
  return Number.isInteger(level) && level >= 0 && level < ring.primes.length;
}

const near = (a: number, b: number): boolean => Math.abs(a / b - 1) <= SCALE_TOLERANCE;

/** What an instruction's result must look like, by its arguments. */
type Expected = Pick<SlotInstruction, 'level' | 'scale' | 'components'>;

function problemOf(
  program: SlotProgram,
  ring: SlotRing,
  instruction: SlotInstruction,
  index: number,
): string | undefined {
  if (!isLevel(instruction.level, ring)) return `there is no level ${instruction.level}`;
  const args: SlotInstruction[] = [];
  for (const register of instruction.args) {
    const filled = register < index ? program.instructions[register] : undefined;
    if (filled === undefined) return `register ${register} is not filled yet`;
    args.push(filled);
  }
  const expected = expectedOf(program, ring, instruction, args);
  if (typeof expected === 'string') return expected;
  if (instruction.level !== expected.level) return `level ${instruction.level}, not ${expected.level}`;
  if (instruction.components !== expected.components) {
    return `${instruction.components} components, not ${expected.components}`;
  }
  return near(instruction.scale, expected.scale)
    ? undefined
    : `scale ${instruction.scale}, not ${expected.scale}`;
}

function expectedOf(
  program: SlotProgram,
  ring: SlotRing,
  instruction: SlotInstruction,
  args: readonly SlotInstruction[],
): Expected | string {
  const [a, b] = args;
  const two = 2 as const;
  const three = 3 as const;
  const plain = (index: number, of: SlotInstruction) => {
    const operand = program.plaintexts[index];
    return operand?.level === of.level ? operand : undefined;
  };
  switch (instruction.op) {
    case 'input': {
      const input = program.inputs.find(({ name }) => name === instruction.name);
      if (input === undefined || !(instruction.block >= 0 && instruction.block < input.blocks)) {
        return `there is no block ${instruction.block} of input ${instruction.name}`;
      }
      return { level: input.level, scale: input.scale, components: two };
    }
    case 'add':
    case 'sub': {
      if (a!.level !== b!.level || !near(a!.scale, b!.scale)) return 'operands of two levels or scales';
      return { ...a!, components: a!.components === 3 ? three : b!.components };
    }
    case 'negate':
      return a!;
    case 'addPlain':
    case 'subPlain': {
      const operand = plain(instruction.plain, a!);
      return operand !== undefined && near(operand.scale, a!.scale)
        ? a!
        : `plaintext ${instruction.plain} has another level or scale`;
    }
    case 'mulPlain': {
      const operand = plain(instruction.plain, a!);
      if (operand === undefined) return `plaintext ${instruction.plain} has another level`;
      return { ...a!, scale: a!.scale * operand.scale };
    }
    case 'innerProductPlain': {
      const { plains } = instruction;
      if (a === undefined || plains.length !== args.length) return 'operands that do not pair up';
      for (const [i, arg] of args.entries()) {
        const operand = plain(plains[i]!, arg);
        const first = program.plaintexts[plains[0]!];
        if (operand === undefined || arg.level !== a.level || arg.components !== a.components) {
          return `term ${i} has another level or other components`;
        }
        if (!near(arg.scale * operand.scale, a.scale * first!.scale)) return `term ${i} has another scale`;
      }
      return { ...a, scale: a.scale * program.plaintexts[plains[0]!]!.scale };
    }
    case 'multiply':
    case 'square':
    case 'innerProduct': {
      const pairs: (readonly [SlotInstruction, SlotInstruction])[] = [];
      if (instruction.op === 'square') pairs.push([a!, a!]);
      else for (let i = 0; i + 1 < args.length; i += 2) pairs.push([args[i]!, args[i + 1]!]);
      if (pairs.length === 0 || (instruction.op === 'innerProduct' && args.length % 2 === 1)) {
        return 'operands that do not pair up';
      }
      const scale = pairs[0]![0].scale * pairs[0]![1].scale;
      for (const [x, y] of pairs) {
        if (x.level !== a!.level || y.level !== a!.level) return 'operands of two levels';
        if (x.components !== 2 || y.components !== 2) return 'a factor of three components';
        if (!near(x.scale * y.scale, scale)) return 'terms of two scales';
      }
      return { level: a!.level, scale, components: three };
    }
    case 'relinearise':
      return { ...a!, components: two };
    case 'rescale':
      if (a!.level === 0) return 'no prime is left to divide by';
      return { ...a!, level: a!.level - 1, scale: a!.scale / ring.primes[a!.level]! };
    case 'dropLevels':
      return instruction.level <= a!.level
        ? { ...a!, level: instruction.level }
        : `level ${instruction.level} is above its argument's ${a!.level}`;
    case 'rotate':
      if (!Number.isInteger(instruction.steps)) return `${instruction.steps} steps`;
      return a!.components === 2 ? a! : 'relinearise before rotating';
  }
}
