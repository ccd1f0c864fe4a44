import type { MathNode } from 'mathjs';
import { RangeError, type UnsupportedError } from '../errors.ts';
import { type Language, refused, type Token, tokenize } from './tokens.ts';

/** An expression as a tree of plain data. Positions are characters of the source, counted from 1. */
export type ExpressionTree =
  | { readonly kind: 'number'; readonly value: number; readonly position: number }
  | { readonly kind: 'name'; readonly name: string; readonly position: number }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly ExpressionTree[];
      readonly position: number;
    }
  | {
      /** `-` and `not` of one operand, the operators of two, and `?` of three. */
      readonly kind: 'operator';
      readonly operator: string;
      readonly args: readonly ExpressionTree[];
      readonly position: number;
    };

/** Turns a text of the language into a tree. */
export type ExpressionParser = (source: string, language: Language) => ExpressionTree;

/**
 * Loads mathjs (about a second), of which only the parser is used here: grammar and precedences are its own. A word
 * before a bracket is a function, `2 x` is a product.
 */
export async function loadExpressionParser(): Promise<ExpressionParser> {
  const { parse } = await import('mathjs');
  return (source, language) => readExpression(parse, source, language);
}

/**
 * Parses with a given parser of mathjs.
 * @throws UnsupportedError naming what is outside the language, its position and the nearest allowed word.
 * @throws RangeError with a position where the expression is malformed.
 */
export function readExpression(
  parse: (text: string) => MathNode,
  source: string,
  language: Language,
): ExpressionTree {
  const tokens = tokenize(source, language);
  const node = parsed(source, parse);
  const reader = new TreeReader(
    tokens.filter((token) => token.kind !== 'bracket'),
    language,
  );
  const root = reader.read(node);
  reader.expectEnd();
  return root;
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

const BINARY: readonly string[] = ['+', '-', '*', '/', '^', '<', '<=', '>', '>=', '==', '!=', 'and', 'or'];

/**
 * Turns the parser's tree into ours, walking the tokens beside it: every node must be of an allowed type and must
 * meet its own token, so that nothing that the tokens did not show can enter, and every error has a position.
 */
class TreeReader {
  readonly #tokens: readonly Token[];
  readonly #language: Language;
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], language: Language) {
    this.#tokens = tokens;
    this.#language = language;
  }

  read(node: MathNode): ExpressionTree {
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

  #read(node: MathNode): ExpressionTree {
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
        return { kind: 'number', value, position: token.position };
      }
      case 'SymbolNode': {
        const { text, position } = this.#take('name', found.name);
        return { kind: 'name', name: text, position };
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
        return { kind: 'operator', operator: '?', args: [condition, whenTrue, whenFalse], position };
      }
      case 'OperatorNode':
        if (found.isPercentage) throw this.#astray();
        return this.#operator(found.op ?? '', found.args ?? [], found.implicit === true);
      case 'RelationalNode':
        throw refused(this.#language, 'a chain of comparisons', this.#position(), 'write a < b and b < c');
      default:
        throw refused(
          this.#language,
          `a ${found.type}`,
          this.#position(),
          'only arithmetic, comparisons and the listed functions are',
        );
    }
  }

  expectEnd(): void {
    if (this.#next !== this.#tokens.length) throw this.#astray();
  }

  #operator(op: string, args: readonly MathNode[], implicit: boolean): ExpressionTree {
    if (args.length === 1) {
      const { position } = this.#take('operator', op);
      const operand = this.read(args[0]!);
      if (op === '+') return operand;
      if (op === '-' || op === 'not') return { kind: 'operator', operator: op, args: [operand], position };
      throw refused(this.#language, `operator ${op}`, position, 'it is not a prefix here');
    }
    if (!BINARY.includes(op) || args.length !== 2) throw this.#astray();
    const left = this.read(args[0]!);
    const position = implicit ? this.#position() : this.#take('operator', op).position;
    return { kind: 'operator', operator: op, args: [left, this.read(args[1]!)], position };
  }

  #call(name: string, args: readonly MathNode[]): ExpressionTree {
    const { position } = this.#take('function', name);
    return { kind: 'call', name, args: args.map((argument) => this.read(argument)), position };
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
      this.#language,
      token === undefined ? 'the end' : token.text,
      this.#position(),
      'put brackets around its operands',
    );
  }
}
