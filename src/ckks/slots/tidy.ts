import type { Draft, Linearisation } from './draft.ts';
import type { Interval } from './interval.ts';
import { checkModulus } from './modulus.ts';
import type { PlaintextBound } from './plaintexts.ts';
import type { SlotInstruction, SlotOutput, SlotProgram } from './program.ts';

/** A program, and what the planner knows of its registers. */
export type BuiltProgram = {
  readonly program: SlotProgram;
  readonly bounds: readonly Interval[];
  readonly plaintextBounds: readonly PlaintextBound[];
  readonly linearisations: ReadonlyMap<number, readonly Linearisation[]>;
  readonly omissions: ReadonlyMap<number, number>;
  /** New index of a draft's register; absent where nothing reads it. */
  readonly renumbered: ReadonlyMap<number, number>;
};

/**
 * Makes a program of a draft: what no output depends on is dropped, rotations of one register are brought together so
 * that they can be hoisted, and registers and plaintexts are numbered anew.
 * @throws PlanError where a value does not fit the modulus of its level.
 */
export function tidy(draft: Draft, outputs: readonly SlotOutput[]): BuiltProgram {
  const alive = liveRegisters(draft.instructions, outputs);
  const renumbered = new Map<number, number>();
  for (const index of orderOf(draft.instructions, alive)) renumbered.set(index, renumbered.size);
  const plains = new Map<number, number>();
  const instructions = [...renumbered.keys()].map((index) =>
    renumber(draft.instructions[index]!, renumbered, plains),
  );
  const read = new Set(
    instructions.flatMap((instruction) => (instruction.op === 'input' ? [instruction.name] : [])),
  );
  const program: SlotProgram = {
    instructions,
    plaintexts: [...plains.keys()].map((index) => draft.plaintexts[index]!),
    inputs: draft.inputs.filter(({ name }) => read.has(name)),
    outputs: outputs.map((output) => ({
      ...output,
      registers: output.registers.map((index) => renumbered.get(index)!),
    })),
  };
  const linearisations = new Map<number, readonly Linearisation[]>();
  for (const [index, list] of draft.linearisations) {
    const at = renumbered.get(index);
    if (at === undefined) continue;
    // Every register that another depends on is alive with it.
    linearisations.set(
      at,
      list.map((parts) => parts.map(({ of, sensitivity }) => ({ of: renumbered.get(of)!, sensitivity }))),
    );
  }
  const bounds = [...renumbered.keys()].map((index) => draft.bounds[index]!);
  checkModulus(draft.chain, instructions, bounds);
  const plaintextBounds = [...plains.keys()].map((index) => draft.plaintextBounds[index]!);
  const omissions = new Map(
    [...draft.omissions].flatMap(([index, most]) => {
      const at = renumbered.get(index);
      return at === undefined ? [] : [[at, most] as const];
    }),
  );
  return { program, bounds, plaintextBounds, linearisations, omissions, renumbered };
}

function liveRegisters(
  instructions: readonly SlotInstruction[],
  outputs: readonly SlotOutput[],
): ReadonlySet<number> {
  const alive = new Set(outputs.flatMap(({ registers }) => registers));
  // A block of an input is sent whether or not it is read: an owner must not have to know which are.
  const names = new Set<string>();
  for (let index = instructions.length - 1; index >= 0; index--) {
    const instruction = instructions[index]!;
    if (!alive.has(index)) continue;
    if (instruction.op === 'input') names.add(instruction.name);
    for (const argument of instruction.args) alive.add(argument);
  }
  instructions.forEach((instruction, index) => {
    if (instruction.op === 'input' && names.has(instruction.name)) alive.add(index);
  });
  return alive;
}

function orderOf(instructions: readonly SlotInstruction[], alive: ReadonlySet<number>): number[] {
  const rotations = new Map<number, number[]>();
  instructions.forEach((instruction, index) => {
    if (instruction.op !== 'rotate' || !alive.has(index)) return;
    const [of] = instruction.args;
    rotations.set(of, [...(rotations.get(of) ?? []), index]);
  });
  const placed = new Set<number>();
  instructions.forEach((instruction, index) => {
    if (!alive.has(index) || placed.has(index)) return;
    const together = instruction.op === 'rotate' ? rotations.get(instruction.args[0])! : [index];
    for (const each of together) placed.add(each);
  });
  return [...placed];
}

function renumber(
  instruction: SlotInstruction,
  registers: ReadonlyMap<number, number>,
  plains: Map<number, number>,
): SlotInstruction {
  const plainOf = (index: number): number => {
    const known = plains.get(index);
    if (known !== undefined) return known;
    plains.set(index, plains.size);
    return plains.size - 1;
  };
  const args = instruction.args.map((argument) => registers.get(argument)!);
  const moved = { ...instruction, args } as SlotInstruction;
  if ('plain' in moved) return { ...moved, plain: plainOf(moved.plain) };
  if ('plains' in moved) return { ...moved, plains: moved.plains.map(plainOf) };
  return moved;
}
