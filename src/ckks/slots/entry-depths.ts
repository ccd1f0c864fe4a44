import { type Chain, canonicalScales, sameScale } from './chain.ts';
import { isUniform } from './program.ts';
import type { BuiltProgram } from './tidy.ts';

/** Levels below the top at which inputs enter, by name; those that enter at the top are absent. */
export type EntryDepths = ReadonlyMap<string, number>;

/**
 * Levels below the top at which an input can enter. What only brings it down from the top, a drop or a product with 1
 * and a rescale, is not a use: its owner encrypts at that level and scale instead.
 */
export function entryDepths({ program }: BuiltProgram, chain: Chain): EntryDepths {
  const { instructions, plaintexts } = program;
  const top = chain.primes.length - 1;
  const readers = instructions.map((): number[] => []);
  instructions.forEach(({ args }, index) => {
    for (const argument of new Set(args)) readers[argument]!.push(index);
  });
  const outputs = new Set(program.outputs.flatMap(({ registers }) => registers));
  const units = new Map(program.inputs.map(({ name, scale }) => [name, 2 ** chain.scaleBits / scale]));
  const canonical = canonicalScales(chain);
  const isOne = (plain: number): boolean => isUniform(plaintexts[plain]!) && plaintexts[plain]!.values === 1;
  /** Highest level at which a register that carries an input is really used. */
  const used = (index: number, unit: number): number => {
    const instruction = instructions[index]!;
    if (outputs.has(index)) return instruction.level;
    return Math.max(
      ...readers[index]!.map((reader) => {
        const by = instructions[reader]!;
        if (by.op === 'dropLevels') return used(reader, unit);
        const next = readers[reader]!;
        const lifts = by.op === 'mulPlain' && isOne(by.plain) && next.length > 0 && !outputs.has(reader);
        const arrives = (each: number): boolean => {
          const { op, level, scale } = instructions[each]!;
          return op === 'rescale' && sameScale(scale, canonical[level]! / unit);
        };
        if (lifts && next.every(arrives)) return Math.max(...next.map((each) => used(each, unit)));
        return by.level;
      }),
    );
  };
  const levels = new Map<string, number>();
  instructions.forEach((instruction, index) => {
    if (instruction.op !== 'input') return;
    const level =
      readers[index]!.length === 0 && !outputs.has(index) ? 0 : used(index, units.get(instruction.name)!);
    levels.set(instruction.name, Math.max(level, levels.get(instruction.name) ?? 0));
  });
  const depths = new Map<string, number>();
  for (const [name, level] of levels) if (level < top) depths.set(name, top - level);
  return depths;
}
