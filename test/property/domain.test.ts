import { parse } from 'csv-parse/browser/esm/sync';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ParseError } from '../../src/base/errors.ts';
import type { Position } from '../../src/domain/book.ts';
import type { Market, Underlying } from '../../src/domain/market.ts';
import { type CsvTable, readCsv } from '../../src/domain/parse/csv.ts';
import { parseMarket } from '../../src/domain/parse/market.ts';
import { parsePositions } from '../../src/domain/parse/positions.ts';
import { decimalOf } from '../../src/domain/parse/rule.ts';
import { parseScenarios } from '../../src/domain/parse/scenarios.ts';
import type { ScenarioSet } from '../../src/domain/scenarios.ts';
import { marketJson, positionsCsv, scenariosCsv, writeCsv } from '../../src/domain/write/csv.ts';
import { matrixOf } from '../../src/numeric/matrix.ts';

/** Text that is hard on a CSV reader: delimiters, quotes, line ends and other planes. */
const field = fc.string({
  unit: fc.oneof(
    fc.constantFrom('"', ',', '\n', '\r', ' ', '\ufeff', 'é', '\u{1f600}'),
    fc.string({ minLength: 1, maxLength: 1 }),
  ),
  maxLength: 8,
});
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 });
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const positive = fc.double({ noNaN: true, noDefaultInfinity: true, min: 5e-324 });
const nonNegative = fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }).map(Math.abs);
/** JSON has no negative zero. */
const jsonNumber = finite.map((value) => value + 0);

const cells = (table: CsvTable): string[][] =>
  [...table.rows()].map((row) => table.header.map((column) => row.text(column)));

it('any text survives writing and reading a CSV file', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(field, field, field), { minLength: 1, maxLength: 6 }), (rows) => {
      const table = readCsv(writeCsv(['a', 'b', 'c'], rows), 'f', { required: ['a', 'b', 'c'] });
      expect(cells(table)).toEqual(rows);
    }),
  );
});

it('every double survives writing and reading', () => {
  fc.assert(
    fc.property(finite, (value) => {
      expect(decimalOf(writeCsv(['a'], [[value]]).slice(2, -1))).toBe(value);
    }),
  );
});

it('reads what csv-parse reads, with or without quotes', () => {
  const piece = fc.constantFrom(
    'x',
    '1',
    ',',
    ',',
    '\n',
    '\n',
    '\r\n',
    '"',
    '"y"',
    '"a,b"',
    '"p\nq"',
    '""',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      const text = `a,b\n${pieces.join('')}`;
      let expected: string[][] | undefined;
      try {
        expected = parse(text.replace(/[\r\n]+$/, ''), {
          record_delimiter: ['\r\n', '\n'],
          relax_column_count: true,
        });
      } catch {
        expected = undefined;
      }
      const readable = expected?.every((row) => row.length === 2) && expected.length > 1;
      if (readable) expect(cells(readCsv(text, 'f', { required: ['a', 'b'] }))).toEqual(expected!.slice(1));
      else expect(() => cells(readCsv(text, 'f', { required: ['a', 'b'] }))).toThrow(ParseError);
    }),
    { numRuns: 2000 },
  );
});

it('locates a bad cell wherever quoted line ends put it', () => {
  fc.assert(
    fc.property(fc.array(field, { minLength: 1, maxLength: 6 }), (fields) => {
      const text = writeCsv(['a', 'b'], [...fields.map((text) => [text, text]), ['last', 'NOT A NUMBER']]);
      const table = readCsv(text, 'f', { required: ['a', 'b'] });
      const line = text.slice(0, text.indexOf('NOT A NUMBER')).split('\n').length;
      expect(() => table.row(fields.length).number('b')).toThrow(`f:${line}:2 (b): expected a finite number`);
    }),
  );
});

const surface = fc.constantFrom(
  undefined,
  {
    model: 'grid',
    t: [0.5, 2],
    k: [-0.5, 0, 0.5],
    vol: [
      [0.3, 0.2, 0.25],
      [0.28, 0.2, 0.22],
    ],
  } as const,
  { model: 'svi', slices: [{ t: 1, a: 0.01, b: 0.1, rho: -0.5, m: 0.02, sigma: 0.2 }] } as const,
);

const underlying: fc.Arbitrary<Underlying> = fc
  .record({
    name,
    spot: positive,
    rate: jsonNumber,
    dividendYield: jsonNumber,
    referenceVol: nonNegative,
    surface,
  })
  .map(({ surface, ...rest }) => (surface === undefined ? rest : { ...rest, surface }));

