import { describe, expect, it } from 'vitest';
import type { Market } from '../../../src/domain/market.ts';
import { instantOf, yearsBetween } from '../../../src/domain/parse/instant.ts';
import { parsePositions } from '../../../src/domain/parse/positions.ts';
import { matrixOf } from '../../../src/numeric/matrix.ts';
import { expectParseError } from './expect-parse-error.ts';

const HEADER = 'id,underlying,kind,type,strike,t,vol,quantity,multiplier';
const plain = { spot: 100, rate: 0.03, dividendYield: 0.01, referenceVol: 0.2 };
const market: Market = {
  valuation: '2026-11-20T00:00:00Z',
  underlyings: [
    { name: 'A', ...plain },
    { name: 'S', ...plain, surface: { model: 'grid', t: [1], k: [0], vol: [[0.2]] } },
  ],
  factors: [],
  dailyCovariance: matrixOf(0, 0),
};
const parse = (text: string, against = market) => parsePositions(text, 'p.csv', against);
const rows = (...lines: string[]) => parse([HEADER, ...lines].join('\n'));
/** A table with the given columns after the standard ones, and one row. */
const withColumns = (columns: string, row: string, against = market) =>
  parse(`${HEADER},${columns}\n${row}\n`, against);

describe('parsePositions', () => {
  it('reads options, forwards and spot holdings', () => {
    const { book, warnings } = rows(
      '1,A,option,call,105,0.5,0.25,-2.5,100',
      '2,A,option,put,95,0,0,1,1',
      '3,S,option,call,100,1,,3,10',
      'x y,A,forward,,101,0.25,,1e3,1',
      '"q,1",A,spot,,,,,-0.5,1',
    );
    expect(warnings).toEqual([]);
    expect(book.positions).toEqual([
      {
        id: '1',
        instrument: {
          kind: 'option',
          underlying: 'A',
          type: 'call',
          strike: 105,
          expiryYears: 0.5,
          vol: 0.25,
        },
        quantity: -2.5,
        multiplier: 100,
      },
      {
        id: '2',
        instrument: { kind: 'option', underlying: 'A', type: 'put', strike: 95, expiryYears: 0, vol: 0 },
        quantity: 1,
        multiplier: 1,
      },
      {
        id: '3',
        instrument: { kind: 'option', underlying: 'S', type: 'call', strike: 100, expiryYears: 1 },
        quantity: 3,
        multiplier: 10,
      },
      {
        id: 'x y',
        instrument: { kind: 'forward', underlying: 'A', strike: 101, expiryYears: 0.25 },
        quantity: 1000,
        multiplier: 1,
      },
      { id: 'q,1', instrument: { kind: 'spot', underlying: 'A' }, quantity: -0.5, multiplier: 1 },
    ]);
    expect(Object.hasOwn(book.positions[2]!.instrument, 'vol')).toBe(false);
  });

  it.each([
    ['an empty id', ',A,spot,,,,,1,1', '2:1 id', ['an empty cell']],
    ['an unknown underlying', '1,ZZ,spot,,,,,1,1', '2:2 underlying', ['"A", "S"', 'found "ZZ"']],
    ['an empty underlying', '1,,spot,,,,,1,1', '2:2 underlying', ['an empty cell']],
    [
      'an unknown kind',
      '1,A,swap,,,,,1,1',
      '2:3 kind',
      ['option, forward, spot', 'lookback', 'found "swap"'],
    ],
    ['an inherited property as kind', '1,A,toString,,,,,1,1', '2:3 kind', ['found "toString"']],
    ['a barrier option without a barrier', '1,A,barrier,call,1,1,0.2,1,1', '2:1 barrier', ['a number > 0']],
    ['no type', '1,A,option,,100,1,0.2,1,1', '2:4 type', ['call or put', 'an empty cell']],
    ['a wrong type', '1,A,option,CALL,100,1,0.2,1,1', '2:4 type', ['call or put', 'found "CALL"']],
    [
      'a type on a forward',
      '1,A,forward,put,100,1,,1,1',
      '2:4 type',
      ['an empty cell, as a forward has no type'],
    ],
    ['no strike', '1,A,option,call,,1,0.2,1,1', '2:5 strike', ['a number > 0', 'an empty cell']],
    ['a zero strike', '1,A,option,call,0,1,0.2,1,1', '2:5 strike', ['a number > 0', 'found "0"']],
    ['a padded strike', '1,A,forward,, 100,1,,1,1', '2:5 strike', ['found " 100"']],
    ['a negative t', '1,A,option,call,100,-0.1,0.2,1,1', '2:6 t', ['a number >= 0']],
    ['no t', '1,A,forward,,100,,,1,1', '2:6 t', ['an empty cell']],
    ['a negative vol', '1,A,option,call,100,1,-0.2,1,1', '2:7 vol', ['a number >= 0']],
    ['a vol in per cent', '1,A,option,call,100,1,20%,1,1', '2:7 vol', ['found "20%"']],
    [
      'no vol without a surface',
      '1,A,option,call,100,1,,1,1',
      '2:7 vol',
      ['"A" has no surface in the market'],
    ],
    ['no quantity', '1,A,spot,,,,,,1', '2:8 quantity', ['a finite number', 'an empty cell']],
    ['a hexadecimal quantity', '1,A,spot,,,,,0x1,1', '2:8 quantity', ['found "0x1"']],
    ['an infinite quantity', '1,A,spot,,,,,1e999,1', '2:8 quantity', ['a finite number']],
    ['no multiplier', '1,A,spot,,,,,1,', '2:9 multiplier', ['a contract size > 0', 'an empty cell']],
    ['a negative multiplier', '1,A,spot,,,,,1,-1', '2:9 multiplier', ['a contract size > 0']],
  ])('refuses %s', (_, row, location, words) => {
    expectParseError(() => rows(row), location, ...words);
  });

  it('refuses an id that occurs twice, naming both lines', () => {
    expectParseError(
      () => rows('7,A,spot,,,,,1,1', '8,A,spot,,,,,1,1', '7,A,spot,,,,,1,1'),
      '4:1 id',
      'found "7", which is on line 2 too',
    );
  });

  it.each(HEADER.split(','))('refuses a file without the column %s', (name) => {
    const header = HEADER.split(',').filter((column) => column !== name);
    expectParseError(
      () => parse(`${header.join(',')}\n1,A,spot,,,,,1\n`),
      `1:9 ${name}`,
      `a column "${name}"`,
    );
  });

  it('names at most eight underlyings', () => {
    const names = Array.from({ length: 12 }, (_, i) => ({ name: `U${i}`, ...plain }));
    expectParseError(
      () => parse(`${HEADER}\n1,A,spot,,,,,1,1\n`, { ...market, underlyings: names }),
      '2:2 underlying',
      '"U7" and 4 more',
    );
  });

  it('knows every column of the format and warns about others', () => {
    const known =
      'expiry,barrier,lower,upper,rebate,cash,fixing_days,current_extreme,exercise,settlement,owner';
    expect(withColumns(known, '1,A,spot,,,,,1,1,,,,,,,,,,,me').warnings).toEqual([]);
    expect(withColumns('note,desk', '1,A,spot,,,,,1,1,x,y').warnings).toEqual([
      'p.csv: ignored unknown columns "note", "desk"',
    ]);
  });

  it('warns about terms that a kind does not use', () => {
    const { warnings } = rows('1,A,spot,,100,,,1,1', '2,A,spot,,100,,,1,1', '3,A,forward,,1,1,0.2,1,1');
    expect(warnings).toEqual([
      'p.csv:2: ignored strike on kind spot, which does not use it (2 rows in all)',
      'p.csv:4: ignored vol on kind forward, which does not use it',
    ]);
  });

  it('reads the styles of an option, and refuses what it does not know', () => {
    const option = '1,A,option,call,100,1,0.2,1,1';
    const styled = (styles: string) =>
      withColumns('exercise,settlement', `${option},${styles}`).book.positions[0]!.instrument;
    expect(styled('european,linear')).toEqual(styled(','));
    expect(styled(',inverse')).toMatchObject({ settlement: 'inverse' });
    expect(styled('american,')).toMatchObject({ exercise: 'american' });
    expectParseError(
      () => styled('american,inverse'),
      '2:10 exercise',
      'european exercise of a coin-settled option',
    );
    expectParseError(() => styled('bermudan,'), '2:10 exercise', 'found "bermudan"');
    expectParseError(() => styled(',cash'), '2:11 settlement', 'linear or inverse, or an empty cell');
    expect(withColumns('exercise,settlement', '1,A,spot,,,,,1,1,european,linear').warnings).toEqual([]);
  });

  it('reads every kind of the format', () => {
    const columns = 'barrier,barrier_type,lower,upper,rebate,cash,fixing_days,current_extreme,settlement';
    const read = (row: string) => withColumns(columns, row).book.positions[0]!.instrument;
    const on = { underlying: 'A' };
    expect(read('1,A,future,,90,0.5,,1,1,,,,,,,,,')).toEqual({
      kind: 'future',
      ...on,
      strike: 90,
      expiryYears: 0.5,
    });
    expect(read('1,A,perpetual,,90,,,1,1,,,,,,,,,inverse')).toEqual({
      kind: 'perpetual',
      ...on,
      strike: 90,
      settlement: 'inverse',
    });
    const option = { ...on, type: 'call', strike: 100, expiryYears: 0.5, vol: 0.2 };
    expect(read('1,A,digital,call,100,0.5,0.2,1,1,,,,,,10,,,')).toEqual({
      kind: 'digital',
      ...option,
      cash: 10,
    });
    expect(read('1,A,digital,call,100,0.5,0.2,1,1,,,,,,,,,')).toEqual({ kind: 'digital', ...option });
    expect(read('1,A,one_touch,,,0.5,0.2,1,1,120,,,,,10,,,')).toEqual({
      kind: 'one_touch',
      ...on,
      direction: 'up',
      barrier: 120,
      cash: 10,
      expiryYears: 0.5,
      vol: 0.2,
    });
    expect(read('1,A,barrier,call,100,0.5,0.2,1,1,80,,,,,,,,')).toEqual({
      kind: 'barrier',
      ...option,
      barrierType: 'down_out',
      barrier: 80,
      rebate: 0,
    });
    expect(read('1,A,barrier,call,100,0.5,0.2,1,1,80,up_in,,,3,,,,')).toMatchObject({
      barrierType: 'up_in',
      rebate: 3,
    });
    expect(read('1,A,double_barrier,call,100,0.5,0.2,1,1,,knock_in,80,120,,,,,')).toEqual({
      kind: 'double_barrier',
      ...option,
      knock: 'knock_in',
      lower: 80,
      upper: 120,
    });
    expect(read('1,A,asian,call,100,,0.2,1,1,,,,,,,10 20 30,,')).toEqual({
      kind: 'asian',
      ...on,
      type: 'call',
      strike: 100,
      fixingDays: [10, 20, 30],
      vol: 0.2,
    });
    expect(read('1,A,lookback,call,,0.5,0.2,1,1,,,,,,,,95,')).toEqual({
      kind: 'lookback',
      ...on,
      type: 'call',
      currentExtreme: 95,
      expiryYears: 0.5,
      vol: 0.2,
    });
    for (const [row, where, words] of [
      ['1,A,barrier,call,100,0.5,0.2,1,1,80,sideways,,,,,,,', '2:11 barrier_type', 'down_in or down_out'],
      ['1,A,double_barrier,call,100,0.5,0.2,1,1,,,120,80,,,,,', '2:13 upper', 'above the lower one (120)'],
      ['1,A,asian,call,100,,0.2,1,1,,,,,,,10 5,,', '2:16 fixing_days', 'ascending whole days'],
      ['1,A,asian,call,100,,0.2,1,1,,,,,,,,,', '2:16 fixing_days', 'an empty cell'],
      ['1,A,one_touch,,,0.5,0.2,1,1,120,,,,,,,,', '2:15 cash', 'a number > 0'],
      ['1,A,lookback,call,,0.5,,1,1,,,,,,,,95,', '2:7 vol', 'no surface'],
    ] as const) {
      expectParseError(() => read(row), where, words);
    }
  });
});

