import type {
  SlotInput,
  SlotInstruction,
  SlotOperation,
  SlotOutput,
  SlotPlaintext,
  SlotProgram,
} from '../../src/ckks/slots/program.ts';
import type { SeededRandom } from '../../src/numeric/seeded.ts';

/** Writes slot programs by hand: follows levels, scales and components as the planner does. */
export class ProgramWriter {
  readonly primes: readonly number[];
  readonly instructions: SlotInstruction[] = [];
  readonly plaintexts: SlotPlaintext[] = [];
  readonly inputs: SlotInput[] = [];
  readonly outputs: SlotOutput[] = [];

  /** @param primes data primes, exactly. */
  constructor(primes: readonly bigint[]) {
    this.primes = primes.map(Number);
  }

  get program(): SlotProgram {
    return {
      instructions: this.instructions,
      plaintexts: this.plaintexts,
      inputs: this.inputs,
      outputs: this.outputs,
    };
  }

  at(register: number): SlotInstruction {
    return this.instructions[register]!;
  }

  input(
    name: string,
    length: number,
    scale: number,
    options: { level?: number; blocks?: number; padding?: 'zero' | 'repeat' } = {},
  ): number[] {
    const { level = this.primes.length - 1, blocks = 1, padding = 'zero' } = options;
    this.inputs.push({ name, length, blocks, level, scale, padding });
    return Array.from({ length: blocks }, (_, block) =>
      this.#write({ op: 'input', args: [], name, block }, level, scale, 2),
    );
  }

  output(name: string, length: number, registers: readonly number[]): void {
    this.outputs.push({ name, length, registers });
  }

  plain(values: Float64Array | number, level: number, scale: number): number {
    return this.plaintexts.push({ values, level, scale }) - 1;
  }

  add(a: number, b: number, op: 'add' | 'sub' = 'add'): number {
    const components = Math.max(this.at(a).components, this.at(b).components) as 2 | 3;
    return this.#write({ op, args: [a, b] }, this.at(a).level, this.at(a).scale, components);
  }

  negate(a: number): number {
    return this.#like({ op: 'negate', args: [a] }, a);
  }

  addPlain(a: number, values: Float64Array | number, op: 'addPlain' | 'subPlain' = 'addPlain'): number {
    return this.#like({ op, args: [a], plain: this.plain(values, this.at(a).level, this.at(a).scale) }, a);
  }

  mulPlain(a: number, values: Float64Array | number, scale: number): number {
    const plain = this.plain(values, this.at(a).level, scale);
    const { level, components } = this.at(a);
    return this.#write({ op: 'mulPlain', args: [a], plain }, level, this.at(a).scale * scale, components);
  }

  innerProductPlain(
    terms: readonly (readonly [number, Float64Array | number])[],
    productScale: number,
  ): number {
    const args = terms.map(([register]) => register);
    const plains = terms.map(([register, values]) =>
      this.plain(values, this.at(register).level, productScale / this.at(register).scale),
    );
    const { level, components } = this.at(args[0]!);
    return this.#write({ op: 'innerProductPlain', args, plains }, level, productScale, components);
  }

  multiply(a: number, b: number): number {
    return this.#write(
      { op: 'multiply', args: [a, b] },
      this.at(a).level,
      this.at(a).scale * this.at(b).scale,
      3,
    );
  }

  square(a: number): number {
    return this.#write({ op: 'square', args: [a] }, this.at(a).level, this.at(a).scale ** 2, 3);
  }

  innerProduct(pairs: readonly (readonly [number, number])[]): number {
    const [[a, b]] = pairs as [readonly [number, number]];
    const scale = this.at(a).scale * this.at(b).scale;
    return this.#write({ op: 'innerProduct', args: pairs.flat() }, this.at(a).level, scale, 3);
  }

  relinearise(a: number): number {
    return this.#write({ op: 'relinearise', args: [a] }, this.at(a).level, this.at(a).scale, 2);
  }

  rescale(a: number): number {
    const { level, scale, components } = this.at(a);
    return this.#write({ op: 'rescale', args: [a] }, level - 1, scale / this.primes[level]!, components);
  }

  dropLevels(a: number, level: number): number {
    return this.#write({ op: 'dropLevels', args: [a] }, level, this.at(a).scale, this.at(a).components);
  }

  rotate(a: number, steps: number): number {
    return this.#like({ op: 'rotate', args: [a], steps }, a);
  }

  /** Brings a register to a level below its own, at an exact scale, by a product with one. */
  align(a: number, level: number, scale: number): number {
    const from = this.at(a).level > level + 1 ? this.dropLevels(a, level + 1) : a;
    const factor = (scale * this.primes[level + 1]!) / this.at(from).scale;
    return this.rescale(this.mulPlain(from, 1, factor));
  }

  #like(operation: SlotOperation, a: number): number {
    const { level, scale, components } = this.at(a);
    return this.#write(operation, level, scale, components);
  }

  #write(operation: SlotOperation, level: number, scale: number, components: 2 | 3): number {
    return this.instructions.push({ ...operation, level, scale, components }) - 1;
  }
}

