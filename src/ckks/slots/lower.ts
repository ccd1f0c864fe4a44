import { type AnyCircuit, argumentsOf, type CircuitNode, type InputSpec } from '../../algebra/circuit.ts';
import { applyOperation } from '../../algebra/execute.ts';
import { plainAlgebra } from '../../algebra/plain.ts';
import { PlanError } from '../../base/errors.ts';
import { type Chain, canonicalScales, SlotProgramBuilder, type SlotRegister, sameScale } from './builder.ts';
import { unitsOf } from './demand.ts';
import { runsOfInputs } from './input-runs.ts';
import { addIntervals, hull, type Interval, mulIntervals, negateInterval, within } from './interval.ts';
import { type Gap, type Layout, layoutInRuns, layoutOf, spread, uniformValue } from './layout.ts';
import { lowerMatrix } from './lower-matrix.ts';
import { lowerSeries } from './lower-series.ts';
import { lowerSum } from './lower-sum.ts';
import type { SlotOutput, SlotRuns } from './program.ts';
import { type BuiltProgram, tidy } from './tidy.ts';

/** A node as it lies in registers, a block each. */
export type SlotVector = {
  readonly layout: Layout;
  readonly registers: readonly SlotRegister[];
  readonly gap: Gap;
};

/** A node is public as long as no input reaches it. */
type Lowered = SlotVector | Float64Array;

export type LoweredCircuit = BuiltProgram & {
  /** Registers of every node, where the program has them: what the noise of a node is read from. */
  readonly nodeRegisters: readonly (readonly number[])[];
};

/** Levels below the top at which inputs enter, by name; those that enter at the top are absent. */
export type EntryDepths = ReadonlyMap<string, number>;

export type LowerOptions = {
  /** Where inputs enter that are not needed at the top ({@link entryDepths}); by default found by lowering twice. */
  readonly depths?: EntryDepths | undefined;
  /**
   * Whether who decrypts may see, and add up, the parts of a product with a matrix that is a result: it does where all inputs are its
   * own, whose parts it could compute. Default: no.
   */
  readonly ownerFolds?: boolean | undefined;
};

/**
 * Lowers a circuit to a slot program on a chain of primes.
 * @throws PlanError where the chain has too few levels or too small a modulus.
 */
export function lowerCircuit(
  circuit: AnyCircuit,
  chain: Chain,
  { depths, ownerFolds = false }: LowerOptions = {},
): LoweredCircuit {
  if (depths === undefined) {
    const first = lowerCircuit(circuit, chain, { depths: new Map(), ownerFolds });
    const found = entryDepths(first, chain);
    return found.size === 0 ? first : lowerCircuit(circuit, chain, { depths: found, ownerFolds });
  }
  const top = chain.primes.length - 1;
  const levels = new Map([...depths].map(([name, depth]) => [name, Math.max(0, top - depth)]));
  return new CircuitLowering(circuit, chain, levels, ownerFolds).run();
}

class CircuitLowering {
  readonly #circuit: AnyCircuit;
  readonly #builder: SlotProgramBuilder;
  readonly #units: readonly number[];
  readonly #values: Lowered[] = [];
  /** Series that a product takes in. */
  readonly #fused: ReadonlySet<number>;
  readonly #live: ReadonlySet<number>;
  readonly #runs: ReadonlyMap<string, SlotRuns>;
  /** Matrices that are results and nothing else, whose parts the key holder may add up. */
  readonly #foldable: ReadonlySet<number>;
  /** Of those, the ones where it has to: by node, what {@link SlotOutput} says of it. */
  readonly #every = new Map<number, number>();

  constructor(
    circuit: AnyCircuit,
    chain: Chain,
    inputLevels: ReadonlyMap<string, number>,
    ownerFolds: boolean,
  ) {
    this.#circuit = circuit;
    this.#units = unitsOf(circuit, chain.spareBits);
    this.#builder = new SlotProgramBuilder(chain, inputLevels);
    this.#fused = fusedSeries(circuit);
    this.#live = liveNodes(circuit);
    this.#foldable = ownerFolds ? matricesShown(circuit, this.#live) : new Set();
    this.#runs = runsOfInputs(circuit, chain.slots, this.#live, this.#foldable);
  }

