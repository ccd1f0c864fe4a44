import { type CsvRow, readCsv, UniqueColumn } from './csv.ts';
import { FINITE, NON_NEGATIVE, POSITIVE } from './rule.ts';

/** European options on market data of their own, a column an array: element i of each is row i of the file. */
export type OptionColumns = {
  readonly ids: readonly string[];
  /** +1 call, -1 put. */
  readonly sign: Float64Array;
  readonly spot: Float64Array;
  readonly strike: Float64Array;
  readonly expiryYears: Float64Array;
  /** Continuous, per year. */
  readonly rate: Float64Array;
  /** Continuous, per year. */
  readonly dividendYield: Float64Array;
  /** Decimal, annualised. */
  readonly vol: Float64Array;
};

/** Models that options.csv may name so far. */
const MODELS: readonly string[] = ['bsm'];

const REQUIRED = ['id', 'type', 'spot', 'strike', 't', 'r', 'q', 'vol'];

/**
 * Reads options.csv for the model `bsm`; any column that is not one of its inputs is ignored with one warning.
 * Cost: about 5 us a row.
 * @throws ParseError naming line and column of the first value that does not follow the format.
 */
export function parseOptions(text: string, file: string): OptionColumns & { readonly warnings: string[] } {
  const table = readCsv(text, file, { required: REQUIRED, optional: ['model'] });
  const hasModel = table.has('model');
  const column = (): Float64Array => new Float64Array(table.rowCount);
  const ids: string[] = [];
  const sign = column();
  const spot = column();
  const strike = column();
  const expiryYears = column();
  const rate = column();
  const dividendYield = column();
  const vol = column();
  const id = new UniqueColumn('id');
  for (const row of table.rows()) {
    const i = row.index;
    ids.push(id.read(row));
    sign[i] = row.text('type') === 'call' ? 1 : putSign(row);
    spot[i] = row.number('spot', POSITIVE);
    strike[i] = row.number('strike', POSITIVE);
    expiryYears[i] = row.number('t', NON_NEGATIVE);
    rate[i] = row.number('r', FINITE);
    dividendYield[i] = row.number('q', FINITE);
    vol[i] = row.number('vol', NON_NEGATIVE);
    if (hasModel) checkModel(row);
  }
  const warnings = [...table.warnings];
  return { ids, sign, spot, strike, expiryYears, rate, dividendYield, vol, warnings };
}

function putSign(row: CsvRow): number {
  if (row.text('type') !== 'put') throw row.error('type', 'call or put');
  return -1;
}

function checkModel(row: CsvRow): void {
  const model = row.text('model');
  if (model !== '' && !MODELS.includes(model)) {
    throw row.error('model', `a model that is supported so far (${MODELS.join(', ')})`);
  }
}