/**
 * A random program over two inputs x and y in [-1, 1]: sums, products, rotations, public operands, all at levels and scales
 * as they come, aligned where operands differ. Values stay within [-1, 1].
 */
export function randomProgram(
  random: SeededRandom,
  primes: readonly bigint[],
  slots: number,
  scale: number,
  steps: readonly number[],
  operations: number,
): SlotProgram {
  const writer = new ProgramWriter(primes);
  const values = [...writer.input('x', slots, scale), ...writer.input('y', slots, scale)];
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random.uniform() * from.length)]!;
  const vector = () => Float64Array.from({ length: slots }, () => 2 * random.uniform() - 1);
  /** Two values at one level and scale, which leaves at least `spare` levels below. */
  const pairOf = (spare: number): readonly [number, number] | undefined => {
    const a = pick(values);
    const b = pick(values);
    const [x, y] = [writer.at(a), writer.at(b)];
    if (x.level === y.level && x.scale === y.scale) return x.level >= spare ? [a, b] : undefined;
    const [low, high] = x.level <= y.level ? [a, b] : [b, a];
    const { level } = writer.at(low);
    if (level < spare || writer.at(high).level === level) return undefined;
    return [low, writer.align(high, level, writer.at(low).scale)];
  };
  for (let i = 0; i < operations; i++) {
    const a = pick(values);
    const { level } = writer.at(a);
    switch (
      pick(['sum', 'difference', 'product', 'square', 'scaled', 'shifted', 'rotated', 'inner', 'mixed'])
    ) {
      case 'sum':
      case 'difference': {
        const pair = pairOf(1);
        if (pair === undefined) break;
        const sum = writer.add(...pair, random.uniform() < 0.5 ? 'add' : 'sub');
        values.push(writer.rescale(writer.mulPlain(sum, 0.5, scale)));
        break;
      }
      case 'product': {
        const pair = pairOf(1);
        if (pair) values.push(writer.rescale(writer.relinearise(writer.multiply(...pair))));
        break;
      }
      case 'square':
        if (level >= 1) values.push(writer.rescale(writer.relinearise(writer.square(a))));
        break;
      case 'scaled':
        if (level >= 1) values.push(writer.rescale(writer.mulPlain(a, vector(), scale)));
        break;
      case 'shifted':
        if (level < 1) break;
        values.push(
          writer.rescale(
            writer.mulPlain(writer.addPlain(writer.negate(a), vector(), 'subPlain'), 0.5, scale),
          ),
        );
        break;
      case 'rotated': {
        const rotated = steps.map((step) => writer.rotate(a, step));
        values.push(...rotated);
        break;
      }
      case 'inner': {
        const pair = pairOf(1);
        if (pair === undefined) break;
        const product = writer.at(pair[0]).scale * scale;
        values.push(
          writer.rescale(
            writer.innerProductPlain(
              [
                [pair[0], vector().map((v) => v / 2)],
                [pair[1], -0.5],
              ],
              product,
            ),
          ),
        );
        break;
      }
      case 'mixed': {
        // A sum of three and of two components, relinearised once.
        const pair = pairOf(2);
        if (pair === undefined) break;
        const { scale: own } = writer.at(pair[0]);
        const products = writer.innerProduct([pair, [pair[1], pair[1]]]);
        const lifted = writer.mulPlain(pair[0], 1, own);
        const mixed = writer.rescale(writer.add(products, lifted, random.uniform() < 0.5 ? 'add' : 'sub'));
        values.push(writer.rescale(writer.mulPlain(writer.relinearise(mixed), 0.25, scale)));
        break;
      }
    }
  }
  writer.output('last', slots, [values.at(-1)!]);
  writer.output('middle', slots, [values[values.length >> 1]!]);
  return writer.program;
}
