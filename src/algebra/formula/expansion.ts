import type { ExpressionTree } from '../../base/expression/tree.ts';

/** Expansion multiplies terms: what would have more, or a higher degree, is left as it is. */
const MOST_TERMS = 64;
const HIGHEST = 16;

/** Coefficients by monomial; a monomial is the exponents of its names, as JSON of sorted pairs. */
type Polynomial = ReadonlyMap<string, number>;
type Monomial = readonly (readonly [name: string, exponent: number])[];

/** A polynomial in its names, multiplied out, with like terms collected; undefined for anything else. */
export function expanded(tree: ExpressionTree): ExpressionTree | undefined {
  const polynomial = polynomialOf(tree);
  if (polynomial === undefined) return undefined;
  const terms = [...polynomial].filter(([, coefficient]) => coefficient !== 0);
  if (terms.length === 0) return numberTree(0, tree.position);
  return terms
    .map(([key, coefficient]) => termTree(JSON.parse(key) as Monomial, coefficient, tree.position))
    .reduce((sum, term) => operator('+', sum, term));
}

function polynomialOf(tree: ExpressionTree): Polynomial | undefined {
  if (tree.kind === 'number') return new Map([['[]', tree.value]]);
  if (tree.kind === 'name') return new Map([[JSON.stringify([[tree.name, 1]]), 1]]);
  if (tree.kind === 'call') return undefined;
  const [a, b] = tree.args.map(polynomialOf);
  if (a === undefined) return undefined;
  if (tree.args.length === 1) return tree.operator === '-' ? sum(new Map(), a, -1) : undefined;
  const number = tree.args[1]?.kind === 'number' ? tree.args[1].value : Number.NaN;
  switch (tree.operator) {
    case '+':
      return b && sum(a, b, 1);
    case '-':
      return b && sum(a, b, -1);
    case '*':
      return b && product(a, b);
    case '/':
      return number !== 0 && Number.isFinite(number) ? sum(new Map(), a, 1 / number) : undefined;
    case '^': {
      if (!(Number.isInteger(number) && number >= 1 && number <= HIGHEST)) return undefined;
      let power: Polynomial | undefined = a;
      for (let n = 1; n < number && power !== undefined; n++) power = product(power, a);
      return power;
    }
    default:
      return undefined;
  }
}

function sum(a: Polynomial, b: Polynomial, factor: number): Polynomial {
  const out = new Map(a);
  for (const [key, coefficient] of b) out.set(key, (out.get(key) ?? 0) + factor * coefficient);
  return out;
}

function product(a: Polynomial, b: Polynomial): Polynomial | undefined {
  const out = new Map<string, number>();
  for (const [left, x] of a) {
    for (const [right, y] of b) {
      const exponents = new Map(JSON.parse(left) as Monomial);
      for (const [name, exponent] of JSON.parse(right) as Monomial) {
        exponents.set(name, (exponents.get(name) ?? 0) + exponent);
      }
      const monomial = [...exponents].sort(([p], [q]) => (p < q ? -1 : 1));
      if (monomial.reduce((degree, [, exponent]) => degree + exponent, 0) > HIGHEST) return undefined;
      const key = JSON.stringify(monomial);
      out.set(key, (out.get(key) ?? 0) + x * y);
      if (out.size > MOST_TERMS) return undefined;
    }
  }
  return out;
}

function termTree(monomial: Monomial, coefficient: number, position: number): ExpressionTree {
  const powers = monomial.map(([name, exponent]): ExpressionTree => {
    const base: ExpressionTree = { kind: 'name', name, position };
    return exponent === 1 ? base : operator('^', base, numberTree(exponent, position));
  });
  const factors =
    coefficient === 1 && powers.length > 0 ? powers : [numberTree(coefficient, position), ...powers];
  return factors.reduce((a, b) => operator('*', a, b));
}

function operator(sign: string, a: ExpressionTree, b: ExpressionTree): ExpressionTree {
  return { kind: 'operator', operator: sign, args: [a, b], position: a.position };
}

function numberTree(value: number, position: number): ExpressionTree {
  return { kind: 'number', value, position };
}
