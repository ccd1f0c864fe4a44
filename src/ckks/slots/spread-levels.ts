import type { ChainForm } from './chain-form.ts';
import type { LoweredCircuit } from './lower.ts';
import type { SlotInstruction } from './program.ts';

/** Products of the primes of each level: the chain that a circuit is lowered on. */
export function levelModuli({ first, each }: ChainForm, primes: readonly number[]): number[] {
  const moduli: number[] = [];
  for (let at = 0; at < primes.length; at += at === 0 ? first : each) {
    const level = primes.slice(at, at + (at === 0 ? first : each));
    moduli.push(level.reduce((product, prime) => product * prime, 1));
  }
  return moduli;
}

/**
 * Writes a program whose levels are products of primes as one whose levels are primes: a rescale becomes one for each prime of its level, and
 * all that is known of a register goes with the last of them. Scales are those of exact arithmetic on doubles either way.
 */
export function spreadLevels(
  lowered: LoweredCircuit,
  form: ChainForm,
  primes: readonly number[],
): LoweredCircuit {
  const { first, each } = form;
  if (first === 1 && each === 1) return lowered;
  const primeLevel = (level: number): number => first - 1 + level * each;
  const { program } = lowered;
  const instructions: SlotInstruction[] = [];
  /** New index of a register, and the old one of each new. */
  const moved: number[] = [];
  const origins: number[] = [];
  const emit = (instruction: SlotInstruction, origin: number): void => {
    instructions.push(instruction);
    origins.push(origin);
  };
  program.instructions.forEach((instruction, index) => {
    const args = instruction.args.map((argument) => moved[argument]!);
    const placed = { ...instruction, args, level: primeLevel(instruction.level) } as SlotInstruction;
    if (placed.op === 'rescale') {
      let { scale } = program.instructions[instruction.args[0]!]!;
      for (let level = primeLevel(instruction.level + 1); level > placed.level + 1; level--) {
        scale /= primes[level]!;
        const from = level === primeLevel(instruction.level + 1) ? args : [instructions.length - 1];
        emit({ ...placed, args: from as [number], level: level - 1, scale }, index);
      }
      emit(each === 1 ? placed : { ...placed, args: [instructions.length - 1] }, index);
    } else {
      emit(placed, index);
    }
    moved.push(instructions.length - 1);
  });
  const at = (index: number): number => moved[index]!;
  return {
    program: {
      instructions,
      plaintexts: program.plaintexts.map((plaintext) => {
        const { scale, made } = plaintext;
        const level = primeLevel(plaintext.level);
        if (made !== true) return { ...plaintext, level };
        return {
          level,
          scale,
          made,
          get values() {
            return plaintext.values;
          },
        };
      }),
      inputs: program.inputs.map((input) => ({ ...input, level: primeLevel(input.level) })),
      outputs: program.outputs.map((output) => ({ ...output, registers: output.registers.map(at) })),
    },
    bounds: origins.map((origin) => lowered.bounds[origin]!),
    plaintextBounds: lowered.plaintextBounds,
    linearisations: new Map(
      [...lowered.linearisations].map(([index, list]) => [
        at(index),
        list.map((parts) => parts.map(({ of, sensitivity }) => ({ of: at(of), sensitivity }))),
      ]),
    ),
    omissions: new Map([...lowered.omissions].map(([index, most]) => [at(index), most])),
    renumbered: new Map([...lowered.renumbered].map(([index, to]) => [index, at(to)])),
    nodeRegisters: lowered.nodeRegisters.map((registers) => registers.map(at)),
  };
}
