import { readFileSync } from 'node:fs';
import type { Book } from '../../src/domain/book.ts';
import type { Market } from '../../src/domain/market.ts';
import { parseMarket } from '../../src/domain/parse/market.ts';
import { parsePositions } from '../../src/domain/parse/positions.ts';
import { parseScenarios } from '../../src/domain/parse/scenarios.ts';
import type { ScenarioSet } from '../../src/domain/scenarios.ts';
import { readVectors } from './vectors.ts';

/** Path of a file of the reference portfolio. */
export function referencePath(name: string): URL {
  return new URL(`../vectors/portfolio/${name}`, import.meta.url);
}

/** The reference portfolio as the command line reads it, and what is known about it. */
export function loadReferenceInputs(): {
  readonly book: Book;
  readonly market: Market;
  readonly scenarios: ScenarioSet;
  readonly gross: number;
  readonly expectedPnl: Float64Array;
} {
  const text = (name: string) => readFileSync(referencePath(name), 'utf8');
  const { market } = parseMarket(text('market.json'), 'market.json');
  const { book } = parsePositions(text('positions.csv'), 'positions.csv', market);
  const { scenarios } = parseScenarios(text('scenarios.csv'), 'scenarios.csv', market);
  const expected = JSON.parse(text('expected.json')) as { value: { gross_absolute: number } };
  return {
    book,
    market,
    scenarios,
    gross: expected.value.gross_absolute,
    expectedPnl: readVectors('portfolio/expected_scenario_pnl.csv').numbers('full_revaluation'),
  };
}