describe('expiry', () => {
  const years = (expiry: string, valuation = market.valuation) =>
    withColumns('expiry', `1,A,forward,,100,,,1,1,${expiry}`, { ...market, valuation }).book.positions[0]!
      .instrument;

  it.each([
    ['2027-11-20', 1],
    ['2026-11-20', 0],
    ['2026-11-27', 7 / 365],
    ['2028-11-20', 731 / 365],
    ['2026-11-20T12:00', 0.5 / 365],
    ['2026-11-20T12:00:00Z', 0.5 / 365],
    ['2026-11-20T12:00:00.000+06:00', 0.25 / 365],
    ['2026-11-20T12:00:00-06:00', 0.75 / 365],
  ])('%s is ACT/365F from the valuation', (expiry, expected) => {
    expect(years(expiry)).toMatchObject({ expiryYears: expected });
  });

  it('may stand in for the column t', () => {
    const text =
      'id,underlying,kind,type,strike,expiry,vol,quantity,multiplier\n1,A,forward,,100,2027-11-20,,1,1\n';
    expect(parse(text).book.positions[0]!.instrument).toMatchObject({ expiryYears: 1 });
    expectParseError(
      () => parse(text.replace('2027-11-20', '')),
      '2:6 expiry',
      'an ISO 8601 date or date-time',
      'an empty cell',
    );
  });

  it.each([
    ['both', '1,A,forward,,100,1,,1,1,2027-11-20', 'an empty cell, as t is given'],
    ['neither', '1,A,forward,,100,,,1,1,', 'found an empty cell'],
    ['another format', '1,A,forward,,100,,,1,1,20/11/2027', 'found "20/11/2027"'],
    ['no such day', '1,A,forward,,100,,,1,1,2027-02-29', 'an ISO 8601 date or date-time'],
    ['expired', '1,A,forward,,100,,,1,1,2026-11-19', 'not before the valuation 2026-11-20T00:00:00Z'],
  ])('is refused: %s', (name, row, words) => {
    const location = name === 'neither' ? '2:6 t' : '2:10 expiry';
    expectParseError(() => withColumns('expiry', row), location, words);
  });

  it('needs a market that says when it is', () => {
    expectParseError(() => years('2027-11-20', 't = 0'), '2:10 expiry', 'years to expiry in t', '"t = 0"');
  });
});

describe('instantOf', () => {
  it('reads a date-time without an offset as UTC', () => {
    expect(instantOf('2026-11-20T01:02:03')).toBe(Date.UTC(2026, 10, 20, 1, 2, 3));
    expect(instantOf('2024-02-29')).toBe(Date.UTC(2024, 1, 29));
    expect(instantOf('2026-11-20T23:59:59.25Z')).toBe(Date.UTC(2026, 10, 20, 23, 59, 59, 250));
    expect(yearsBetween(0, 365 * 86_400_000)).toBe(1);
  });

  it.each(
    [
      '2026-13-01',
      '2026-00-10',
      '2026-04-31',
      '0050-01-01',
      '2026-1-1',
      '20261120',
      '2026-11-20T24:00',
    ].concat([
      '2026-11-20T10:60',
      '2026-11-20T10:00:60',
      '2026-11-20 10:00',
      '2026-11-20T10:00+24:00',
      '',
      'now',
    ]),
  )('refuses %j', (text) => expect(instantOf(text)).toBeUndefined());
});
