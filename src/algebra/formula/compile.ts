import { BlindRiskError, RangeError, ShapeError, UnsupportedError } from '../../base/errors.ts';
import type { ExpressionTree } from '../../base/expression/tree.ts';
import { matrixOf, matVec } from '../../numeric/matrix.ts';
import { levelsOf } from '../cost.ts';
import { absolute, negate } from '../derived.ts';
import type { Recorder, Wire } from '../record.ts';
import { LIBRARY_FUNCTIONS, type LibraryFunction } from '../series/functions.ts';
import { Comparisons } from './comparisons.ts';
import { ALGEBRA_FUNCTIONS, ALIASES } from './functions.ts';
import { alignedPair, productOf, timesPlain } from './products.ts';
import { type CompileOptions, unsupported } from './unsupported.ts';
import {
  describe,
  isPlain,
  mapPlain,
  type Plain,
  plainOf,
  type Secret,
  type Value,
  vectorOf,
  withoutMatrix,
} from './value.ts';

/** The largest power that is expanded into products. */
const LARGEST_POWER = 64;

type Operator = Extract<ExpressionTree, { readonly kind: 'operator' }>;
type Call = Extract<ExpressionTree, { readonly kind: 'call' }>;

/** Writes an expression into a recorder. */
export class FormulaCompiler {
  readonly #recorder: Recorder;
  readonly #names: ReadonlyMap<string, Value>;
  readonly #options: CompileOptions;
  readonly #comparisons: Comparisons;

  constructor(recorder: Recorder, names: ReadonlyMap<string, Value>, options: CompileOptions) {
    this.#recorder = recorder;
    this.#names = names;
    this.#options = options;
    this.#comparisons = new Comparisons(recorder, options);
  }

  /** The expression's value as a wire; what is public becomes a constant, a number one of the given length. */
  output(tree: ExpressionTree, length: number): Wire {
    const value = this.compile(tree);
    switch (value.kind) {
      case 'secret':
        return value.wire;
      case 'number':
        return this.#recorder.constant(new Float64Array(length).fill(value.value));
      case 'vector':
        return this.#recorder.constant(value.w);
      case 'matrix':
        throw new ShapeError(
          `character ${tree.position}: expected a vector as the result, found ${describe(value)}; multiply it with a vector`,
          { position: tree.position },
        );
    }
  }

  compile(tree: ExpressionTree): Value {
    switch (tree.kind) {
      case 'number':
        return { kind: 'number', value: tree.value };
      case 'name':
        return this.#names.get(tree.name)!;
      case 'call':
        return this.#located(tree.position, () => this.#call(tree));
      case 'operator':
        return this.#located(tree.position, () => this.#operator(tree));
    }
  }