  run(): LoweredCircuit {
    this.#circuit.nodes.forEach((node, index) => {
      if (!this.#live.has(index)) {
        this.#values.push(new Float64Array(0));
        return;
      }
      const value = this.#lower(node, index);
      this.#values.push(value);
      if (!(value instanceof Float64Array || this.#fused.has(index) || this.#every.has(index)))
        this.#declare(node, value);
    });
    const outputs = Object.entries<number>(this.#circuit.outputs).map(([name, index]) =>
      this.#output(name, index),
    );
    const built = tidy(this.#builder.draft(), outputs);
    const nodeRegisters = this.#values.map((value, index) =>
      value instanceof Float64Array || this.#fused.has(index) || this.#every.has(index)
        ? []
        : value.registers.flatMap(({ index }) => built.renumbered.get(index) ?? []),
    );
    return { ...built, nodeRegisters };
  }

  #lower(node: CircuitNode, index: number): Lowered {
    if (node.op === 'input') return this.#input(node.name, index);
    if (node.op === 'constant') return node.plain;
    const values = argumentsOf(node).map((argument) => this.#values[argument]!);
    // What depends on no input is computed here.
    if (values.every((value) => value instanceof Float64Array))
      return applyOperation(node, plainAlgebra, values as Float64Array[]);
    return this.#secret(node, index);
  }

