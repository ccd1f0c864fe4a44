import type { Matrix } from '../numeric/matrix.ts';
import { compose, diagonalOf, rowSums, scaleMatrix, uniformValue } from './matrix-folding.ts';
import { plainAlgebra } from './plain.ts';
import type { Rewriter } from './rewrite.ts';

/** M a, as something cheaper where M or a allows it. */
export function applyMatrix(rewriter: Rewriter, matrix: Matrix, a: number): number {
  const { rows, cols, data } = matrix;
  const uniform = uniformValue(data);
  if (uniform === 0) return rewriter.zeros(rows);
  if (uniform !== undefined && rows === 1) return rewriter.scale(rewriter.sum(a), uniform);
  if (uniform !== undefined && cols === 1) return rewriter.replicate(rewriter.scale(a, uniform), rows);
  const diagonal = diagonalOf(matrix);
  if (diagonal !== undefined) return rewriter.mulPlain(a, diagonal);
  return (
    composed(rewriter, matrix, a) ?? rewriter.pool.push({ op: 'matVecPlain', args: [a], matrix }, matrix.rows)
  );
}

/** M with what made a folded in. */
function composed(rewriter: Rewriter, matrix: Matrix, a: number): number | undefined {
  const node = rewriter.node(a);
  switch (node.op) {
    case 'constant': {
      const value = plainAlgebra.matVecPlain(matrix, node.plain);
      return value.every(Number.isFinite) ? rewriter.constant(value) : undefined;
    }
    case 'scale': {
      if (Number.isInteger(node.factor)) {
        return rewriter.scale(rewriter.matVec(matrix, node.args[0]), node.factor);
      }
      const scaled = scaleMatrix(matrix, node.factor, 1);
      return scaled && rewriter.matVec(scaled, node.args[0]);
    }
    case 'mulPlain': {
      const scaled = scaleMatrix(matrix, 1, node.plain);
      return scaled && rewriter.matVec(scaled, node.args[0]);
    }
    case 'addPlain': {
      const plain = plainAlgebra.matVecPlain(matrix, node.plain);
      return plain.every(Number.isFinite)
        ? rewriter.addPlain(rewriter.matVec(matrix, node.args[0]), plain)
        : undefined;
    }
    case 'replicate': {
      const column = rowSums(matrix);
      return column.data.every(Number.isFinite) ? rewriter.matVec(column, node.args[0]) : undefined;
    }
    case 'matVecPlain': {
      const both = rewriter.isSole(a) ? compose(matrix, node.matrix) : undefined;
      return both && rewriter.matVec(both, node.args[0]);
    }
    default:
      return undefined;
  }
}
