import type { ExpressionTree } from '../../base/expression/tree.ts';

type MathJs = typeof import('mathjs');

/** Expansion multiplies terms: nothing longer or of a higher degree is expanded. */
const LONGEST = 300;
const HIGHEST = 8;
const MOST_NAMES = 4;

/** Operators that mathjs knows by rules that hold elementwise. */
const SYMBOLIC: readonly string[] = ['+', '-', '*', '/', '^'];

/**
 * The formula as it is written, simplified, and expanded, where mathjs can: equal in exact arithmetic, but not in
 * levels and products. Where operands do not commute (a matrix) or anything is compared only the formula itself.
 */
export function formsOf(
  mathjs: MathJs,
  source: string,
  tree: ExpressionTree,
  isMatrix: (name: string) => boolean,
): readonly string[] {
  if (!isSymbolic(tree, isMatrix)) return [source];
  const forms = [source];
  const attempt = (rewrite: () => string): void => {
    try {
      forms.push(rewrite());
    } catch {
      // What mathjs cannot rewrite stays as it is written.
    }
  };
  attempt(() => mathjs.simplify(source, {}, { exactFractions: false }).toString());
  if (source.length <= LONGEST && isSmallPolynomial(tree))
    attempt(() => mathjs.rationalize(source).toString());
  return [...new Set(forms)];
}

function isSymbolic(tree: ExpressionTree, isMatrix: (name: string) => boolean): boolean {
  switch (tree.kind) {
    case 'number':
      return true;
    case 'name':
      return !isMatrix(tree.name);
    case 'call':
      return tree.args.every((argument) => isSymbolic(argument, isMatrix));
    case 'operator':
      return (
        SYMBOLIC.includes(tree.operator) && tree.args.every((argument) => isSymbolic(argument, isMatrix))
      );
  }
}

function isSmallPolynomial(tree: ExpressionTree): boolean {
  const names = new Set<string>();
  const degreeOf = (node: ExpressionTree): number => {
    if (node.kind === 'number') return 0;
    if (node.kind === 'name') {
      names.add(node.name);
      return 1;
    }
    if (node.kind === 'call') return Infinity;
    const [a, b] = node.args.map(degreeOf);
    const exponent = node.args[1];
    switch (node.operator) {
      case '*':
        return a! + b!;
      case '/':
        return exponent?.kind === 'number' ? a! : Infinity;
      case '^':
        return exponent?.kind === 'number' && Number.isInteger(exponent.value) && exponent.value >= 0
          ? a! * exponent.value
          : Infinity;
      default:
        return Math.max(a!, b ?? 0);
    }
  };
  const degree = degreeOf(tree);
  return degree >= 2 && degree <= HIGHEST && names.size <= MOST_NAMES;
}