const market: fc.Arbitrary<Market> = fc
  .record({
    valuation: name,
    underlyings: fc.uniqueArray(underlying, { minLength: 1, maxLength: 4, selector: (u) => u.name }),
    roots: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 8, maxLength: 8 }),
  })
  .map(({ valuation, underlyings, roots }) => {
    const factors = underlyings.flatMap(({ name: of }) =>
      (['spot_return', 'vol_shift'] as const).map((kind) => ({
        name: `${of}:${kind}`,
        underlying: of,
        kind,
      })),
    );
    const size = factors.length;
    const data = Float64Array.from({ length: size * size }, (_, i) => {
      return roots[Math.floor(i / size)]! * roots[i % size]! + 0;
    });
    return { valuation, underlyings, factors, dailyCovariance: matrixOf(size, size, data) };
  });

function positionsOn(of: Market): fc.Arbitrary<Position[]> {
  const dated = { strike: positive, expiryYears: nonNegative };
  const instrument = fc.constantFrom(...of.underlyings).chain((u) =>
    fc.oneof(
      fc.record({ kind: fc.constant('spot' as const), underlying: fc.constant(u.name) }),
      fc.record({ kind: fc.constant('forward' as const), underlying: fc.constant(u.name), ...dated }),
      fc.record(
        {
          kind: fc.constant('option' as const),
          underlying: fc.constant(u.name),
          type: fc.constantFrom('call' as const, 'put' as const),
          ...dated,
          vol: nonNegative,
        },
        u.surface === undefined
          ? {}
          : { requiredKeys: ['kind', 'underlying', 'type', 'strike', 'expiryYears'] },
      ),
    ),
  ) as fc.Arbitrary<Position['instrument']>;
  return fc.uniqueArray(fc.record({ id: name, instrument, quantity: finite, multiplier: positive }), {
    minLength: 1,
    maxLength: 6,
    selector: (position) => position.id,
  });
}

function scenariosOn(of: Market): fc.Arbitrary<ScenarioSet> {
  const move = fc.double({ min: -1, minExcluded: true, noNaN: true, noDefaultInfinity: true });
  return fc.uniqueArray(name, { minLength: 1, maxLength: 4 }).chain((labels) => {
    const length = labels.length * of.factors.length;
    return fc.array(move, { minLength: length, maxLength: length }).map((moves) => ({
      labels,
      factors: of.factors,
      moves: matrixOf(labels.length, of.factors.length, Float64Array.from(moves)),
    }));
  });
}

it('markets, books and scenarios read back as they were written', () => {
  const all = market.chain((m) => fc.tuple(fc.constant(m), positionsOn(m), scenariosOn(m)));
  fc.assert(
    fc.property(all, ([m, positions, scenarios]) => {
      expect(parseMarket(marketJson(m), 'm')).toEqual({ market: m, warnings: [] });
      expect(parsePositions(positionsCsv({ positions }), 'p', m)).toEqual({
        book: { positions },
        warnings: [],
      });
      expect(parseScenarios(scenariosCsv(scenarios), 's', m)).toEqual({ scenarios, warnings: [] });
    }),
  );
});

it('a damaged file is refused with a location inside it, or read', () => {
  const text = marketJson({
    valuation: '2026-11-20',
    underlyings: [{ name: 'A', spot: 100, rate: 0.03, dividendYield: 0, referenceVol: 0.2 }],
    factors: [{ name: 'A:spot_return', underlying: 'A', kind: 'spot_return' }],
    dailyCovariance: matrixOf(1, 1, Float64Array.of(1e-4)),
  });
  const junk = fc.constantFrom('', '"', ',', '{', '}', '[', ']', ':', '-', 'e', '0', 'null', '\n', '\\');
  fc.assert(
    fc.property(fc.nat(text.length), fc.nat(4), junk, (at, drop, insert) => {
      const damaged = text.slice(0, at) + insert + text.slice(at + drop);
      try {
        parseMarket(damaged, 'm');
      } catch (error) {
        expect(error).toBeInstanceOf(ParseError);
        const { line, column } = (error as ParseError).location;
        const lines = damaged.split('\n');
        expect(line).toBeLessThanOrEqual(lines.length);
        expect(column).toBeLessThanOrEqual(lines[line - 1]!.length + 1);
      }
    }),
    { numRuns: 400 },
  );
});
