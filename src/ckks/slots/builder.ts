import { PlanError } from '../../base/errors.ts';
import { type Chain, canonicalScales, LEAST_LIFT, sameScale, tooDeep, USABLE } from './chain.ts';
import type { Draft, Linearisation, SlotRegister } from './draft.ts';
import {
  absOf,
  addIntervals,
  type Interval,
  intersect,
  mulIntervals,
  negateInterval,
  squareInterval,
} from './interval.ts';
import { PlaintextTable, type SlotValues } from './plaintexts.ts';
import type { SlotInput, SlotInstruction } from './program.ts';

/** Ratios of scales up to this that are whole are closed exactly, by a product with 1 at that scale. */
const LARGEST_WHOLE = 2 ** 24;
/**
 * Writes a slot program, following levels and exact scales. Every level has a canonical scale, D_L = 2^scaleBits and
 * D_(l-1) = D_l^2 / q_l, so that a product of canonical registers is canonical again after its rescale, whatever its
 * path, and sums need no adjustment (Kim, Papadimitriou and Polyakov, ePrint 2020/1118, section 3). A register is
 * "pending" at level l when its scale is D_(l-1) q_l: products that are to be added are added so, and relinearised
 * and rescaled once. The same operation on the same registers is emitted once.
 */
export class SlotProgramBuilder {
  readonly chain: Chain;
  readonly #instructions: SlotInstruction[] = [];
  readonly #bounds: Interval[] = [];
  readonly #linearisations = new Map<number, readonly Linearisation[]>();
  readonly #omissions = new Map<number, number>();
  readonly #plaintexts = new PlaintextTable();
  readonly #inputs: SlotInput[] = [];
  readonly #known = new Map<string, SlotRegister>();
  readonly #inputLevels: ReadonlyMap<string, number>;
  readonly #scales: readonly number[];
  /** log2 of q_0 ... q_l. */
  readonly #modulusBits: readonly number[];

  /** @param inputLevels where inputs enter that are not needed at the top: smaller to send, and less noisy. */
  constructor(chain: Chain, inputLevels: ReadonlyMap<string, number> = new Map()) {
    this.chain = chain;
    this.#inputLevels = inputLevels;
    this.#scales = canonicalScales(chain);
    let bits = 0;
    this.#modulusBits = chain.primes.map((prime) => (bits += Math.log2(prime)));
  }

  get topLevel(): number {
    return this.chain.primes.length - 1;
  }

  /** D_l, the scale at which registers of a level meet. */
  scaleAt(level: number): number {
    if (level < 0) throw tooDeep(this.topLevel);
    return this.#scales[level]!;
  }

  /** D_(l-1) q_l: the scale of a product of two canonical registers, before its rescale. */
  pendingScaleAt(level: number): number {
    return this.scaleAt(level - 1) * this.chain.primes[level]!;
  }

  /** Values of a register, over all slots. */
  boundOf(a: SlotRegister): Interval {
    return this.#bounds[a.index]!;
  }

  /** Tells what the instructions alone do not show: |T_k| <= 1, say. */
  declareBound(a: SlotRegister, bound: Interval): void {
    this.#bounds[a.index] = intersect(this.#bounds[a.index]!, bound);
  }

  /** Tells a sharper first-order dependence on earlier registers; further ones go from there inwards. */
  declareLinearisation(
    a: SlotRegister,
    parts: readonly { readonly of: SlotRegister; readonly sensitivity: number }[],
  ): void {
    const list = parts.map(({ of, sensitivity }) => ({ of: of.index, sensitivity }));
    this.#linearisations.set(a.index, [...(this.#linearisations.get(a.index) ?? []), list]);
  }

  /** Tells that a register lacks terms of at most this magnitude, too small for its scale. */
  declareOmission(a: SlotRegister, most: number): void {
    if (most > 0) this.#omissions.set(a.index, Math.max(most, this.#omissions.get(a.index) ?? 0));
  }

  /** Registers of the blocks of an input, at the scale D_l / unit. `bound` holds for padding slots too. */
  input(spec: Omit<SlotInput, 'level' | 'scale'>, bound: Interval, unit = 1): SlotRegister[] {
    const level = this.#inputLevels.get(spec.name) ?? this.topLevel;
    const scale = this.scaleAt(level) / unit;
    this.#inputs.push({ ...spec, level, scale });
    return Array.from({ length: spec.blocks }, (_, block) =>
      this.#emit({ op: 'input', args: [], name: spec.name, block, level, scale, components: 2 }, bound),
    );
  }

