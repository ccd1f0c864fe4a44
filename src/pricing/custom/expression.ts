import type { MathNode } from 'mathjs';
import { RangeError, type UnsupportedError } from '../../base/errors.ts';
import { refused, type Token, tokenize } from './tokens.ts';
import {
  assetNumber,
  FUNCTIONS,
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

const BINARY: Readonly<Record<string, Operation>> = {
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
};

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
  const { parse } = await import('mathjs');
  return (source, options) => parseWith(parse, source, options);
}

function parseWith(
  parse: (text: string) => MathNode,
  source: string,
  { assets = 1, parameters = [] }: { readonly assets?: number; readonly parameters?: readonly string[] } = {},
): PayoffExpression {
  const tokens = tokenize(source, vocabularyOf(assets, parameters));
  const node = parsed(source, parse);
  const reader = new TreeReader(tokens.filter((token) => token.kind !== 'bracket'));
  const root = reader.read(node);
  reader.expectEnd();
  return { source, assets, parameters, root };
}

function parsed(source: string, parse: (text: string) => MathNode): MathNode {
  try {
    return parse(source);
  } catch (error) {
    const position = (error as { readonly char?: unknown }).char;
    const at = typeof position === 'number' ? position : 1;
    const message = error instanceof Error ? error.message.replace(/ \(char \d+\)$/, '') : String(error);
    throw new RangeError(
      `character ${at}: expected a complete expression: ${message}`,
      { position: at },
      { cause: error },
    );
  }
}

/** Everything that walks the tree calls itself once a level; a sum of n terms is n deep. */
const DEEPEST = 500;

/**
 * Turns the parser's tree into ours, walking the tokens beside it: every node must be of an allowed type and must
 * meet its own token, so that nothing that the tokens did not show can enter, and every error has a position.
 */
class TreeReader {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  read(node: MathNode): Expression {
    if (this.#depth === DEEPEST) {
      throw new RangeError(`character ${this.#position()}: expected operations at most ${DEEPEST} deep`, {
        position: this.#position(),
      });
    }
    this.#depth++;
    const expression = this.#read(node);
    this.#depth--;
    return expression;
  }

  #read(node: MathNode): Expression {
    // The types of mathjs are open: what a node claims to be is checked field by field.
    const found = node as unknown as {
      readonly type: string;
      readonly op?: string;
      readonly implicit?: boolean;
      readonly isPercentage?: boolean;
      readonly args?: readonly MathNode[];
      readonly value?: unknown;
      readonly name?: string;
      readonly fn?: { readonly name?: string };
      readonly content?: MathNode;
      readonly condition?: MathNode;
      readonly trueExpr?: MathNode;
      readonly falseExpr?: MathNode;
    };
    switch (found.type) {
      case 'ConstantNode': {
        const token = this.#take('number');
        const value = Number(token.text);
        if (found.value !== value) throw this.#astray();
        return { kind: 'number', value };
      }
      case 'SymbolNode': {
        const token = this.#take('name', found.name);
        return /^S\d*$/.test(token.text)
          ? { kind: 'path', statistic: 'terminal', asset: assetNumber(token.text) }
          : { kind: 'parameter', name: token.text };
      }
      case 'ParenthesisNode':
        return this.read(found.content!);
      case 'FunctionNode':
        return this.#call(found.fn?.name ?? found.name ?? '', found.args ?? []);
      case 'ConditionalNode': {
        const condition = this.read(found.condition!);
        const { position } = this.#take('operator', '?');
        const whenTrue = this.read(found.trueExpr!);
        this.#take('operator', ':');
        const whenFalse = this.read(found.falseExpr!);
        return operation('select', [condition, whenTrue, whenFalse], position);
      }
      case 'OperatorNode':
        if (found.isPercentage) throw this.#astray();
        return this.#operator(found.op ?? '', found.args ?? [], found.implicit === true);
      case 'RelationalNode':
        throw refused('a chain of comparisons', this.#position(), 'write a < b and b < c');
      default:
        throw refused(
          `a ${found.type}`,
          this.#position(),
          'only arithmetic, comparisons and the listed functions are',
        );
    }
  }

  expectEnd(): void {
    if (this.#next !== this.#tokens.length) throw this.#astray();
  }

  #operator(op: string, args: readonly MathNode[], implicit: boolean): Expression {
    if (args.length === 1) {
      const { position } = this.#take('operator', op);
      const operand = this.read(args[0]!);
      if (op === '+') return operand;
      if (op === '-') return operation('negate', [operand], position);
      if (op === 'not') return operation('not', [operand], position);
      throw refused(`operator ${op}`, position, 'it is not a prefix here');
    }
    const name = BINARY[op];
    if (name === undefined || args.length !== 2) throw this.#astray();
    const left = this.read(args[0]!);
    const position = implicit ? this.#position() : this.#take('operator', op).position;
    return operation(name, [left, this.read(args[1]!)], position);
  }

  #call(name: string, args: readonly MathNode[]): Expression {
    const { position } = this.#take('function', name);
    const operands = args.map((argument) => this.read(argument));
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
    const arity = FUNCTIONS[name];
    if (arity === undefined) throw this.#astray();
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

  #take(kind: Token['kind'], text?: string): Token {
    const token = this.#tokens[this.#next];
    if (token === undefined || token.kind !== kind || (text !== undefined && token.text !== text))
      throw this.#astray();
    this.#next++;
    return token;
  }

  #position(): number {
    return this.#tokens[this.#next]?.position ?? this.#tokens.at(-1)?.position ?? 1;
  }

  #astray(): UnsupportedError {
    const token = this.#tokens[this.#next];
    return refused(
      token === undefined ? 'the end' : token.text,
      this.#position(),
      'put brackets around its operands',
    );
  }
}

function operation(name: Operation, operands: readonly Expression[], position: number): Expression {
  return { kind: 'operation', operation: name, operands, position };
}
