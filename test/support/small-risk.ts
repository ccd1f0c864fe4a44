import { sampleData } from '../../src/cli/sample-data.ts';
import type { Book } from '../../src/domain/book.ts';
import type { RiskRequest } from '../../src/engine/task.ts';
import { matrixOf } from '../../src/numeric/matrix.ts';

/** A small request: the first positions and scenarios of the sample data. */
export function smallRequest(positions = 40, scenarios = 60): RiskRequest & { readonly book: Book } {
  const { book, market, scenarios: all } = sampleData();
  const cols = all.moves.cols;
  return {
    book: { positions: book.positions.slice(0, positions) },
    market,
    scenarios: {
      labels: all.labels.slice(0, scenarios),
      factors: all.factors,
      moves: matrixOf(scenarios, cols, all.moves.data.slice(0, scenarios * cols)),
    },
  };
}
