import { BlindRiskError, RangeError } from '../../base/errors.ts';
import type { Language } from '../../base/expression/tokens.ts';
import { type ExpressionTree, readExpression } from '../../base/expression/tree.ts';
import type { Matrix } from '../../numeric/matrix.ts';
import type { Circuit, InputSpec, Power } from '../circuit.ts';
import { type CircuitCost, costOf } from '../cost.ts';
import { Recorder, type Wire } from '../record.ts';
import { LIBRARY_FUNCTIONS } from '../series/functions.ts';
import { type SeriesLibrary, seriesLibrary } from '../series/library.ts';
import { simplify } from '../simplify.ts';
import { agree } from './agreement.ts';
import { FormulaCompiler } from './compile.ts';
import { otherForms } from './forms.ts';
import { ALGEBRA_FUNCTIONS, ALIASES } from './functions.ts';
import type { CompileOptions } from './unsupported.ts';
import type { Value } from './value.ts';

/** A secret vector by its declaration, or a public number, vector or matrix. */
export type FormulaOperand = InputSpec | number | Float64Array | Matrix;

/** The names that are secret. */
export type SecretNames<T> = {
  [K in keyof T]: T[K] extends InputSpec ? (T[K] extends Float64Array | Matrix ? never : K) : never;
}[keyof T] &
  string;

export type FormulaOptions = {
  /** Where functions of secrets (exp, log, division by a secret ...) get their series: the certified library if nothing is said. */
  readonly library?: SeriesLibrary;
  /** Largest distance of a series from its function; 1e-9 if nothing is said. */
  readonly error?: number;
};

/** Names that mean something else in the grammar. */
const RESERVED = [
  'and',
  'or',
  'not',
  'xor',
  'mod',
  'to',
  'in',
  'end',
  'true',
  'false',
  'null',
  'undefined',
  'NaN',
  'Infinity',
];

/**
 * Compiles expressions over named vectors into a circuit, such as `{ pnl: 'delta * dS + gamma * dS^2 / 2' }`; a single
 * expression gives the output `value`.
 *
 * The language: numbers, the given names, + - * / ^, brackets; dot(a, b), matMul(a, b, rows), sum(a), mean(a), pow(a, n); a public
 * matrix times a vector, `M * x`; the functions of the series library (also normcdf or Phi, normpdf or phi, ln).
 * Everything is elementwise, and a single value meets a vector by being repeated. Exponents of secrets are whole
 * numbers up to 64 (or 0.5). Of the formula as it is written, simplified (by mathjs, loaded
 * at the first call, about a second) and multiplied out, the form with the fewest levels, then the fewest products, is taken; products are
 * ordered for depth. The circuit is canonical: see {@link simplify}.
 * @throws UnsupportedError for what is outside the language, with its position and the nearest supported word.
 * @throws RangeError for a malformed expression or a function outside its domain (by interval arithmetic, before
 * anything runs), ShapeError where lengths do not fit, PlanError where a series does not cover its argument.
 */
export async function formula<const T extends Readonly<Record<string, FormulaOperand>>>(
  text: string,
  inputs: T,
  options?: FormulaOptions,
): Promise<Circuit<SecretNames<T>, 'value'>>;
export async function formula<const T extends Readonly<Record<string, FormulaOperand>>, O extends string>(
  texts: Readonly<Record<O, string>>,
  inputs: T,
  options?: FormulaOptions,
): Promise<Circuit<SecretNames<T>, O>>;
export async function formula(
  texts: string | Readonly<Record<string, string>>,
  inputs: Readonly<Record<string, FormulaOperand>>,
  options: FormulaOptions = {},
): Promise<Circuit<string, string>> {
  return (await compiled(texts, inputs, options, false)) as Circuit<string, string>;
}

/**
 * As {@link formula}, with comparisons: max, min, abs, kthSmallest(a, k), smallest(a, k), sort(a), < <= > >= == !=, and, or, not,
 * `condition ? a : b`. The circuit runs on shares and in the clear.
 * @throws what {@link formula} throws.
 */
export async function formulaOrdered<const T extends Readonly<Record<string, FormulaOperand>>>(
  text: string,
  inputs: T,
  options?: FormulaOptions,
): Promise<Circuit<SecretNames<T>, 'value', 'ordered'>>;
export async function formulaOrdered<
  const T extends Readonly<Record<string, FormulaOperand>>,
  O extends string,
>(
  texts: Readonly<Record<O, string>>,
  inputs: T,
  options?: FormulaOptions,
): Promise<Circuit<SecretNames<T>, O, 'ordered'>>;
export async function formulaOrdered(
  texts: string | Readonly<Record<string, string>>,
  inputs: Readonly<Record<string, FormulaOperand>>,
  options: FormulaOptions = {},
): Promise<Circuit<string, string, 'ordered'>> {
  return (await compiled(texts, inputs, options, true)) as Circuit<string, string, 'ordered'>;
}

