import type { Operation, Statistic } from './vocabulary.ts';

/**
 * A payoff compiled for columns of paths: straight-line code over registers, as plain data. Registers are numbered:
 * the inputs first, then the constants, then temporaries.
 */
export type PayoffProgram = {
  readonly source: string;
  readonly assets: number;
  readonly inputs: readonly { readonly statistic: Statistic; readonly asset: number }[];
  readonly constants: readonly number[];
  readonly temporaries: number;
  readonly instructions: readonly Instruction[];
  /** The register that holds the result. */
  readonly result: number;
};

/** to = operation(operands), element by element. */
export type Instruction = {
  readonly operation: Operation;
  readonly to: number;
  readonly operands: readonly number[];
};

/** Room to run a program on up to `capacity` paths at a time. */
export type PayoffEvaluator = {
  /** Columns to be filled, one an input of the program. */
  readonly inputs: readonly Float64Array[];
  /** Runs the program on the first `count` elements. @returns the column of results; overwritten by the next call. */
  evaluate(count: number): Float64Array;
};

/**
 * Prepares a program to run. Nothing is generated or evaluated as text: each instruction is a loop that is written
 * here.
 * Cost: one pass over the columns an instruction.
 */
export function createEvaluator(program: PayoffProgram, capacity: number): PayoffEvaluator {
  const registers: Float64Array[] = [
    ...program.inputs.map(() => new Float64Array(capacity)),
    ...program.constants.map((constant) => new Float64Array(capacity).fill(constant)),
    ...Array.from({ length: program.temporaries }, () => new Float64Array(capacity)),
  ];
  const code = program.instructions.map(({ operation, to, operands }) => ({
    run: LOOPS[operation],
    out: registers[to]!,
    a: registers[operands[0]!]!,
    b: registers[operands[1] ?? operands[0]!]!,
    c: registers[operands[2] ?? operands[0]!]!,
  }));
  const result = registers[program.result]!;
  return {
    inputs: registers.slice(0, program.inputs.length),
    evaluate(count) {
      for (const { run, out, a, b, c } of code) run(count, out, a, b, c);
      return result;
    },
  };
}

type Loop = (n: number, out: Float64Array, a: Float64Array, b: Float64Array, c: Float64Array) => void;

const LOOPS: Readonly<Record<Operation, Loop>> = {
  add(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = a[i]! + b[i]!;
  },
  subtract(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = a[i]! - b[i]!;
  },
  multiply(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = a[i]! * b[i]!;
  },
  divide(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = a[i]! / b[i]!;
  },
  power(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = a[i]! ** b[i]!;
  },
  negate(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = -a[i]!;
  },
  max(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = Math.max(a[i]!, b[i]!);
  },
  min(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = Math.min(a[i]!, b[i]!);
  },
  abs(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.abs(a[i]!);
  },
  exp(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.exp(a[i]!);
  },
  log(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.log(a[i]!);
  },
  sqrt(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.sqrt(a[i]!);
  },
  smaller(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = a[i]! < b[i]! ? 1 : 0;
  },
  smallerEqual(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = a[i]! <= b[i]! ? 1 : 0;
  },
  larger(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = a[i]! > b[i]! ? 1 : 0;
  },
  largerEqual(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = a[i]! >= b[i]! ? 1 : 0;
  },
  equal(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = a[i]! === b[i]! ? 1 : 0;
  },
  unequal(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = a[i]! === b[i]! ? 0 : 1;
  },
  and(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = a[i]! !== 0 && b[i]! !== 0 ? 1 : 0;
  },
  or(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = a[i]! !== 0 || b[i]! !== 0 ? 1 : 0;
  },
  not(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = a[i]! === 0 ? 1 : 0;
  },
  select(n, out, a, b, c) {
    for (let i = 0; i < n; i++) out[i] = a[i]! !== 0 ? b[i]! : c[i]!;
  },
};