  #secret(node: CircuitNode, index: number): Lowered {
    const unit = this.#units[index]!;
    switch (node.op) {
      case 'add':
      case 'sub':
        return this.#sum(node.args, node.op);
      case 'scale':
        if (node.factor === 0) return new Float64Array(node.length);
        return scaled(this.#builder, this.#at(node.args[0]), node.factor);
      case 'within':
        return this.#at(node.args[0]);
      case 'addPlain':
        return this.#addPlain(this.#at(node.args[0]), node.plain);
      case 'mulPlain':
        return this.#mulPlain(this.#at(node.args[0]), node.plain, unit);
      case 'sum':
        return lowerSum(this.#builder, this.#at(node.args[0]), node.bound, this.#boundOf(node.args[0]));
      case 'dot': {
        const product = this.#product(node.args, unit);
        if (product instanceof Float64Array) return Float64Array.of(0);
        const { l1 } = node.bound;
        return lowerSum(this.#builder, product, node.bound, { low: -l1, high: l1, l1 });
      }
      case 'replicate': {
        const { registers } = this.#at(node.args[0]);
        const layout = layoutOf(node.length, this.#builder.chain.slots);
        const { low, high } = node.bound;
        return { layout, gap: { low, high }, registers: Array(layout.blocks).fill(registers[0]!) };
      }
      case 'matVecPlain': {
        const [of] = node.args;
        const foldable = this.#foldable.has(index);
        const { value, every } = lowerMatrix(
          this.#builder,
          node.matrix,
          this.#at(of),
          this.#boundOf(of),
          unit,
          foldable,
        );
        if (every !== undefined) this.#every.set(index, every);
        return value;
      }
      case 'mul':
        return this.#weighted(node.args, unit) ?? this.#product(node.args, unit);
      case 'poly':
        // Waits for its only reader, which takes it in.
        if (this.#fused.has(index)) return this.#at(node.args[0]);
        return lowerSeries(this.#builder, node.series, this.#at(node.args[0]), unit);
      default:
        throw new PlanError(`${node.op} has no slot form: CKKS cannot compare`, { op: node.op });
    }
  }

  #input(name: string, index: number): SlotVector {
    const { length, bound } = this.#circuit.inputs[name] as InputSpec;
    const runs = this.#runs.get(name);
    const layout =
      runs === undefined ? layoutOf(length, this.#builder.chain.slots) : layoutInRuns(length, runs);
    const padding = runs ?? (layout.blocks > 1 ? 'zero' : 'repeat');
    const spec = { name, length, blocks: layout.blocks, padding } as const;
    return { layout, gap: 0, registers: this.#builder.input(spec, within(bound), this.#units[index]!) };
  }

  #sum([a, b]: readonly [number, number], op: 'add' | 'sub'): Lowered {
    const [x, y] = [this.#values[a]!, this.#values[b]!];
    if (x instanceof Float64Array) {
      const signed = op === 'add' ? (y as SlotVector) : scaled(this.#builder, y as SlotVector, -1);
      return this.#addPlain(signed, x);
    }
    if (y instanceof Float64Array) return this.#addPlain(x, op === 'add' ? y : y.map((value) => -value));
    const gap = combine(x.gap, y.gap, op);
    return {
      ...x,
      gap,
      registers: x.registers.map((register, k) => this.#builder[op](register, y.registers[k]!)),
    };
  }

  #addPlain(x: SlotVector, w: Float64Array): SlotVector {
    const constant = uniformValue(w);
    // A uniform vector is added everywhere: one number needs no transform.
    const parts = constant === undefined ? spread(w, this.#builder.chain.slots, 0) : undefined;
    return {
      ...x,
      gap: combine(x.gap, constant ?? 0, 'add'),
      registers: x.registers.map((register, k) => {
        const part = parts?.[k] ?? constant!;
        // At the scale of a product, a vector would exceed what encoders on doubles take, 2^90.
        return this.#builder.addPlain(
          typeof part === 'number' ? register : this.#builder.settle(register),
          part,
        );
      }),
    };
  }

  #mulPlain(x: SlotVector, w: Float64Array, unit: number): Lowered {
    const constant = uniformValue(w);
    if (constant === 0) return new Float64Array(w.length);
    if (constant !== undefined) return scaled(this.#builder, x, constant);
    const parts = spread(w, this.#builder.chain.slots, 0);
    const registers = x.registers.map((register, k) => {
      const settled = this.#builder.settle(register);
      const scale = this.#builder.pendingScaleAt(settled.level) / unit / settled.scale;
      return this.#builder.mulPlain(settled, parts[k]!, scale);
    });
    return { ...x, gap: 0, registers };
  }

  #product([a, b]: readonly [number, number], unit: number): Lowered {
    const [x, y] = [this.#values[a]!, this.#values[b]!];
    if (x instanceof Float64Array) return this.#mulPlain(y as SlotVector, x, unit);
    if (y instanceof Float64Array) return this.#mulPlain(x, y, unit);
    const builder = this.#builder;
    const registers = x.registers.map((register, k) =>
      builder.multiply(builder.settle(register), builder.settle(y.registers[k]!)),
    );
    return { ...x, gap: combine(x.gap, y.gap, 'mul'), registers };
  }

  /** w p(x) with a secret w: the weight goes to the leaves of the series, and the product costs no level. */
  #weighted(args: readonly [number, number], unit: number): Lowered | undefined {
    const series = args.find((argument) => this.#fused.has(argument));
    if (series === undefined) return undefined;
    const weight = this.#at(args[0] === series ? args[1] : args[0]);
    const node = this.#circuit.nodes[series] as CircuitNode & { readonly op: 'poly' };
    return lowerSeries(this.#builder, node.series, this.#at(node.args[0]), unit, weight);
  }

  /** The declared bound of a node is sharper than what intervals give to registers. */
  #declare(node: CircuitNode, { registers, gap }: SlotVector): void {
    const { low, high } = node.bound;
    const all = hull({ low, high }, intervalOf(gap));
    for (const register of registers) this.#builder.declareBound(register, all);
  }

  /** Results are returned at the lowest level that holds them: fewer bytes, and nothing more to learn. */
  #output(name: string, index: number): SlotOutput {
    const value = this.#values[index]!;
    const { length } = this.#circuit.nodes[index]!;
    if (value instanceof Float64Array) {
      throw new PlanError(
        `output ${name} depends on no input: compute it in the clear, with the public operands`,
        { name },
      );
    }
    const registers = value.registers.map((register) => {
      const settled = this.#builder.settle(register);
      return this.#builder.dropTo(settled, this.#builder.lowestLevelOf(settled)).index;
    });
    const every = this.#every.get(index);
    return { name, length, registers, ...(every === undefined ? {} : { every }) };
  }

  #at(index: number): SlotVector {
    return this.#values[index] as SlotVector;
  }

  #boundOf(index: number): CircuitNode['bound'] {
    return this.#circuit.nodes[index]!.bound;
  }
}

/** Nodes on which an output depends: the others may not even fit. */
function liveNodes({ nodes, outputs }: AnyCircuit): ReadonlySet<number> {
  const live = new Set(Object.values<number>(outputs));
  for (let index = nodes.length - 1; index >= 0; index--)
    if (live.has(index)) for (const argument of argumentsOf(nodes[index]!)) live.add(argument);
  return live;
}

/** Matrices that are an output and that no other node reads. */
function matricesShown({ nodes, outputs }: AnyCircuit, live: ReadonlySet<number>): ReadonlySet<number> {
  const shown = new Set(Object.values<number>(outputs).filter((index) => nodes[index]!.op === 'matVecPlain'));
  for (const index of live) for (const argument of argumentsOf(nodes[index]!)) shown.delete(argument);
  return shown;
}

/** Series whose only reader is a product with another secret. */
function fusedSeries(circuit: AnyCircuit): ReadonlySet<number> {
  const { nodes, outputs } = circuit;
  const live = liveNodes(circuit);
  const readers = new Map<number, number[]>();
  nodes.forEach((node, index) => {
    if (!live.has(index)) return;
    for (const argument of argumentsOf(node))
      readers.set(argument, [...(readers.get(argument) ?? []), index]);
  });
  const secret: boolean[] = [];
  nodes.forEach((node, index) => {
    secret[index] = node.op === 'input' || argumentsOf(node).some((argument) => secret[argument]);
  });
  const shown = new Set(Object.values<number>(outputs));
  const fused = new Set<number>();
  nodes.forEach((node, index) => {
    const [reader, ...others] = readers.get(index) ?? [];
    if (node.op !== 'poly' || reader === undefined || others.length > 0 || shown.has(index)) return;
    if (!secret[index] || node.series.coefficients.subarray(1).every((c) => c === 0)) return;
    const by = nodes[reader]!;
    if (by.op !== 'mul') return;
    const other = by.args[0] === index ? by.args[1] : by.args[0];
    // Of two series only one can be the other's weight.
    if (other !== index && secret[other] && !fused.has(other)) fused.add(index);
  });
  return fused;
}

function scaled(builder: SlotProgramBuilder, x: SlotVector, factor: number): SlotVector {
  return {
    ...x,
    gap: combine(x.gap, factor, 'mul'),
    registers: x.registers.map((register) => builder.reinterpret(register, factor)),
  };
}

function intervalOf(gap: Gap): Interval {
  return typeof gap === 'number' ? { low: gap, high: gap } : gap;
}

function combine(a: Gap, b: Gap, op: 'add' | 'sub' | 'mul'): Gap {
  if (typeof a === 'number' && typeof b === 'number')
    return op === 'mul' ? a * b : op === 'add' ? a + b : a - b;
  if (op === 'mul' && (a === 0 || b === 0)) return 0;
  const [x, y] = [intervalOf(a), intervalOf(b)];
  if (op === 'mul') return mulIntervals(x, y);
  return addIntervals(x, op === 'add' ? y : negateInterval(y));
}

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
  const isOne = (plain: number): boolean => plaintexts[plain]!.values === 1;
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
