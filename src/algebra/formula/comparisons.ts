import { RangeError } from '../../base/errors.ts';
import { and, equal, min, not, or } from '../derived.ts';
import type { Recorder, Wire } from '../record.ts';
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

/** Writes what compares: of secrets in ordered circuits only, of public values in all. */
export class Comparisons {
  readonly #recorder: Recorder;
  readonly #options: CompileOptions;

  constructor(recorder: Recorder, options: CompileOptions) {
    this.#recorder = recorder;
    this.#options = options;
  }

  /** Both as wires of one length. */
  #wires(a: Value, b: Value, position: number, name: string): readonly [Wire, Wire, depth: number] {
    const [x, y] = [withoutMatrix(a, position, name), withoutMatrix(b, position, name)];
    const lengthOf = (value: Plain | Secret): number =>
      value.kind === 'secret' ? value.wire.length : value.kind === 'vector' ? value.w.length : 1;
    const length = Math.max(lengthOf(x), lengthOf(y));
    const wire = (value: Plain | Secret): Wire => {
      if (value.kind !== 'secret') return this.#recorder.constant(vectorOf(value, length));
      return value.wire.length === 1 && length > 1
        ? this.#recorder.replicate(value.wire, length)
        : value.wire;
    };
    const depth = Math.max(...[x, y].map((value) => (value.kind === 'secret' ? value.depth : 0)));
    return [wire(x), wire(y), depth];
  }

  #needOrder(name: string, position: number): void {
    if (!this.#options.ordered) throw unsupported(this.#options, name, position, 'of secrets');
  }

  larger(name: 'max' | 'min', a: Value, b: Value, position: number): Value {
    if (isPlain(a) && isPlain(b)) {
      return mapPlain(
        [a, b],
        (x, y) => (name === 'max' ? Math.max(x!, y!) : Math.min(x!, y!)),
        position,
        name,
      );
    }
    this.#needOrder(name, position);
    const [x, y, depth] = this.#wires(a, b, position, name);
    const wire = name === 'max' ? this.#recorder.max(x, y) : min(this.#recorder, x, y);
    return { kind: 'secret', wire, depth: depth + 1 };
  }

  ranked(name: 'kthSmallest' | 'smallest', of: Value, k: Value, position: number): Value {
    if (k.kind !== 'number') {
      throw new RangeError(`character ${position}: expected a number as rank, found ${describe(k)}`, {
        position,
      });
    }
    this.#needOrder(name, position);
    const [wire, , depth] = this.#wires(of, of, position, name);
    return { kind: 'secret', wire: this.#recorder[name](wire, k.value), depth: depth + 1 };
  }

  sorted(of: Value, position: number): Value {
    const x = withoutMatrix(of, position, 'sort');
    if (x.kind !== 'secret') return plainOf(vectorOf(x, 1).slice().sort());
    this.#needOrder('sort', position);
    return { ...x, wire: this.#recorder.sort(x.wire), depth: x.depth + 1 };
  }

  logic(operator: string, args: readonly Value[], position: number): Value {
    const [a, b = a] = args as [Value, Value | undefined];
    if (args.every(isPlain)) return mapPlain(args as readonly Plain[], LOGIC[operator]!, position, operator);
    this.#needOrder('comparison', position);
    const [x, y, depth] = this.#wires(a, b, position, operator);
    const alg = this.#recorder;
    const secret = (wire: Wire): Secret => ({ kind: 'secret', wire, depth: depth + 1 });
    switch (operator) {
      case '<':
        return secret(alg.lessThan(x, y));
      case '>':
        return secret(alg.lessThan(y, x));
      case '<=':
        return secret(not(alg, alg.lessThan(y, x), x.length));
      case '>=':
        return secret(not(alg, alg.lessThan(x, y), x.length));
      case '==':
        return secret(equal(alg, x, y, x.length));
      case '!=':
        return secret(not(alg, equal(alg, x, y, x.length), x.length));
      case 'not':
        return secret(not(alg, this.#bit(x, position), x.length));
      case 'and':
        return secret(and(alg, this.#bit(x, position), this.#bit(y, position)));
      default:
        return secret(or(alg, this.#bit(x, position), this.#bit(y, position)));
    }
  }

  #bit(wire: Wire, position: number): Wire {
    const { low, high } = this.#recorder.boundOf(wire);
    if (low >= 0 && high <= 1) return wire;
    throw new RangeError(
      `character ${position}: expected comparisons as operands, found ${this.#recorder.expressionOf(wire)}; compare it with a number`,
      { position },
    );
  }

  /** One of two, by a secret condition. */
  select(condition: Value, whenTrue: Value, whenFalse: Value, position: number): Value {
    this.#needOrder('comparison', position);
    const [a, b, depth] = this.#wires(whenTrue, whenFalse, position, '?');
    const [bit, x] = this.#wires(condition, { kind: 'secret', wire: a, depth: 0 }, position, '?');
    const [, y] = this.#wires(condition, { kind: 'secret', wire: b, depth: 0 }, position, '?');
    return { kind: 'secret', wire: this.#recorder.select(bit, x, y), depth: depth + 1 };
  }
}

const LOGIC: Readonly<Record<string, (...x: readonly number[]) => number>> = {
  '<': (a, b) => Number(a! < b!),
  '<=': (a, b) => Number(a! <= b!),
  '>': (a, b) => Number(a! > b!),
  '>=': (a, b) => Number(a! >= b!),
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  and: (a, b) => Number(a !== 0 && b !== 0),
  or: (a, b) => Number(a !== 0 || b !== 0),
  not: (a) => Number(a === 0),
};
