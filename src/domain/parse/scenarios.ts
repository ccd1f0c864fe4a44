import { ParseError } from '../../base/errors.ts';
import { matrixOf } from '../../numeric/matrix.ts';
import type { FactorKind, Market } from '../market.ts';
import type { ScenarioSet } from '../scenarios.ts';
import { readCsv, UniqueColumn, type UniqueValues } from './csv.ts';
import { FINITE, type NumberRule } from './rule.ts';

const MOVE_RULES: Readonly<Record<FactorKind, NumberRule>> = {
  spot_return: { text: 'a return > -1', holds: (value) => value > -1 },
  vol_shift: FINITE,
};

/**
 * Reads scenarios.csv, oldest scenario first: one relative spot return or absolute vol shift a factor of the market, in
 * the market's order whatever the order of the columns.
 * @throws ParseError where a factor has no column or a value does not follow the format.
 */
export function parseScenarios(
  text: string,
  file: string,
  market: Market,
): { scenarios: ScenarioSet; warnings: string[] } {
  const reader = new ScenarioReader(file, market, new UniqueColumn('scenario'));
  return { scenarios: reader.read(text), warnings: reader.warnings() };
}

/** Reads a scenarios.csv, whole or block after block. */
export class ScenarioReader {
  readonly #file: string;
  readonly #market: Market;
  readonly #label: UniqueValues;
  #warnings: readonly string[] = [];

  /** @throws ParseError for a market without factors. */
  constructor(file: string, market: Market, label: UniqueValues) {
    if (market.factors.length === 0) {
      throw new ParseError(
        { file, line: 1, column: 1 },
        'scenarios of the factors in the market file',
        'a market without factors: add "factors" to it',
      );
    }
    this.#file = file;
    this.#market = market;
    this.#label = label;
  }

  /** @param linesBefore see `readCsv`. @throws ParseError as {@link parseScenarios}. */
  read(text: string, linesBefore = 0): ScenarioSet {
    const { factors } = this.#market;
    const columns = { required: ['scenario', ...factors.map((factor) => factor.name)] };
    const table = readCsv(text, this.#file, columns, linesBefore);
    this.#warnings = table.warnings;
    const labels: string[] = [];
    const moves = matrixOf(table.rowCount, factors.length);
    let at = 0;
    for (const row of table.rows()) {
      labels.push(this.#label.read(row));
      for (const factor of factors) moves.data[at++] = row.number(factor.name, MOVE_RULES[factor.kind]);
    }
    return { labels, factors, moves };
  }

  warnings(): string[] {
    return [...this.#warnings];
  }
}
