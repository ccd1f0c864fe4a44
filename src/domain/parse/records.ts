import { CsvError, parse } from 'csv-parse/browser/esm/sync';
import { ParseError } from '../../base/errors.ts';

/** Records of a file, header included, split into fields on demand: a million rows are held as lines, not as cells. */
export type CsvRecords = { readonly count: number; readonly fields: (record: number) => readonly string[] };

/** csv-parse guesses a delimiter from the first line end; a lone carriage return is data here. */
const PARSE_OPTIONS = { record_delimiter: ['\r\n', '\n'], relax_column_count: true };

/** A line whose quotes, if any, surround whole fields that hold neither comma nor quote, as many programs write all texts. */
const PLAIN_LINE = /^(?:[^",\r]*|"[^",\r]*")(?:,(?:[^",\r]*|"[^",\r]*"))*\r?$/;

/**
 * Splits RFC 4180 text with LF or CRLF line ends; blank lines at the end are dropped. Where no quoted field holds a
 * comma, a quote or a line end, that is a split at line ends, then at commas; else csv-parse decides, 20 times slower.
 * @param linesBefore see `readCsv`.
 * @throws ParseError for malformed quotes.
 */
export function recordsOf(text: string, file: string, linesBefore = 0): CsvRecords {
  const body = text.slice(0, endOfLastLine(text));
  if (body === '') return { count: 0, fields: () => [] };
  const lines = body.split('\n');
  const quoted = body.includes('"');
  if (quoted && !lines.every((line) => PLAIN_LINE.test(line))) return parsedRecords(body, file, linesBefore);
  const fields = (record: number): string[] => {
    const line = lines[record]!;
    const split = (line.endsWith('\r') ? line.slice(0, -1) : line).split(',');
    return quoted ? split.map(unquoted) : split;
  };
  return { count: lines.length, fields };
}

function endOfLastLine(text: string): number {
  let end = text.length;
  while (end > 0 && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--;
  return end;
}

function unquoted(field: string): string {
  return field.startsWith('"') ? field.slice(1, -1) : field;
}

function parsedRecords(text: string, file: string, linesBefore: number): CsvRecords {
  let records: string[][];
  try {
    records = parse(text, PARSE_OPTIONS);
  } catch (cause) {
    if (cause instanceof CsvError) throw quoteError(cause, text, file, linesBefore);
    throw cause;
  }
  return { count: records.length, fields: (record) => records[record]! };
}

function quoteError(cause: CsvError, text: string, file: string, linesBefore: number): ParseError {
  const column = Number(cause['column']) + 1;
  if (cause.code === 'CSV_QUOTE_NOT_CLOSED') {
    // csv-parse names the last line of the file: close the quote to learn on which line it opened.
    const records = parse(`${text}"`, PARSE_OPTIONS);
    const within = { count: records.length, fields: (i: number) => records[i]! };
    const line = lineOf(within, records.length - 1, column - 1) + linesBefore;
    return new ParseError({ file, line, column }, 'a closing quote', 'the end of the file', { cause });
  }
  return new ParseError(
    { file, line: Number(cause['lines']) + linesBefore, column },
    'quotes around whole fields only, and doubled inside them (RFC 4180)',
    cause.code === 'CSV_INVALID_CLOSING_QUOTE' ? 'text after a closing quote' : 'a quote inside a field',
    { cause },
  );
}

/** Physical line, from 1, of a field: a record takes one line and one more for each line end inside its fields. */
export function lineOf(records: CsvRecords, record: number, column = 0): number {
  let line = 1 + record;
  for (let i = 0; i < record && i < records.count; i++) {
    for (const field of records.fields(i)) line += lineEndsIn(field);
  }
  if (record < records.count) {
    for (const field of records.fields(record).slice(0, column)) line += lineEndsIn(field);
  }
  return line;
}

function lineEndsIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