async function compiled(
  texts: string | Readonly<Record<string, string>>,
  inputs: Readonly<Record<string, FormulaOperand>>,
  { library = seriesLibrary, error = 1e-9 }: FormulaOptions,
  ordered: boolean,
): Promise<Circuit<string, string, Power>> {
  if (!(error > 0 && Number.isFinite(error))) {
    throw new RangeError(`expected a positive error of series, found ${error}`, { error });
  }
  const mathjs = await import('mathjs');
  const language = languageOf(inputs, library);
  const formulas = typeof texts === 'string' ? { value: texts } : texts;
  // Lengths of the formulas as they are written: a form may have lost the vectors on which they depend.
  const lengths: Record<string, number> = {};
  const compile = (trees: Readonly<Record<string, ExpressionTree>>): Circuit<string, string, Power> =>
    circuitOf(trees, inputs, { library, error, ordered }, lengths);
  const chosen = Object.entries(formulas).map(([name, source]) => {
    const within = <T>(run: () => T): T => (typeof texts === 'string' ? run() : named(name, run));
    return within(() => {
      const tree = readExpression(mathjs.parse, source, language);
      const written = compile({ [name]: tree });
      lengths[name] = written.nodes[written.outputs[name]!]!.length;
      let best = { tree, cost: costOf(written) };
      const read = (text: string): ExpressionTree | undefined =>
        attempt(() => readExpression(mathjs.parse, text, language));
      for (const candidate of otherForms(mathjs, source, tree, (of) => isMatrix(inputs[of]!), read)) {
        const circuit = attempt(() => compile({ [name]: candidate }));
        if (circuit === undefined) continue;
        const cost = costOf(circuit);
        if (cheaper(cost, best.cost) && attempt(() => agree(written, circuit)))
          best = { tree: candidate, cost };
      }
      return [name, best.tree] as const;
    });
  });
  return compile(Object.fromEntries(chosen));
}

function circuitOf(
  trees: Readonly<Record<string, ExpressionTree>>,
  operands: Readonly<Record<string, FormulaOperand>>,
  options: CompileOptions,
  lengths: Readonly<Record<string, number>>,
): Circuit<string, string, Power> {
  const recorder = new Recorder();
  const names = new Map<string, Value>();
  const specs: Record<string, InputSpec> = {};
  for (const [name, operand] of Object.entries(operands)) {
    if (isSpec(operand)) {
      specs[name] = operand;
      names.set(name, { kind: 'secret', wire: recorder.input(name, operand), depth: 0 });
    } else names.set(name, publicValue(operand));
  }
  const compiler = new FormulaCompiler(recorder, names, options);
  const outputs: Record<string, Wire> = {};
  for (const [name, tree] of Object.entries(trees)) outputs[name] = compiler.output(tree, lengths[name] ?? 1);
  const power: Power = options.ordered ? 'ordered' : 'arithmetic';
  return simplify({ ...recorder.finish(specs, outputs), power });
}

function publicValue(operand: number | Float64Array | Matrix): Value {
  if (typeof operand === 'number') return { kind: 'number', value: operand };
  return operand instanceof Float64Array
    ? { kind: 'vector', w: operand }
    : { kind: 'matrix', matrix: operand };
}

function isSpec(operand: FormulaOperand): operand is InputSpec {
  return typeof operand === 'object' && 'bound' in operand;
}

function isMatrix(operand: FormulaOperand): boolean {
  return typeof operand === 'object' && 'rows' in operand;
}

function languageOf(inputs: Readonly<Record<string, FormulaOperand>>, library: SeriesLibrary): Language {
  const functions = [
    ...new Set([
      ...Object.keys(ALGEBRA_FUNCTIONS),
      ...library.names,
      ...Object.keys(LIBRARY_FUNCTIONS),
      ...Object.keys(ALIASES),
    ]),
  ];
  for (const [name, operand] of Object.entries(inputs)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || RESERVED.includes(name) || functions.includes(name)) {
      throw new RangeError(
        `expected a word that is no function or operator as a name, found ${JSON.stringify(name)}`,
        { found: name },
      );
    }
    const bad =
      typeof operand === 'number'
        ? !Number.isFinite(operand)
        : operand instanceof Float64Array
          ? operand.length === 0 || !operand.every(Number.isFinite)
          : !isSpec(operand) && !(isMatrix(operand) && operand.data.every(Number.isFinite));
    if (bad) {
      throw new RangeError(
        `${name}: expected the declaration of a secret ({ length, bound }), or finite public numbers`,
        { name },
      );
    }
  }
  return { subject: 'a formula', functions, names: Object.keys(inputs) };
}

/** Fewer levels, then fewer products of secrets, then of public numbers, then comparisons. */
function cheaper(a: CircuitCost, b: CircuitCost): boolean {
  const keys = ['depth', 'secretProducts', 'plainProducts', 'comparisons'] as const;
  const differs = keys.find((key) => a[key] !== b[key]);
  return differs !== undefined && a[differs] < b[differs];
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof BlindRiskError) return undefined;
    throw error;
  }
}

/** Says which of several formulas a refusal is about. */
function named<T>(name: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof BlindRiskError)) throw error;
    const Class = error.constructor as new (
      message: string,
      facts: BlindRiskError['facts'],
      options: ErrorOptions,
    ) => BlindRiskError;
    throw new Class(`${name}, ${error.message}`, { ...error.facts, output: name }, { cause: error });
  }
}
