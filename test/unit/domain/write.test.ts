import { expect, it } from 'vitest';
import { RangeError } from '../../../src/base/errors.ts';
import type { Market } from '../../../src/domain/market.ts';
import { marketJson, positionsCsv, scenariosCsv, writeCsv } from '../../../src/domain/write/csv.ts';
import { matrixOf } from '../../../src/numeric/matrix.ts';

const market: Market = {
  valuation: '2026-11-20',
  underlyings: [
    { name: 'A', spot: 100, rate: 0.03, dividendYield: 0.01, referenceVol: 0.2 },
    {
      name: 'B',
      spot: 2,
      rate: 0,
      dividendYield: 0,
      referenceVol: 0.3,
      surface: { model: 'grid', t: [1], k: [0], vol: [[0.3]] },
    },
  ],
  factors: [
    { name: 'A:spot_return', underlying: 'A', kind: 'spot_return' },
    { name: 'B:vol_shift', underlying: 'B', kind: 'vol_shift' },
  ],
  dailyCovariance: matrixOf(2, 2, Float64Array.of(1e-4, 0, 0, 1e-6)),
};

it('writes RFC 4180: quotes where they are needed, NaN and undefined as empty cells', () => {
  expect(
    writeCsv(
      ['a', 'b,c'],
      [
        ['x', 0.1 + 0.2],
        ['say "x"', Number.NaN],
        ['two\nlines', undefined],
        ['', -0],
      ],
    ),
  ).toBe('a,"b,c"\nx,0.30000000000000004\n"say ""x""",\n"two\nlines",\n,-0\n');
  expect(writeCsv(['a'], [[''], ['x']])).toBe('a\n""\nx\n');
});

it('refuses infinite numbers', () => {
  expect(() => writeCsv(['a'], [[Number.POSITIVE_INFINITY]])).toThrow(RangeError);
});

it('writes positions, scenarios and the market as the formats say', () => {
  const positions = [
    {
      id: '1',
      instrument: {
        kind: 'option',
        underlying: 'A',
        type: 'call',
        strike: 105,
        expiryYears: 0.5,
        vol: 0.25,
      } as const,
      quantity: -2.5,
      multiplier: 100,
    },
    {
      id: '2',
      instrument: { kind: 'option', underlying: 'B', type: 'put', strike: 2, expiryYears: 1 } as const,
      quantity: 1,
      multiplier: 1,
    },
    {
      id: '3',
      instrument: { kind: 'forward', underlying: 'A', strike: 101, expiryYears: 0.25 } as const,
      quantity: 7,
      multiplier: 1,
    },
    { id: '4', instrument: { kind: 'spot', underlying: 'A' } as const, quantity: 1e21, multiplier: 1 },
  ];
  expect(positionsCsv({ positions })).toBe(
    [
      'id,underlying,kind,type,strike,t,vol,quantity,multiplier',
      '1,A,option,call,105,0.5,0.25,-2.5,100',
      '2,B,option,put,2,1,,1,1',
      '3,A,forward,,101,0.25,,7,1',
      '4,A,spot,,,,,1e+21,1',
      '',
    ].join('\n'),
  );
  const moves = matrixOf(2, 2, Float64Array.of(0.01, -0.02, 0.03, 0.04));
  expect(scenariosCsv({ labels: ['old', 'new'], factors: market.factors, moves })).toBe(
    'scenario,A:spot_return,B:vol_shift\nold,0.01,-0.02\nnew,0.03,0.04\n',
  );
  expect(JSON.parse(marketJson(market))).toEqual({
    valuation: '2026-11-20',
    underlyings: [
      { name: 'A', spot: 100, r: 0.03, q: 0.01, reference_vol: 0.2 },
      { name: 'B', spot: 2, r: 0, q: 0, reference_vol: 0.3, surface: market.underlyings[1]!.surface },
    ],
    factors: ['A:spot_return', 'B:vol_shift'],
    daily_covariance: [
      [1e-4, 0],
      [0, 1e-6],
    ],
  });
});
