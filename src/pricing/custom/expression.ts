import { RangeError } from '../../base/errors.ts';
import { type ExpressionTree, loadExpressionParser } from '../../base/expression/tree.ts';
import {
  assetNumber,
  FUNCTIONS,
  languageOf,
  type Operation,
  PATH_FUNCTIONS,
  type Statistic,
  vocabularyOf,
} from './vocabulary.ts';

/** A payoff as a tree of plain data. Positions are characters of the source, counted from 1. */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'path'; readonly statistic: Statistic; readonly asset: number }
  | {
      readonly kind: 'operation';
      readonly operation: Operation;
      readonly operands: readonly Expression[];
      readonly position: number;
    };

/** A parsed payoff: its text, what it is over, and its tree. */
export type PayoffExpression = {
  readonly source: string;
  readonly assets: number;
  readonly parameters: readonly string[];
  readonly root: Expression;
};

const OPERATORS: Readonly<Record<string, Operation>> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '^': 'power',
  '<': 'smaller',
  '<=': 'smallerEqual',
  '>': 'larger',
  '>=': 'largerEqual',
  '==': 'equal',
  '!=': 'unequal',
  and: 'and',
  or: 'or',
  '?': 'select',
};

const UNARY: Readonly<Record<string, Operation>> = { '-': 'negate', not: 'not' };

/**
 * Parses a payoff such as `max(S - K, 0) - max(S - 1.2*K, 0)`.
 *
 * The language: numbers; `S` (one underlying) or `S1`, `S2` ...: the spot at expiry; the given parameters; + - * /
 * ^, comparisons, `and`, `or`, `not`, `condition ? a : b`; max, min, abs, exp, log (natural), sqrt, pow; and for
 * paths `average(S)`, `maximum(S)`, `minimum(S)` over the observed times. The grammar and its precedences are those
 * of mathjs, whose parser is loaded at the first call (it takes about a second); its evaluator is never used. A
 * word before a bracket is a function, `2 S` is a product.
 * @throws UnsupportedError naming what is outside the language, its position and the nearest allowed word.
 * @throws RangeError with a position where the expression is malformed.
 */
export async function parsePayoff(
  source: string,
  options: { readonly assets?: number; readonly parameters?: readonly string[] } = {},
): Promise<PayoffExpression> {
  return (await loadPayoffParser())(source, options);
}

/** What {@link parsePayoff} does once its parser is loaded. */
export type PayoffParser = (
  source: string,
  options?: { readonly assets?: number; readonly parameters?: readonly string[] },
) => PayoffExpression;

/** Loads mathjs, of which the parser alone is used. */
export async function loadPayoffParser(): Promise<PayoffParser> {
  const parse = await loadExpressionParser();
  return (source, { assets = 1, parameters = [] } = {}) => {
    const tree = parse(source, languageOf(vocabularyOf(assets, parameters)));
    return { source, assets, parameters, root: payoffOf(tree) };
  };
}

function payoffOf(tree: ExpressionTree): Expression {
  switch (tree.kind) {
    case 'number':
      return { kind: 'number', value: tree.value };
    case 'name':
      return /^S\d*$/.test(tree.name)
        ? { kind: 'path', statistic: 'terminal', asset: assetNumber(tree.name) }
        : { kind: 'parameter', name: tree.name };
    case 'call':
      return callOf(tree.name, tree.args.map(payoffOf), tree.position);
    case 'operator': {
      const name = (tree.args.length === 1 ? UNARY : OPERATORS)[tree.operator]!;
      return operation(name, tree.args.map(payoffOf), tree.position);
    }
  }
}

function callOf(name: string, operands: readonly Expression[], position: number): Expression {
  if (PATH_FUNCTIONS.includes(name)) {
    const [of] = operands;
    if (operands.length !== 1 || of?.kind !== 'path' || of.statistic !== 'terminal') {
      throw new RangeError(
        `character ${position}: ${name} is taken over the path of one underlying: write ${name}(S) or ${name}(S1)`,
        { position },
      );
    }
    return { kind: 'path', statistic: name as Statistic, asset: of.asset };
  }
  const arity = FUNCTIONS[name]!;
  if (operands.length < arity.least || operands.length > arity.most) {
    const hint = name === 'max' || name === 'min' ? `; over a path, write ${name}imum(S)` : '';
    throw new RangeError(
      `character ${position}: expected ${arity.least === arity.most ? arity.least : `at least ${arity.least}`} arguments of ${name}, found ${operands.length}${hint}`,
      { position, found: operands.length },
    );
  }
  if (name === 'pow') return operation('power', operands, position);
  const operationName = name as Operation;
  // max(a, b, c) is max(max(a, b), c).
  return operands.length <= 2
    ? operation(operationName, operands, position)
    : operands.reduce((left, right) => operation(operationName, [left, right], position));
}

function operation(name: Operation, operands: readonly Expression[], position: number): Expression {
  return { kind: 'operation', operation: name, operands, position };
}