  /** Puts the place in front of what the recorder has to say. */
  #located<T>(position: number, run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof BlindRiskError) || error.message.startsWith('character ')) throw error;
      const Class = error.constructor as new (
        message: string,
        facts: BlindRiskError['facts'],
        options: ErrorOptions,
      ) => BlindRiskError;
      throw new Class(
        `character ${position}: ${error.message}`,
        { ...error.facts, position },
        { cause: error },
      );
    }
  }

  #operator(tree: Operator): Value {
    const { operator, args, position } = tree;
    switch (operator) {
      case '*':
      case '/':
        return this.#product(this.#factors(tree), position);
      case '+':
        return this.#sum(this.compile(args[0]!), this.compile(args[1]!), 1, position);
      case '-':
        return args.length === 1
          ? this.#product(this.#factors(tree), position)
          : this.#sum(this.compile(args[0]!), this.compile(args[1]!), -1, position);
      case '^':
        return this.#product(this.#factors(tree), position);
      case '?': {
        const condition = this.compile(args[0]!);
        // A branch that is never taken need not make sense.
        if (condition.kind === 'number') return this.compile(condition.value !== 0 ? args[1]! : args[2]!);
        return this.#select(condition, this.compile(args[1]!), this.compile(args[2]!), position);
      }
      default:
        return this.#comparisons.logic(
          operator,
          args.map((argument) => this.compile(argument)),
          position,
        );
    }
  }

  // ── arithmetic ────────────────────────────────────────────────────────────

  #sum(a: Value, b: Value, sign: 1 | -1, position: number): Value {
    const name = sign === 1 ? 'a sum' : 'a difference';
    if (isPlain(a) && isPlain(b)) return mapPlain([a, b], (x, y) => x! + sign * y!, position, name);
    const [x, y] = [withoutMatrix(a, position, name), withoutMatrix(b, position, name)];
    if (x.kind === 'secret' && y.kind === 'secret') {
      const [left, right] = alignedPair(this.#recorder, x.wire, y.wire);
      const wire = sign === 1 ? this.#recorder.add(left, right) : this.#recorder.sub(left, right);
      return { kind: 'secret', wire, depth: Math.max(x.depth, y.depth) };
    }
    if (x.kind === 'secret' && y.kind !== 'secret') {
      return this.#addPlain(
        x,
        mapPlain([y], (value) => sign * value!, position, name),
      );
    }
    const secret = y as Secret;
    const signed = sign === 1 ? secret : { ...secret, wire: negate(this.#recorder, secret.wire) };
    return this.#addPlain(signed, x as Plain);
  }

  #addPlain(a: Secret, plain: Plain): Secret {
    const length = plain.kind === 'vector' ? plain.w.length : a.wire.length;
    const wire = a.wire.length === 1 && length > 1 ? this.#recorder.replicate(a.wire, length) : a.wire;
    return { ...a, wire: this.#recorder.addPlain(wire, vectorOf(plain, wire.length)) };
  }

  /** The factors of a chain of products and quotients, so that their order can be chosen; a matrix is applied where it stands. */
  #factors(tree: ExpressionTree): readonly Value[] {
    if (tree.kind !== 'operator') return [this.compile(tree)];
    const { operator, args, position } = tree;
    if (operator === '-' && args.length === 1)
      return [{ kind: 'number', value: -1 }, ...this.#factors(args[0]!)];
    if (operator === '/') {
      const divisor = this.compile(args[1]!);
      return [
        ...this.#factors(args[0]!),
        this.#located(position, () => this.#apply('reciprocal', divisor, position)),
      ];
    }
    if (operator === '^') return this.#powerFactors(this.compile(args[0]!), this.compile(args[1]!), position);
    if (operator !== '*') return [this.compile(tree)];
    const left = this.#factors(args[0]!);
    const right = this.#factors(args[1]!);
    if (![...left, ...right].some(({ kind }) => kind === 'matrix')) return [...left, ...right];
    return [this.#matrixProduct(this.#product(left, position), this.#product(right, position), position)];
  }

  #matrixProduct(a: Value, b: Value, position: number): Value {
    if (a.kind === 'matrix' && b.kind === 'secret') {
      return { kind: 'secret', wire: this.#recorder.matVecPlain(a.matrix, b.wire), depth: b.depth + 1 };
    }
    if (a.kind === 'matrix' && b.kind === 'vector') return plainOf(matVec(a.matrix, b.w));
    const [matrix, factor] = a.kind === 'matrix' ? [a, b] : [b, a];
    if (matrix.kind === 'matrix' && factor.kind === 'number') {
      const { rows, cols, data } = matrix.matrix;
      return {
        kind: 'matrix',
        matrix: matrixOf(
          rows,
          cols,
          data.map((value) => value * factor.value),
        ),
      };
    }
    throw new ShapeError(
      `character ${position}: expected a matrix times a vector, or a number times a matrix, found ${describe(a)} times ${describe(b)}`,
      { position },
    );
  }

  #product(factors: readonly Value[], position: number): Value {
    if (factors.length === 1) return factors[0]!;
    const matrices = factors.filter(({ kind }) => kind === 'matrix');
    if (matrices.length > 0) {
      return factors.reduce((a, b) =>
        a.kind === 'matrix' || b.kind === 'matrix'
          ? this.#matrixProduct(a, b, position)
          : this.#product([a, b], position),
      );
    }
    const publics = factors.filter(isPlain);
    const secrets = factors.filter((factor) => factor.kind === 'secret');
    if (secrets.length === 0) {
      return mapPlain(publics, (...x) => x.reduce((a, b) => a * b, 1), position, 'a product');
    }
    return productOf(this.#recorder, secrets, publics, position);
  }

  /** base^exponent as factors, so that other factors can come between them. */
  #powerFactors(base: Value, exponent: Value, position: number): readonly Value[] {
    if (isPlain(base) && isPlain(exponent)) {
      return [mapPlain([base, exponent], (x, y) => x! ** y!, position, 'a power')];
    }
    const x = withoutMatrix(base, position, 'a power');
    if (exponent.kind !== 'number' || x.kind !== 'secret') {
      throw new UnsupportedError(
        `character ${position}: expected a number as exponent, found ${describe(exponent)}; write exp(y * log(x))`,
        { position },
      );
    }
    const n = exponent.value;
    if (n === 0) return [plainOf(new Float64Array(x.wire.length).fill(1))];
    if (n === 0.5) return [this.#apply('sqrt', x, position)];
    if (!Number.isInteger(n) || Math.abs(n) > LARGEST_POWER) {
      throw new UnsupportedError(
        `character ${position}: expected a whole exponent of at most ${LARGEST_POWER} (or 0.5), found ${n}; nearest: ^${Math.max(1, Math.min(LARGEST_POWER, Math.round(Math.abs(n))))}, or exp(${n} * log(x))`,
        { position, exponent: n },
      );
    }
    const factor = n < 0 ? this.#apply('reciprocal', x, position) : x;
    return new Array<Value>(Math.abs(n)).fill(factor);
  }

  #select(
    condition: Exclude<Value, { readonly kind: 'number' }>,
    whenTrue: Value,
    whenFalse: Value,
    position: number,
  ): Value {
    if (isPlain(condition)) {
      const keep = mapPlain([condition], (bit) => (bit === 0 ? 0 : 1), position, '?');
      const drop = mapPlain([keep], (bit) => 1 - bit!, position, '?');
      return this.#sum(
        this.#product([keep, whenTrue], position),
        this.#product([drop, whenFalse], position),
        1,
        position,
      );
    }
    return this.#comparisons.select(condition, whenTrue, whenFalse, position);
  }

  // ── functions ─────────────────────────────────────────────────────────────

  #call({ name, args, position }: Call): Value {
    const values = args.map((argument) => this.compile(argument));
    const expected = Object.hasOwn(ALGEBRA_FUNCTIONS, name) ? ALGEBRA_FUNCTIONS[name]! : 1;
    const variadic = name === 'max' || name === 'min';
    if (variadic ? values.length < expected : values.length !== expected) {
      throw new RangeError(
        `character ${position}: expected ${variadic ? 'at least ' : ''}${expected} argument${expected === 1 ? '' : 's'} of ${name}, found ${values.length}`,
        { position, found: values.length },
      );
    }
    switch (name) {
      case 'dot':
        return this.#total(this.#product(values, position), 1);
      case 'matMul':
        return this.#secretMatrices(values[0]!, values[1]!, values[2]!, position);
      case 'sum':
        return this.#total(withoutMatrix(values[0]!, position, name), 1);
      case 'mean': {
        const of = withoutMatrix(values[0]!, position, name);
        const length = of.kind === 'secret' ? of.wire.length : of.kind === 'vector' ? of.w.length : 1;
        return this.#total(of, 1 / length);
      }
      case 'pow':
        return this.#product(this.#powerFactors(values[0]!, values[1]!, position), position);
      case 'kthSmallest':
      case 'smallest':
        return this.#comparisons.ranked(name, values[0]!, values[1]!, position);
      case 'sort':
        return this.#comparisons.sorted(values[0]!, position);
      case 'max':
      case 'min':
        return values.reduce((a, b) => this.#comparisons.larger(name, a, b, position));
      default:
        return this.#apply(ALIASES[name] ?? name, values[0]!, position);
    }
  }

  /** A product of matrices that are vectors row by row: of the first, the rows are told. */
  #secretMatrices(a: Value, b: Value, rows: Value, position: number): Value {
    if (rows.kind !== 'number') {
      throw new RangeError(`character ${position}: expected a number of rows, found ${describe(rows)}`, {
        position,
      });
    }
    const operands = [a, b].map((value) => withoutMatrix(value, position, 'matMul'));
    const wires = operands.map((x) =>
      x.kind === 'secret' ? x.wire : this.#recorder.constant(vectorOf(x, 1)),
    );
    const wire = this.#recorder.matMul(wires[0]!, wires[1]!, rows.value);
    const depths = operands.map((x) => (x.kind === 'secret' ? x.depth : 0));
    return { kind: 'secret', wire, depth: Math.max(...depths) + levelsOf(this.#recorder.nodes[wire.index]!) };
  }

  #total(of: Value, factor: number): Value {
    if (of.kind !== 'secret') {
      const w = of.kind === 'vector' ? of.w : Float64Array.of((of as { readonly value: number }).value);
      return { kind: 'number', value: factor * w.reduce((total, value) => total + value, 0) };
    }
    const total: Secret = { ...of, wire: this.#recorder.sum(of.wire) };
    return factor === 1 ? total : timesPlain(this.#recorder, total, { kind: 'number', value: factor });
  }

  /** A function of one argument: in the clear, by comparison, or by a series on the interval where it is needed. */
  #apply(name: string, argument: Value, position: number): Value {
    const x = withoutMatrix(argument, position, name);
    if (x.kind !== 'secret') {
      const f = libraryFunction(name)?.at;
      if (f === undefined) throw unsupported(this.#options, name, position, 'of public numbers');
      return mapPlain([x], (value) => f(value!), position, name);
    }
    if (name === 'abs' && this.#options.ordered) {
      return { ...x, wire: absolute(this.#recorder, x.wire), depth: x.depth + 1 };
    }
    const { library, error } = this.#options;
    const { low, high } = this.#recorder.boundOf(x.wire);
    if (name === 'reciprocal' && high < 0) {
      const positive = { ...x, wire: negate(this.#recorder, x.wire) };
      const inverse = this.#apply(name, positive, position) as Secret;
      return { ...inverse, wire: negate(this.#recorder, inverse.wire) };
    }
    if (!library.names.includes(name)) throw unsupported(this.#options, name, position, 'of a secret');
    this.#checkDefined(name, x, low, high, position);
    // An interval that is a point holds no polynomial.
    const room = low < high ? 0 : Math.max(1, Math.abs(low)) * 2 ** -20;
    const series = library.seriesFor(name, [low - room, high + room], error);
    const wire = this.#recorder.poly(series, x.wire);
    const levels = levelsOf(this.#recorder.nodes[wire.index]!);
    return { kind: 'secret', wire, depth: x.depth + levels };
  }

  #checkDefined(name: string, x: Secret, low: number, high: number, position: number): void {
    const above = libraryFunction(name)?.above;
    const bad = name === 'reciprocal' ? low <= 0 && high >= 0 : above !== undefined && low <= above;
    if (!bad) return;
    const what = name === 'reciprocal' ? 'a divisor away from 0' : `an argument of ${name} above ${above}`;
    throw new RangeError(
      `character ${position}: expected ${what}, found ${this.#recorder.expressionOf(x.wire)}, which may reach ` +
        `[${low}, ${high}]; declare a range for its inputs`,
      { position, low, high },
    );
  }
}

function libraryFunction(name: string): LibraryFunction | undefined {
  return Object.hasOwn(LIBRARY_FUNCTIONS, name)
    ? LIBRARY_FUNCTIONS[name as keyof typeof LIBRARY_FUNCTIONS]
    : undefined;
}