  /** Brings both to a common level and exact scale, then adds. */
  add(a: SlotRegister, b: SlotRegister): SlotRegister {
    const [x, y] = this.meet(a, b);
    const [first, second] = x.index <= y.index ? [x, y] : [y, x];
    const bound = addIntervals(this.boundOf(x), this.boundOf(y));
    return this.#emit({ op: 'add', args: [first.index, second.index], ...widest(x, y) }, bound);
  }

  sub(a: SlotRegister, b: SlotRegister): SlotRegister {
    const [x, y] = this.meet(a, b);
    const bound = addIntervals(this.boundOf(x), negateInterval(this.boundOf(y)));
    return this.#emit({ op: 'sub', args: [x.index, y.index], ...widest(x, y) }, bound);
  }

  negate(a: SlotRegister): SlotRegister {
    return this.#emit({ op: 'negate', args: [a.index], ...formOf(a) }, negateInterval(this.boundOf(a)));
  }

  addPlain(a: SlotRegister, values: SlotValues): SlotRegister {
    const { plain, bound } = this.#plain(values, a.level, a.scale);
    return this.#emit(
      { op: 'addPlain', args: [a.index], plain, ...formOf(a) },
      addIntervals(this.boundOf(a), bound),
    );
  }

  /** Times public values encoded at `scale`; by default the one that makes the result pending. */
  mulPlain(
    a: SlotRegister,
    values: SlotValues,
    scale: number = this.pendingScaleAt(a.level) / a.scale,
  ): SlotRegister {
    const { plain, bound } = this.#plain(values, a.level, scale);
    return this.#emit(
      { op: 'mulPlain', args: [a.index], plain, ...formOf(a), scale: a.scale * scale },
      mulIntervals(this.boundOf(a), bound),
    );
  }

  /** sum_i terms[i].a terms[i].values at one result scale, by default the pending one; all at one level. */
  innerProductPlain(
    terms: readonly { readonly a: SlotRegister; readonly values: SlotValues }[],
    scale?: number,
  ): SlotRegister {
    const { level } = terms[0]!.a;
    const target = scale ?? this.pendingScaleAt(level);
    const args = terms.map(({ a }) => this.#expectLevel(a, level).index);
    let bound: Interval = { low: 0, high: 0 };
    const plains = terms.map(({ a, values }) => {
      const encoded = this.#plain(values, level, target / a.scale);
      bound = addIntervals(bound, mulIntervals(this.boundOf(a), encoded.bound));
      return encoded.plain;
    });
    const components = terms.some(({ a }) => a.components === 3) ? 3 : 2;
    return this.#emit({ op: 'innerProductPlain', args, plains, level, scale: target, components }, bound);
  }

  /** factor a without a level: the ciphertext stays, times the sign, and its scale absorbs the magnitude. */
  reinterpret(a: SlotRegister, factor: number): SlotRegister {
    if (factor === 1) return a;
    return factor === -1 ? this.negate(a) : this.mulPlain(a, factor, 1 / Math.abs(factor));
  }

  /** Three components; arguments are dropped to a common level and relinearised if need be. */
  multiply(a: SlotRegister, b: SlotRegister): SlotRegister {
    if (a.index === b.index) return this.square(a);
    const [x, y] = this.#factors(a, b);
    const [first, second] = x.index <= y.index ? [x, y] : [y, x];
    return this.#emit(
      {
        op: 'multiply',
        args: [first.index, second.index],
        level: x.level,
        scale: x.scale * y.scale,
        components: 3,
      },
      mulIntervals(this.boundOf(x), this.boundOf(y)),
    );
  }

  square(a: SlotRegister): SlotRegister {
    const x = this.relinearise(a);
    return this.#emit(
      { op: 'square', args: [x.index], level: x.level, scale: x.scale ** 2, components: 3 },
      squareInterval(this.boundOf(x)),
    );
  }

  /** sum_i pairs[i][0] pairs[i][1]: products of equal scale at one level, three components. */
  innerProduct(pairs: readonly (readonly [SlotRegister, SlotRegister])[]): SlotRegister {
    const level = Math.min(...pairs.flat().map((a) => a.level));
    const factors = pairs.map((pair) => pair.map((a) => this.dropTo(this.relinearise(a), level)));
    const [scale, ...rest] = factors.map(([x, y]) => x!.scale * y!.scale);
    for (const other of rest) if (!sameScale(scale!, other)) throw unequal(scale!, other);
    let bound: Interval = { low: 0, high: 0 };
    for (const [x, y] of factors)
      bound = addIntervals(bound, mulIntervals(this.boundOf(x!), this.boundOf(y!)));
    const args = factors.flat().map(({ index }) => index);
    return this.#emit({ op: 'innerProduct', args, level, scale: scale!, components: 3 }, bound);
  }

  /** Two components; nothing to do where there are only two. */
  relinearise(a: SlotRegister): SlotRegister {
    if (a.components === 2) return a;
    return this.#emit(
      { op: 'relinearise', args: [a.index], level: a.level, scale: a.scale, components: 2 },
      this.boundOf(a),
    );
  }

  rescale(a: SlotRegister): SlotRegister {
    if (a.level === 0) throw tooDeep(this.topLevel);
    const scale = a.scale / this.chain.primes[a.level]!;
    return this.#emit(
      { op: 'rescale', args: [a.index], level: a.level - 1, scale, components: a.components },
      this.boundOf(a),
    );
  }

  /** Relinearised, and rescaled until the scale is that of its level. */
  settle(a: SlotRegister): SlotRegister {
    let settled = this.relinearise(a);
    while (settled.level > 0 && settled.scale > this.scaleAt(settled.level) * LEAST_LIFT)
      settled = this.rescale(settled);
    return settled;
  }

  /** The lowest level whose modulus still holds the register's values at its scale. */
  lowestLevelOf(a: SlotRegister): number {
    const size = Math.log2(absOf(this.boundOf(a))) - Math.log2(USABLE);
    // SEAL refuses scales as large as the modulus, however small the values.
    const needed = Math.log2(a.scale) + Math.max(size, 1.01);
    return Math.max(
      0,
      this.#modulusBits.findIndex((bits) => bits >= needed),
    );
  }

  dropTo(a: SlotRegister, level: number): SlotRegister {
    if (level === a.level) return a;
    if (level > a.level || level < 0) throw tooDeep(this.topLevel);
    return this.#emit({ op: 'dropLevels', args: [a.index], ...formOf(a), level }, this.boundOf(a));
  }

  /** Slot i becomes slot (i + steps) mod slots. */
  rotate(a: SlotRegister, steps: number): SlotRegister {
    const { slots } = this.chain;
    const turn = ((steps % slots) + slots) % slots;
    if (turn === 0) return a;
    const x = this.relinearise(a);
    return this.#emit({ op: 'rotate', args: [x.index], steps: turn, ...formOf(x) }, this.boundOf(a));
  }

  /**
   * The same value at exactly this level and scale. Dropping is free; a coarser gap is closed by a product with 1 at
   * the missing scale, and a finer one by such a product and a rescale, which needs a level more than the target.
   * @throws PlanError where no level is left for that.
   */
  lift(a: SlotRegister, level: number, scale: number): SlotRegister {
    if (sameScale(a.scale, scale)) return this.dropTo(a, level);
    if (scale / a.scale >= LEAST_LIFT) return this.mulPlain(this.dropTo(a, level), 1, scale / a.scale);
    const above = this.dropTo(a, level + 1);
    return this.rescale(this.mulPlain(above, 1, (scale * this.chain.primes[level + 1]!) / a.scale));
  }

  /** Both at one level and one exact scale, at the least cost in levels. */
  meet(a: SlotRegister, b: SlotRegister): readonly [SlotRegister, SlotRegister] {
    if (a.level > b.level + 1) {
      const sunk = this.#sink(a, b.level);
      if (sunk !== undefined) return this.meet(sunk, b);
    }
    if (b.level > a.level + 1) {
      const sunk = this.#sink(b, a.level);
      if (sunk !== undefined) return this.meet(a, sunk);
    }
    const level = Math.min(a.level, b.level);
    if (sameScale(a.scale, b.scale)) return [this.dropTo(a, level), this.dropTo(b, level)];
    // A pending one that lies higher than the other is rescaled: what it would be lifted to is there anyway.
    if (this.#pending(a) && a.level > b.level) return this.meet(this.rescale(this.relinearise(a)), b);
    if (this.#pending(b) && b.level > a.level) return this.meet(a, this.rescale(this.relinearise(b)));
    if (isWhole(a.scale / b.scale)) return [this.dropTo(a, level), this.#widen(b, level, a.scale)];
    if (isWhole(b.scale / a.scale)) return [this.#widen(a, level, b.scale), this.dropTo(b, level)];
    if (a.scale / b.scale >= LEAST_LIFT && a.level <= b.level) return [a, this.lift(b, a.level, a.scale)];
    if (b.scale / a.scale >= LEAST_LIFT && b.level <= a.level) return [this.lift(a, b.level, b.scale), b];
    if (a.level > b.level) return [this.lift(a, b.level, b.scale), b];
    if (b.level > a.level) return [a, this.lift(b, a.level, a.scale)];
    const scale = this.scaleAt(level - 1);
    return [this.lift(a, level - 1, scale), this.lift(b, level - 1, scale)];
  }

  draft(): Draft {
    return {
      chain: this.chain,
      instructions: this.#instructions,
      plaintexts: this.#plaintexts.entries,
      plaintextBounds: this.#plaintexts.bounds,
      inputs: this.#inputs,
      bounds: this.#bounds,
      linearisations: this.#linearisations,
      omissions: this.#omissions,
    };
  }

  #widen(a: SlotRegister, level: number, scale: number): SlotRegister {
    return this.mulPlain(this.dropTo(a, level), 1, Math.round(scale / a.scale));
  }

  /** A product that is needed at a lower level only, taken there: cheaper on fewer primes, and pending still. */
  #sink(a: SlotRegister, level: number): SlotRegister | undefined {
    const { op, args } = this.#instructions[a.index]!;
    if ((op !== 'multiply' && op !== 'square') || level === 0) return undefined;
    const factors = args.map((index) => {
      const { level: from, scale, components } = this.#instructions[index]!;
      const unit = this.scaleAt(from) / scale;
      return this.lift({ index, level: from, scale, components }, level, this.scaleAt(level) / unit);
    });
    const product = op === 'square' ? this.square(factors[0]!) : this.multiply(factors[0]!, factors[1]!);
    this.declareBound(product, this.boundOf(a));
    return product;
  }

  #pending(a: SlotRegister): boolean {
    return a.scale / this.scaleAt(a.level) >= LEAST_LIFT;
  }

  /** Two factors at a common level. The higher one is lifted, not dropped, so that the product is canonical if both are. */
  #factors(a: SlotRegister, b: SlotRegister): readonly [SlotRegister, SlotRegister] {
    const level = Math.min(a.level, b.level);
    const bring = (x: SlotRegister): SlotRegister =>
      x.level === level ? x : this.lift(x, level, (x.scale * this.scaleAt(level)) / this.scaleAt(x.level));
    return [bring(this.relinearise(a)), bring(this.relinearise(b))];
  }

  #expectLevel(a: SlotRegister, level: number): SlotRegister {
    if (a.level !== level)
      throw new PlanError(
        `expected registers of level ${level} in one inner product, found level ${a.level}`,
      );
    return a;
  }

  #plain(values: SlotValues, level: number, scale: number): { plain: number; bound: Interval } {
    return this.#plaintexts.intern(values, level, scale, this.chain.slots);
  }

  #emit(instruction: SlotInstruction, bound: Interval): SlotRegister {
    const key = keyOf(instruction);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const { level, scale, components } = instruction;
    const register: SlotRegister = { index: this.#instructions.length, level, scale, components };
    this.#instructions.push(instruction);
    this.#bounds.push(bound);
    this.#known.set(key, register);
    return register;
  }
}

function isWhole(ratio: number): boolean {
  return ratio > 1.5 && ratio <= LARGEST_WHOLE && sameScale(ratio, Math.round(ratio));
}

const formOf = ({ level, scale, components }: SlotRegister) => ({ level, scale, components });

const widest = (x: SlotRegister, y: SlotRegister) => ({
  level: x.level,
  scale: x.scale,
  components: Math.max(x.components, y.components) as 2 | 3,
});

function keyOf(instruction: SlotInstruction): string {
  const { op, args, level } = instruction;
  const parts: (string | number)[] = [op, level, ...args];
  if ('plain' in instruction) parts.push('p', instruction.plain);
  if ('plains' in instruction) parts.push('p', ...instruction.plains);
  if ('steps' in instruction) parts.push(instruction.steps);
  if (instruction.op === 'input') parts.push(instruction.name, instruction.block);
  return parts.join(' ');
}

function unequal(a: number, b: number): PlanError {
  return new PlanError(`expected products of one scale, found 2^${Math.log2(a)} and 2^${Math.log2(b)}`);
}
