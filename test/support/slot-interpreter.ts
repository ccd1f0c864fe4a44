import type { SlotInstruction, SlotPlaintext, SlotProgram } from '../../src/ckks/slots/program.ts';

/** What a program is run on: ring and data primes. */
export type InterpreterChain = { readonly slots: number; readonly primes: readonly number[] };

/** Scales that must be equal may differ by the rounding of the doubles that follow them. */
const SCALE_TOLERANCE = 2 ** -44;

/** What a program computed: each output's vector, and every register. */
type Computed = {
  readonly outputs: Record<string, Float64Array>;
  readonly registers: readonly Float64Array[];
};

/**
 * Runs a slot program in the clear, in doubles, on whole vectors of slots, and checks that every instruction's level,
 * scale and component count follow from its arguments'. Throws where a real evaluator would go wrong.
 */
export function interpretSlots(
  program: SlotProgram,
  chain: InterpreterChain,
  inputs: Readonly<Record<string, Float64Array>>,
): Computed {
  program.instructions.forEach((instruction, index) => {
    for (const argument of instruction.args) {
      if (!(argument < index))
        throw new Error(`instruction ${index} reads ${argument}, which is not written yet`);
    }
    checkForm(program, chain, instruction, index);
  });
  return computeSlots(program, chain.slots, inputs);
}

/** The same without the checks: for programs written by hand, which may rotate either way. */
export function computeSlots(
  program: SlotProgram,
  slots: number,
  inputs: Readonly<Record<string, Float64Array>>,
): Computed {
  const registers: Float64Array[] = [];
  for (const instruction of program.instructions)
    registers.push(run(program, slots, instruction, registers, inputs));
  const outputs = Object.fromEntries(
    program.outputs.map(({ name, length, registers: blocks, every }) => {
      if (every !== undefined) {
        const sum = (i: number) =>
          registers[blocks[0]!]!.reduce((s, v, k) => (k % every === i ? s + v : s), 0);
        return [name, Float64Array.from({ length }, (_, i) => sum(i))];
      }
      const all = new Float64Array(blocks.length * slots);
      for (const [b, register] of blocks.entries()) all.set(registers[register]!, b * slots);
      return [name, all.slice(0, length)];
    }),
  );
  return { outputs, registers };
}

/** Slots of one block of an input, padding included. */
export function slotsOfBlock(
  program: SlotProgram,
  slots: number,
  name: string,
  block: number,
  values: Float64Array,
): Float64Array {
  const spec = program.inputs.find((input) => input.name === name);
  if (spec === undefined) throw new Error(`no input ${name}`);
  if (values.length !== spec.length)
    throw new Error(`input ${name}: ${values.length} values, not ${spec.length}`);
  const out = new Float64Array(slots);
  if (spec.padding === 'zero') {
    out.set(values.subarray(block * slots, (block + 1) * slots));
    return out;
  }
  if (typeof spec.padding === 'object') {
    const { length, every } = spec.padding;
    const parts = 2 ** Math.ceil(Math.log2(Math.ceil(spec.length / length)));
    for (let k = 0; k < slots; k++) {
      const part = Math.floor((k % (parts * every)) / every);
      out[k] = values[part * length + (k % length)] ?? 0;
    }
    return out;
  }
  const period = 2 ** Math.ceil(Math.log2(spec.length));
  if (spec.blocks !== 1 || period > slots) throw new Error(`input ${name}: a repeated vector has one block`);
  for (let start = 0; start < slots; start += period) out.set(values, start);
  return out;
}

function plainSlots({ values }: SlotPlaintext, slots: number): Float64Array {
  const out = new Float64Array(slots);
  if (typeof values === 'number') return out.fill(values);
  out.set(values);
  return out;
}

function run(
  program: SlotProgram,
  slots: number,
  instruction: SlotInstruction,
  registers: readonly Float64Array[],
  inputs: Readonly<Record<string, Float64Array>>,
): Float64Array {
  const at = (i: number): Float64Array => registers[instruction.args[i]!]!;
  const plain = (index: number): Float64Array => plainSlots(program.plaintexts[index]!, slots);
  const { op } = instruction;
  switch (op) {
    case 'input':
      return slotsOfBlock(program, slots, instruction.name, instruction.block, inputs[instruction.name]!);
    case 'add':
      return at(0).map((x, i) => x + at(1)[i]!);
    case 'sub':
      return at(0).map((x, i) => x - at(1)[i]!);
    case 'negate':
      return at(0).map((x) => -x);
    case 'addPlain':
    case 'subPlain':
    case 'mulPlain': {
      const p = plain(instruction.plain);
      if (op === 'mulPlain') return at(0).map((x, i) => x * p[i]!);
      return at(0).map((x, i) => (op === 'addPlain' ? x + p[i]! : x - p[i]!));
    }
    case 'innerProductPlain': {
      const out = new Float64Array(slots);
      instruction.plains.forEach((index, k) => {
        const p = plain(index);
        for (let i = 0; i < slots; i++) out[i]! += at(k)[i]! * p[i]!;
      });
      return out;
    }
    case 'multiply':
      return at(0).map((x, i) => x * at(1)[i]!);
    case 'square':
      return at(0).map((x) => x * x);
    case 'innerProduct': {
      const out = new Float64Array(slots);
      for (let k = 0; k < instruction.args.length; k += 2)
        for (let i = 0; i < slots; i++) out[i]! += at(k)[i]! * at(k + 1)[i]!;
      return out;
    }
    case 'relinearise':
    case 'rescale':
    case 'dropLevels':
      return at(0);
    case 'rotate':
      return at(0).map((_, i) => at(0)[(((i + instruction.steps) % slots) + slots) % slots]!);
  }
}

