import { RangeError } from '../../base/errors.ts';
import { rowOf } from '../../numeric/matrix.ts';
import type { Book, Position } from '../book.ts';
import type { Market, Underlying } from '../market.ts';
import type { ScenarioSet } from '../scenarios.ts';

/** A cell: NaN and undefined are written as an empty one. */
export type CsvCell = string | number | undefined;

/** Columns of positions.csv in the order of {@link positionCells}; those after the first nine are written where needed. */
const POSITION_COLUMNS = [
  'id',
  'underlying',
  'kind',
  'type',
  'strike',
  't',
  'vol',
  'quantity',
  'multiplier',
  'barrier',
  'barrier_type',
  'lower',
  'upper',
  'rebate',
  'cash',
  'fixing_days',
  'current_extreme',
  'exercise',
  'settlement',
] as const;
const USUAL_COLUMNS = 9;

/**
 * RFC 4180 text with LF line ends; numbers read back to the same double.
 * @throws RangeError for an infinite number, which no reader of these files accepts.
 */
export function writeCsv(header: readonly string[], rows: Iterable<readonly CsvCell[]>): string {
  const lines = [header.map(cellText).join(',')];
  for (const row of rows) {
    const line = row.map(cellText).join(',');
    // A record of one empty field would read as a blank line.
    lines.push(line === '' && row.length === 1 ? '""' : line);
  }
  return `${lines.join('\n')}\n`;
}

/** positions.csv; years to expiry in `t`, and an empty `vol` where the market's surface applies. */
export function positionsCsv(book: Book): string {
  const rows = book.positions.map(positionCells);
  const kept = POSITION_COLUMNS.map((_, c) => c).filter(
    (c) => c < USUAL_COLUMNS || rows.some((row) => row[c] !== undefined),
  );
  return writeCsv(
    kept.map((c) => POSITION_COLUMNS[c]!),
    rows.map((row) => kept.map((c) => row[c])),
  );
}

/** scenarios.csv: one row a scenario, a column a factor. */
export function scenariosCsv(scenarios: ScenarioSet): string {
  const rows = scenarios.labels.map((label, s) => [label, ...rowOf(scenarios.moves, s)]);
  return writeCsv(['scenario', ...scenarios.factors.map((factor) => factor.name)], rows);
}

/** market.json, indented, with one row of the covariance a line. */
export function marketJson(market: Market): string {
  const covariance = market.factors.map((_, r) => JSON.stringify([...rowOf(market.dailyCovariance, r)]));
  const members = [
    `"valuation": ${JSON.stringify(market.valuation)}`,
    `"underlyings": ${list(market.underlyings.map((underlying) => JSON.stringify(underlyingRecord(underlying))))}`,
    `"factors": ${list(market.factors.map((factor) => JSON.stringify(factor.name)))}`,
    `"daily_covariance": ${list(covariance)}`,
  ];
  return `{\n  ${members.join(',\n  ')}\n}\n`;
}

function list(items: readonly string[]): string {
  return items.length === 0 ? '[]' : `[\n    ${items.join(',\n    ')}\n  ]`;
}

function underlyingRecord(underlying: Underlying): Record<string, unknown> {
  return {
    name: underlying.name,
    spot: underlying.spot,
    r: underlying.rate,
    q: underlying.dividendYield,
    reference_vol: underlying.referenceVol,
    ...(underlying.surface === undefined ? {} : { surface: underlying.surface }),
  };
}

/** Terms by column name: instruments of every kind use these property names. */
function positionCells({ id, instrument, quantity, multiplier }: Position): CsvCell[] {
  const terms = instrument as Readonly<Record<string, CsvCell | readonly number[]>>;
  const cell = (property: string) => terms[property] as CsvCell;
  return [
    id,
    instrument.underlying,
    instrument.kind,
    cell('type'),
    cell('strike'),
    cell('expiryYears'),
    cell('vol'),
    quantity,
    multiplier,
    cell('barrier'),
    cell('barrierType') ?? cell('knock'),
    cell('lower'),
    cell('upper'),
    cell('rebate'),
    cell('cash'),
    instrument.kind === 'asian' ? instrument.fixingDays.join(' ') : undefined,
    cell('currentExtreme'),
    cell('exercise'),
    cell('settlement'),
  ];
}

function cellText(cell: CsvCell): string {
  if (typeof cell === 'number') return numberText(cell);
  if (cell === undefined) return '';
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return '';
  if (!Number.isFinite(value)) {
    throw new RangeError('expected a finite number or NaN in a CSV cell, found an infinite one', {
      found: String(value),
    });
  }
  // String(-0) is "0", which reads back as another double.
  return Object.is(value, -0) ? '-0' : String(value);
}
