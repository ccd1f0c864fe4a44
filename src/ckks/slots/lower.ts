import { type AnyCircuit, argumentsOf, type CircuitNode, type InputSpec } from '../../algebra/circuit.ts';
import { applyOperation } from '../../algebra/execute.ts';
import { plainAlgebra } from '../../algebra/plain.ts';
import { PlanError } from '../../base/errors.ts';
import { SlotProgramBuilder } from './builder.ts';
import type { Chain } from './chain.ts';
import { unitsOf } from './demand.ts';
import type { SlotRegister } from './draft.ts';
import { type EntryDepths, entryDepths } from './entry-depths.ts';
import { runsOfInputs } from './input-runs.ts';
import { addIntervals, hull, type Interval, mulIntervals, negateInterval, within } from './interval.ts';
import { type Gap, type Layout, layoutInRuns, layoutOf, spread, uniformValue } from './layout.ts';
import { lowerMatrix } from './lower-matrix.ts';
import { lowerSeries } from './lower-series.ts';
import { lowerSum } from './lower-sum.ts';
import { fusedSeries, liveNodes, matricesShown } from './node-uses.ts';
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
