import { describe, expect, it } from 'vitest';
import { AbortError, ParseError } from '../../../src/base/errors.ts';
import type { Position } from '../../../src/domain/book.ts';
import { csvBlocks } from '../../../src/domain/parse/csv-blocks.ts';
import { type BlockOptions, parsePositionBlocks } from '../../../src/domain/parse/position-blocks.ts';
import { parsePositions } from '../../../src/domain/parse/positions.ts';
import { parseScenarioBlocks } from '../../../src/domain/parse/scenario-blocks.ts';
import { parseScenarios } from '../../../src/domain/parse/scenarios.ts';
import { positionsCsv, scenariosCsv } from '../../../src/domain/write/csv.ts';
import { smallRequest } from '../../support/small-risk.ts';

const { book, market, scenarios } = smallRequest(40, 30);
const SIZES = [1, 60, 300, 1e6];

/** Text as it comes from a file: cut anywhere. */
async function* chunksOf(text: string, length: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += length) yield text.slice(at, at + length);
}

async function read(text: string, blockChars: number, more: BlockOptions = {}): Promise<Position[]> {
  const found: Position[] = [];
  const chunks = chunksOf(text, 1 + (blockChars % 97));
  for await (const block of parsePositionBlocks(chunks, 'p.csv', market, { blockChars, ...more })) {
    found.push(...block);
  }
  return found;
}

const csv = positionsCsv(book);
const [header, ...rows] = csv.trimEnd().split('\n') as [string, ...string[]];
const without = (line: number, row: string): string => rows.with(line, row).join('\n');
const cell = (row: number, column: string, value: string): string => {
  const cells = rows[row]!.split(',');
  cells[header.split(',').indexOf(column)] = value;
  return cells.join(',');
};
const quoted = rows.map((row, i) => (i % 7 === 3 ? row.replace(/^[^,]*/, `"id\n, ""${i}"""`) : row));

describe.each(SIZES)('positions in blocks of %i characters', (size) => {
  it.each([
    ['as written', csv],
    ['with CRLF', csv.replaceAll('\n', '\r\n')],
    ['without a last line end', csv.trimEnd()],
    ['with blank lines at the end', `${csv}\n\r\n\n`],
    ['with a byte order mark', `\ufeff${csv}`],
    ['with line ends, commas and quotes inside quotes', [header, ...quoted].join('\n')],
  ])('are those of the file %s', async (_, text) => {
    expect(await read(text, size)).toEqual(parsePositions(text, 'p.csv', market).book.positions);
  });

  it.each([
    ['a bad number', `${header}\n${without(23, cell(23, 'quantity', 'many'))}`],
    ['a short row', `${header}\n${without(30, 'x,y')}`],
    ['a blank line inside', `${header}\n${without(12, '')}`],
    ['blank lines before the last row', `${header}\n${rows.slice(1).join('\n')}\n\n\n${rows[0]}`],
    ['a quote inside a field', `${header}\n${without(17, cell(17, 'id', 'a"b'))}`],
    ['a bad number after quoted line ends', [header, ...quoted.with(33, cell(33, 't', '-1'))].join('\n')],
    ['no rows', `${header}\n`],
    ['nothing', ''],
    ['a missing column', csv.replace('quantity', 'amount')],
  ])('are refused where and as the file is for %s', async (_, text) => {
    const whole = (() => {
      try {
        parsePositions(text, 'p.csv', market);
      } catch (error) {
        return error as ParseError;
      }
      return undefined;
    })()!;
    const found = await read(text, size).catch((error: unknown) => error as ParseError);
    expect(found).toBeInstanceOf(ParseError);
    expect((found as ParseError).message).toBe(whole.message);
  });

  it('are refused for an id that an earlier block has, and an open quote', async () => {
    const again = `${header}\n${without(37, cell(37, 'id', book.positions[2]!.id))}`;
    await expect(read(again, size)).rejects.toThrow(/^p\.csv:39:1 \(id\): expected a id that no earlier row/);
    await expect(read(`${header}\n"${rows.join('\n')}`, size)).rejects.toThrow(ParseError);
  });

  it('warn once of what was ignored, with its line', async () => {
    const warnings: string[] = [];
    const text = [`${header},mood`, ...rows.map((row) => `${row},good`)].join('\n');
    await read(text, size, { onWarning: (warning) => warnings.push(warning) });
    expect(warnings).toEqual(parsePositions(text, 'p.csv', market).warnings);
    expect(warnings.join()).toContain('mood');
  });
});

it('reading stops when it is told to', async () => {
  const stop = new AbortController();
  const reading = async () => {
    for await (const _ of parsePositionBlocks(chunksOf(csv, 100), 'p.csv', market, {
      blockChars: 200,
      signal: stop.signal,
    })) {
      stop.abort();
    }
  };
  await expect(reading()).rejects.toThrow(AbortError);
});

it('a block holds no more than was asked for, but for a row', async () => {
  const lengths: number[] = [];
  for await (const { text } of csvBlocks(chunksOf(csv, 50), 500)) lengths.push(text.length);
  expect(lengths.length).toBeGreaterThan(3);
  expect(Math.max(...lengths)).toBeLessThan(500 + header.length + 200);
});

describe('scenarios in blocks', () => {
  const text = scenariosCsv(scenarios);
  it.each([1, 7, 30, 100])('of %i rows are those of the file', async (count) => {
    const sets = [];
    const chunks = chunksOf(text, 700);
    for await (const set of parseScenarioBlocks(chunks, 's.csv', market, count, { blockChars: 2000 })) {
      sets.push(set);
    }
    expect(sets.length).toBe(Math.ceil(30 / count));
    const whole = parseScenarios(text, 's.csv', market).scenarios;
    expect(sets.flatMap(({ labels }) => labels)).toEqual(whole.labels);
    expect(sets.flatMap(({ moves }) => [...moves.data])).toEqual([...whole.moves.data]);
    expect(sets.every(({ labels, moves }) => moves.rows === labels.length)).toBe(true);
  });

  it('are refused with the line of the file', async () => {
    const lines = text.trimEnd().split('\n');
    const bad = lines.with(20, lines[20]!.replace(/,[^,]*$/, ',up')).join('\n');
    const reading = async () => {
      for await (const _ of parseScenarioBlocks(chunksOf(bad, 700), 's.csv', market, 5, {
        blockChars: 900,
      })) {
        // read on
      }
    };
    await expect(reading()).rejects.toThrow(/^s\.csv:21:\d+ .*"up"/);
  });
});
