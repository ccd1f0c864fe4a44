import { uniformValue } from './matrix-folding.ts';
import type { Rewriter } from './rewrite.ts';

/** 1 or 0 where bounds that do not meet decide it. */
export function lessThan(rewriter: Rewriter, a: number, b: number): number {
  const [x, y] = [rewriter.node(a), rewriter.node(b)];
  if (a === b || x.bound.low >= y.bound.high) return rewriter.zeros(x.length);
  if (x.bound.high < y.bound.low) return rewriter.constant(new Float64Array(x.length).fill(1));
  return rewriter.pool.push({ op: 'lessThan', args: [a, b] }, x.length);
}

export function select(rewriter: Rewriter, bit: number, a: number, b: number): number {
  if (a === b) return a;
  const condition = rewriter.node(bit);
  const known = condition.op === 'constant' ? uniformValue(condition.plain) : undefined;
  if (known === 1) return a;
  if (known === 0) return b;
  const [whenTrue, whenFalse] = [rewriter.plainOf(a), rewriter.plainOf(b)];
  if (whenTrue !== undefined && whenFalse !== undefined) {
    const step = whenTrue.map((value, i) => value - whenFalse[i]!);
    // Not where the difference rounds, for the branches would no longer be exact.
    if (step.every((value, i) => value + whenFalse[i]! === whenTrue[i])) {
      return rewriter.addPlain(rewriter.mulPlain(bit, step), whenFalse);
    }
  }
  if (condition.op === 'lessThan' && rewriter.isSole(bit)) {
    const [x, y] = condition.args;
    if (x === b && y === a) return max(rewriter, a, b);
    if (x === a && y === b)
      return rewriter.scale(max(rewriter, rewriter.scale(a, -1), rewriter.scale(b, -1)), -1);
  }
  return rewriter.pool.push({ op: 'select', args: [bit, a, b] }, condition.length);
}

export function max(rewriter: Rewriter, a: number, b: number): number {
  const [x, y] = [rewriter.node(a).bound, rewriter.node(b).bound];
  if (a === b || x.low >= y.high) return a;
  if (y.low >= x.high) return b;
  return rewriter.pool.push({ op: 'max', args: [a, b] }, rewriter.lengthOf(a));
}

export function kthSmallest(rewriter: Rewriter, a: number, k: number): number {
  const node = rewriter.node(a);
  if (node.length === 1) return a;
  if (node.op === 'replicate') return node.args[0];
  return rewriter.pool.push({ op: 'kthSmallest', args: [a], k }, 1);
}

export function smallest(rewriter: Rewriter, a: number, k: number): number {
  const node = rewriter.node(a);
  if (k === 1) return kthSmallest(rewriter, a, 1);
  if (k === node.length) return sort(rewriter, a);
  if (node.op === 'replicate') return rewriter.replicate(node.args[0], k);
  return rewriter.pool.push({ op: 'smallest', args: [a], k }, k);
}

export function sort(rewriter: Rewriter, a: number): number {
  const node = rewriter.node(a);
  const sorted = node.length === 1 || node.op === 'replicate' || node.op === 'sort' || node.op === 'smallest';
  return sorted ? a : rewriter.pool.push({ op: 'sort', args: [a] }, node.length);
}
