import { executePlain } from '../../src/algebra/execute.ts';
import type { FieldVector, Width } from '../../src/kernels/field-vector.ts';
import { evaluateSeries } from '../../src/mpc/circuit/chebyshev.ts';
import { FixedPoint } from '../../src/mpc/circuit/fixed.ts';
import { runCircuit } from '../../src/mpc/circuit/run-circuit.ts';
import {
  type Context,
  join,
  openUniform,
  type Protocol,
  type Security,
  uniform,
} from '../../src/mpc/engine/protocol.ts';
import { encodeFixed } from '../../src/mpc/field.ts';
import { divide, sqrt } from '../../src/mpc/functions/newton.ts';
import { expSeries, logSeries } from '../../src/mpc/functions/series.ts';
import { planCircuit } from '../../src/mpc/index.ts';
import { isNegative } from '../../src/mpc/protocols/compare.ts';
import { innerProducts, multiply } from '../../src/mpc/protocols/multiply.ts';
import { kthSmallest, sort, topSum } from '../../src/mpc/protocols/sort.ts';
import { innerProductsTruncated } from '../../src/mpc/protocols/truncate.ts';
import type { SharingScheme } from '../../src/mpc/sharing.ts';
import { figures, type Program, paths, prices } from './programs.ts';

export const SCHEME: SharingScheme = { parties: 3, threshold: 1 };
const FRAC = 28;
/** Work of `count` items: prepares its operands, then returns a protocol to time and what its opened result has to be. */
export type Work = {
  readonly name: string;
  readonly count: number;
  readonly security: Security;
  readonly repeats: number;
  prepare(context: Context): Protocol<readonly FieldVector[]>;
  run(context: Context, operands: readonly FieldVector[]): Protocol<FieldVector>;
  /** Compares opened result and opened operands; returns the largest error. */
  check(result: readonly bigint[], operands: readonly (readonly bigint[])[]): number;
};

/** A sharing of public integers: constant polynomials, which cost what any shares cost. */
const constants = (context: Context, width: Width, values: readonly bigint[]): FieldVector =>
  context.constant(values, width);

function* prepareUniform(width: Width, count: number, operands: number): Protocol<readonly FieldVector[]> {
  return yield* join(Array.from({ length: operands }, () => uniform(width, count)));
}

const spread = (count: number, low: number, high: number, frac: number): bigint[] =>
  Array.from({ length: count }, (_, i) =>
    BigInt(Math.round((low + ((high - low) * ((i * 7919) % count)) / Math.max(1, count - 1)) * 2 ** frac)),
  );

function products(width: Width, count: number, security: Security): Work {
  return {
    name: `multiply, 2^${width === 1 ? 61 : 127} - 1`,
    count,
    security,
    repeats: 15,
    prepare: () => prepareUniform(width, count, 2),
    run: (context, [a, b]) => multiply(context, a!, b!),
    check: (z, [a, b]) => {
      const p = width === 1 ? 2n ** 61n - 1n : 2n ** 127n - 1n;
      return z.every((value, i) => value === (a![i]! * b![i]!) % p) ? 0 : Infinity;
    },
  };
}

function integers(
  name: string,
  count: number,
  security: Security,
  values: readonly bigint[],
  protocol: (context: Context, x: FieldVector) => Protocol<FieldVector>,
  expected: (x: readonly bigint[]) => readonly bigint[],
  repeats: number = 5,
): Work {
  return {
    name,
    count,
    security,
    repeats,
    *prepare(context) {
      yield* join([]);
      const p = 2n ** 127n - 1n;
      return [
        constants(
          context,
          2,
          values.map((value) => (value < 0n ? value + p : value)),
        ),
      ];
    },
    run: (context, [x]) => protocol(context, x!),
    check: (z) => (expected(values).every((value, i) => value === z[i]) ? 0 : Infinity),
  };
}

function reals(
  name: string,
  count: number,
  security: Security,
  domain: readonly [number, number],
  f: (x: number) => number,
  protocol: (fixed: FixedPoint, x: ReturnType<FixedPoint['of']>) => Protocol<{ readonly v: FieldVector }>,
): Work {
  const values = spread(count, domain[0], domain[1], FRAC);
  return {
    name,
    count,
    security,
    repeats: 5,
    *prepare(context) {
      yield* join([]);
      const p = 2n ** 127n - 1n;
      return [
        constants(
          context,
          2,
          values.map((value) => (value < 0n ? value + p : value)),
        ),
      ];
    },
    *run(context, [x]) {
      const fixed = new FixedPoint(context, FRAC);
      const magnitude = Math.max(Math.abs(domain[0]), Math.abs(domain[1]));
      return (yield* protocol(fixed, fixed.of(x!, FRAC, magnitude, 0))).v;
    },
    check: (z) => {
      const p = 2n ** 127n - 1n;
      return values.reduce((worst, value, i) => {
        const y = Number(z[i]! > p / 2n ? z[i]! - p : z[i]!) / 2 ** FRAC;
        return Math.max(worst, Math.abs(y - f(Number(value) / 2 ** FRAC)));
      }, 0);
    },
  };
}