function checkForm(
  program: SlotProgram,
  chain: InterpreterChain,
  instruction: SlotInstruction,
  index: number,
): void {
  const { level, scale, components } = instruction;
  const fail = (what: string): never => {
    throw new Error(`instruction ${index} (${instruction.op}): ${what}`);
  };
  if (!(level >= 0 && level < chain.primes.length)) fail(`level ${level} of ${chain.primes.length} primes`);
  if (!(scale > 0 && Number.isFinite(scale))) fail(`scale ${scale}`);
  const expected = expectedForm(program, chain, instruction, fail);
  if (expected.level !== level) fail(`level ${level}, expected ${expected.level}`);
  if (!near(expected.scale, scale)) fail(`scale ${scale}, expected ${expected.scale}`);
  if (expected.components !== components) fail(`${components} components, expected ${expected.components}`);
}

const widest = (args: readonly SlotInstruction[]): 2 | 3 =>
  args.some(({ components }) => components === 3) ? 3 : 2;

type Form = Pick<SlotInstruction, 'level' | 'scale' | 'components'>;

/** What the arguments and the operation make of the result, after checking that they fit each other. */
function expectedForm(
  program: SlotProgram,
  chain: InterpreterChain,
  instruction: SlotInstruction,
  fail: (what: string) => never,
): Form {
  const { op, level, scale } = instruction;
  const args = instruction.args.map((argument) => program.instructions[argument]!);
  const plainAt = (plain: number): SlotPlaintext => {
    const found = program.plaintexts[plain] ?? fail(`no plaintext ${plain}`);
    if (found.level !== level) fail(`plaintext of level ${found.level} at level ${level}`);
    return found;
  };
  for (const argument of args) {
    if (op !== 'rescale' && op !== 'dropLevels' && argument.level !== level)
      fail(`argument of level ${argument.level} at level ${level}`);
  }
  const [a, b] = args as [SlotInstruction, SlotInstruction];
  switch (op) {
    case 'input': {
      const spec = program.inputs.find(({ name }) => name === instruction.name) ?? fail('undeclared');
      if (instruction.block >= spec.blocks) fail(`block ${instruction.block} of ${spec.blocks}`);
      return { ...spec, components: 2 };
    }
    case 'add':
    case 'sub':
      if (!near(a.scale, b.scale)) fail(`scales ${a.scale} and ${b.scale}`);
      return { ...a, components: widest([a, b]) };
    case 'negate':
      return a;
    case 'addPlain':
    case 'subPlain':
      if (!near(plainAt(instruction.plain).scale, scale)) fail('plaintext of another scale');
      return a;
    case 'mulPlain':
      return { ...a, scale: a.scale * plainAt(instruction.plain).scale };
    case 'innerProductPlain':
      if (instruction.plains.length !== args.length || args.length === 0) fail('unpaired arguments');
      instruction.plains.forEach((plain, k) => {
        if (!near(plainAt(plain).scale * args[k]!.scale, scale)) fail(`term ${k} of another scale`);
      });
      return { level, scale, components: widest(args) };
    case 'multiply':
    case 'innerProduct':
      if (args.length % 2 !== 0 || args.length === 0) fail('unpaired arguments');
      if (args.some((arg) => arg.components !== 2)) fail('a factor of three components');
      for (let k = 0; k < args.length; k += 2)
        if (!near(args[k]!.scale * args[k + 1]!.scale, scale)) fail(`term ${k / 2} of another scale`);
      return { level, scale, components: 3 };
    case 'square':
      if (a.components !== 2) fail('a factor of three components');
      return { level, scale: a.scale ** 2, components: 3 };
    case 'relinearise':
      if (a.components !== 3) fail('nothing to relinearise');
      return { ...a, components: 2 };
    case 'rescale':
      if (a.level === 0) fail('no prime left to drop');
      return { ...a, level: a.level - 1, scale: a.scale / chain.primes[a.level]! };
    case 'dropLevels':
      if (!(level < a.level)) fail(`from level ${a.level} to ${level}`);
      return { ...a, level };
    case 'rotate':
      if (a.components !== 2) fail('a rotation of three components');
      if (!(Number.isInteger(instruction.steps) && instruction.steps > 0 && instruction.steps < chain.slots))
        fail(`steps ${instruction.steps}`);
      return a;
  }
}

function near(a: number, b: number): boolean {
  return Math.abs(a / b - 1) <= SCALE_TOLERANCE;
}
