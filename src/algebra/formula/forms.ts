import type { ExpressionTree } from '../../base/expression/tree.ts';
import { expanded } from './expansion.ts';

type MathJs = typeof import('mathjs');

/** mathjs takes a tenth of a second to simplify a line, and much longer for a page. */
const LONGEST = 160;

/** Operators that mathjs knows by rules that hold elementwise. */
const SYMBOLIC: readonly string[] = ['+', '-', '*', '/', '^'];

/**
 * Other writings of a formula: simplified by mathjs, multiplied out by {@link expanded}; equal in exact arithmetic, but
 * not in levels and products. None where operands do not commute (a matrix) or anything is compared. (mathjs can expand
 * too, but takes minutes over a product of three sums.)
 */
export function otherForms(
  mathjs: MathJs,
  source: string,
  tree: ExpressionTree,
  isMatrix: (name: string) => boolean,
  read: (text: string) => ExpressionTree | undefined,
): readonly ExpressionTree[] {
  if (!isSymbolic(tree, isMatrix)) return [];
  const simplified = source.length <= LONGEST ? simplifiedText(mathjs, source) : undefined;
  const forms = [simplified === undefined ? undefined : read(simplified), expanded(tree)];
  return forms.filter((form) => form !== undefined);
}

function simplifiedText(mathjs: MathJs, source: string): string | undefined {
  try {
    return mathjs.simplify(source, {}, { exactFractions: false }).toString();
  } catch {
    // What mathjs cannot rewrite stays as it is written.
    return undefined;
  }
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