/** A program once its inputs are shared and proved; its time ends when its figures could be opened. */
async function programWork(program: Program, repeats: number): Promise<Work> {
  const { name, count, security, circuit, inputs } = program;
  const plan = await planCircuit(circuit, { ...SCHEME, security });
  const names = Object.keys(circuit.inputs);
  const expected = executePlain(circuit, inputs);
  return {
    name,
    count,
    security,
    repeats,
    *prepare() {
      yield* join([]);
      return names.map((input) => encodeFixed(inputs[input]!, plan.inputFracBits[input]!));
    },
    *run(context, operands) {
      const shared = Object.fromEntries(names.map((input, i) => [input, operands[i]!]));
      const outputs = yield* runCircuit(context, circuit, plan.format, shared);
      return context.k127.concat(plan.outputs.map((output) => outputs[output.name]!.v));
    },
    check: (opened) =>
      plan.outputs.reduce((worst, output) => {
        const unit = 2 ** -plan.resultFracBits[output.name]!;
        return expected[output.name]!.reduce(
          (most, value, i) => Math.max(most, Math.abs(signed(opened[output.offset + i]!) * unit - value)),
          worst,
        );
      }, 0),
  };
}

const P127 = 2n ** 127n - 1n;
const signed = (element: bigint): number => Number(element > P127 / 2n ? element - P127 : element);

/** Primitives, then programs. */
export async function works(): Promise<Work[]> {
  return [
    ...primitives(),
    await programWork(figures(), 5),
    await programWork(prices('semiHonest'), 3),
    await programWork(prices('malicious'), 3),
    await programWork(paths('semiHonest'), 3),
  ];
}

export function primitives(): Work[] {
  const both: Security[] = ['semiHonest', 'malicious'];
  const keys = spread(1000, -1e6, 1e6, 20);
  const sorted = keys.toSorted((a, b) => (a < b ? -1 : 1));
  const p = 2n ** 127n - 1n;
  const canonical = (v: bigint) => (v < 0n ? v + p : v);
  return both.flatMap((security): Work[] => [
    {
      ...products(1, 1, security),
      name: 'one element, opened',
      repeats: 101,
      prepare: () => prepareUniform(1, 1, 1),
      run: (_, [a]) => openUniform(a!),
      check: () => 0,
    },
    products(1, 10_000, security),
    products(1, 100_000, security),
    products(2, 10_000, security),
    {
      ...products(1, 1_000_000, security),
      name: 'inner product, 2^61 - 1',
      repeats: 7,
      run: (context, [a, b]) => innerProducts(context, a!, b!, 1),
      check: (z, [a, b]) =>
        z[0] === a!.reduce((sum, x, i) => (sum + x * b![i]!) % (2n ** 61n - 1n), 0n) ? 0 : Infinity,
    },
    {
      ...products(2, 10_000, security),
      name: `fixed-point multiply, f = ${FRAC}, kappa = 40`,
      *prepare(context) {
        yield* join([]);
        const a = constants(context, 2, spread(10_000, 0, 16, FRAC));
        return [a, context.k127.scale(a, 3n)];
      },
      run: (context, [a, b]) => innerProductsTruncated(context, a!, b!, 10_000, 70, FRAC),
      check: (z, [a, b]) =>
        z.reduce((worst, y, i) => {
          const signed = y > p / 2n ? y - p : y;
          return Math.max(
            worst,
            Math.abs(Number((signed << BigInt(FRAC)) - a![i]! * b![i]!)) / 2 ** (2 * FRAC),
          );
        }, 0),
    },
    {
      ...products(1, 100_000, security),
      name: 'open, 2^61 - 1',
      prepare: () => prepareUniform(1, 100_000, 1),
      run: (_, [a]) => openUniform(a!),
      check: () => 0,
    },
    integers(
      'less-than, 64 bits',
      20_000,
      security,
      spread(20_000, -4e18, 4e18, 0),
      (context, x) => isNegative(context, x, 64),
      (x) => x.map((v) => (v < 0n ? 1n : 0n)),
    ),
    integers(
      'sort, 1000 of 41 bits',
      1,
      security,
      keys,
      (context, x) => sort(context, x, 43),
      () => sorted.map(canonical),
      1,
    ),
    integers(
      'kth smallest of 1000',
      1,
      security,
      keys,
      (context, x) => kthSmallest(context, x, 11, 43),
      () => [canonical(sorted[10]!)],
      1,
    ),
    integers(
      'sum of the 25 largest of 1000',
      1,
      security,
      keys,
      (context, x) => topSum(context, x, 25, 43),
      () => [sorted.slice(-25).reduce((sum, v) => sum + v, 0n)],
      1,
    ),
    reals('exp on [-4, 2]', 2000, security, [-4, 2], Math.exp, (fixed, x) =>
      evaluateSeries(fixed, expSeries([-4, 2], 1e-7), x),
    ),
    reals('log on [0.5, 8]', 2000, security, [0.5, 8], Math.log, (fixed, x) =>
      evaluateSeries(fixed, logSeries([0.5, 8], 1e-7), x),
    ),
    reals('square root on [0.25, 16]', 2000, security, [0.25, 16], Math.sqrt, (fixed, x) =>
      sqrt(fixed, x, [0.25, 16]),
    ),
    reals(
      'division by [0.5, 8]',
      2000,
      security,
      [0.5, 8],
      (x) => 3 / x,
      (fixed, x) => divide(fixed, fixed.addNumber(fixed.scale(x, 0), 3), x, [0.5, 8]),
    ),
  ]);
}
