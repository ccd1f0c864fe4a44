import { describe, expect, it } from 'vitest';
import { parseMarket } from '../../../src/domain/parse/market.ts';
import { expectParseError } from './expect-parse-error.ts';

const underlying = '{"name": "A", "spot": 100, "r": 0.03, "q": 0.01, "reference_vol": 0.2}';
const text = `{
  "valuation": "2026-11-20T00:00:00Z",
  "underlyings": [
    ${underlying},
    {"name": "B", "spot": 2.5, "r": -0.01, "q": 0, "reference_vol": 0, "multiplier": 10}
  ],
  "factors": ["A:spot_return", "A:vol_shift"],
  "daily_covariance": [
    [1e-4, -2e-5],
    [-2e-5, 9e-6]
  ]
}
`;
const parse = (source: string) => parseMarket(source, 'm.json');
const edited = (from: string, to: string) => {
  expect(text).toContain(from);
  return text.replace(from, to);
};
const withSurface = (surface: string) =>
  edited('"reference_vol": 0.2', `"reference_vol": 0.2,\n "surface": ${surface}`);

describe('parseMarket', () => {
  it('reads underlyings, factors and covariance', () => {
    const { market, warnings } = parse(text);
    expect(warnings).toEqual([]);
    expect(market).toEqual({
      valuation: '2026-11-20T00:00:00Z',
      underlyings: [
        { name: 'A', spot: 100, rate: 0.03, dividendYield: 0.01, referenceVol: 0.2 },
        { name: 'B', spot: 2.5, rate: -0.01, dividendYield: 0, referenceVol: 0 },
      ],
      factors: [
        { name: 'A:spot_return', underlying: 'A', kind: 'spot_return' },
        { name: 'A:vol_shift', underlying: 'A', kind: 'vol_shift' },
      ],
      dailyCovariance: { rows: 2, cols: 2, data: Float64Array.of(1e-4, -2e-5, -2e-5, 9e-6) },
    });
    expect(parse(`\ufeff${text}`).market).toEqual(market);
  });

  it('accepts a market without factors and covariance', () => {
    const { market } = parse(`{"valuation": "now", "underlyings": [${underlying}]}`);
    expect(market.factors).toEqual([]);
    expect(market.dailyCovariance).toEqual({ rows: 0, cols: 0, data: new Float64Array(0) });
  });

  it('reads both kinds of surface', () => {
    const svi = { model: 'svi', slices: [{ t: 0.5, a: -0.01, b: 0, rho: -0.9, m: 0, sigma: 0.1 }] };
    const grid = {
      model: 'grid',
      t: [0.5, 1],
      k: [-0.1, 0],
      vol: [
        [0.2, 0.21],
        [0.22, 0.23],
      ],
    };
    for (const surface of [svi, grid]) {
      expect(parse(withSurface(JSON.stringify(surface))).market.underlyings[0]!.surface).toEqual(surface);
    }
  });

  it('warns about unknown keys, each once', () => {
    const source = text
      .replace('"spot": 100', '"spot": 100, "ccy": "USD"')
      .replace('"spot": 2.5', '"spot": 2.5, "ccy": "EUR"')
      .replace('"valuation"', '"note": 1, "valuation"');
    expect(parse(source).warnings).toEqual([
      'm.json: ignored unknown key "note"',
      'm.json: ignored unknown key "ccy" of underlyings[0] (2 times in all)',
    ]);
    const surface = '{"model": "grid", "t": [1], "k": [0], "vol": [[0.2]], "slices": []}';
    expect(parse(withSurface(surface)).warnings).toEqual([
      'm.json: ignored unknown key "slices" of underlyings[0].surface',
    ]);
  });

  it.each([
    ['no text', '', '1:1', ['a JSON object', 'an empty file']],
    ['a trailing comma', edited('9e-6]\n', '9e-6],\n'), '11:3', ['valid JSON']],
    ['a comment', edited('"factors"', '// x\n"factors"'), '7:3', ['valid JSON (InvalidCommentToken)']],
    ['an end too early', text.slice(0, text.indexOf(']')), '6:3', ['valid JSON']],
    ['NaN', edited('"q": 0,', '"q": NaN,'), '5:49', ['valid JSON', '"NaN"']],
    ['an array', '[]', '1:1', ['an object', 'found []']],
    ['a repeated key', edited('"q": 0.01', '"q": 0.01,\n "r": 1'), '5:2 r', ['each key once', 'line 4 too']],
  ])('refuses %s', (_, source, location, words) => {
    expectParseError(() => parse(source), location, ...words);
  });

  it.each([
    ['"2026-11-20T00:00:00Z"', '""', '2:16 valuation', ['a valuation time', 'found ""']],
    ['"name": "A"', '"name": ""', '4:14 underlyings[0].name', ['a non-empty name']],
    ['"name": "B"', '"name": "A"', '5:14 underlyings[1].name', ['no other underlying has', '"A" again']],
    ['"spot": 100', '"spot": 0', '4:27 underlyings[0].spot', ['a number > 0', 'found 0']],
    ['"spot": 100', '"spot": "100"', '4:27 underlyings[0].spot', ['a number > 0', 'found "100"']],
    ['"spot": 100, ', '', '4:5 underlyings[0].spot', ['a number > 0', 'found nothing']],
    ['"r": 0.03', '"r": null', '4:37 underlyings[0].r', ['a finite number', 'found null']],
    ['"q": 0.01', '"q": 1e999', '4:48 underlyings[0].q', ['a finite number', 'found Infinity']],
    ['"reference_vol": 0,', '"reference_vol": -1,', '5:69 underlyings[1].reference_vol', ['a number >= 0']],
    ['"multiplier": 10', '"multiplier": 0', '5:86 underlyings[1].multiplier', ['a number > 0']],
    ['"A:vol_shift"', '"A:vol"', '7:32 factors[1]', ['NAME:spot_return or NAME:vol_shift', '"A:vol"']],
    ['"A:vol_shift"', '"vol_shift"', '7:32 factors[1]', ['NAME:spot_return or NAME:vol_shift']],
    ['"A:vol_shift"', '"C:vol_shift"', '7:32 factors[1]', ['known underlying ("A", "B")']],
    ['"A:vol_shift"', '"A:spot_return"', '7:32 factors[1]', ['each factor once', 'again']],
    ['"A:vol_shift"', '7', '7:32 factors[1]', ['NAME:spot_return', 'found 7']],
    ['1e-4, -2e-5', '1e-4', '9:5 daily_covariance[0]', ['2 covariances, one a factor', 'found 1']],
    [',\n    [-2e-5, 9e-6]', '', '8:23 daily_covariance', ['2 rows, one a factor', 'found 1']],
    ['[-2e-5, 9e-6]', '[-2e-5, "x"]', '10:13 daily_covariance[1][1]', ['a finite number', 'found "x"']],
    ['9e-6', '-9e-6', '10:13 daily_covariance[1][1]', ['a variance >= 0', 'found -0.000009']],
    [
      '[-2e-5,',
      '[-2.001e-5,',
      '10:6 daily_covariance[1][0]',
      ['symmetric', '-0.00002, as in row 1, column 2'],
    ],
  ])('refuses %s -> %s', (from, to, location, words) => {
    expectParseError(() => parse(edited(from, to)), location, ...words);
  });

  it('refuses missing and empty lists', () => {
    expectParseError(() => parse('{\n"valuation": "x"}'), '1:1 underlyings', 'an array', 'nothing');
    expectParseError(
      () => parse('{"valuation": "x", "underlyings": []}'),
      '1:35 underlyings',
      'at least one',
    );
    expectParseError(
      () => parse(edited('"daily_covariance"', '"cov"')),
      '1:1 daily_covariance',
      '2 rows',
      'nothing',
    );
    expectParseError(() => parse(edited('"factors"', '"f"')), '8:23 daily_covariance', '0 rows', 'found 2');
  });

  it('allows the rounding of each of two mirrored covariances', () => {
    expect(() => parse(edited('[-2e-5,', '[-2.00000000001e-5,'))).not.toThrow();
  });

  const slice = '{"t": 1, "a": 0.04, "b": 0.1, "rho": 0, "m": 0, "sigma": 0.1}';
  it.each([
    ['{"model": "sabr"}', '5:23 underlyings[0].surface.model', ['svi or grid', 'found "sabr"']],
    ['{}', '5:13 underlyings[0].surface.model', ['svi or grid', 'nothing']],
    ['7', '5:13 underlyings[0].surface', ['an object']],
    ['{"model": "svi", "slices": []}', '5:40 underlyings[0].surface.slices', ['at least one slice']],
    [
      `{"model": "svi", "slices": [${slice},\n${slice}]}`,
      '6:7 underlyings[0].surface.slices[1].t',
      ['a number > 1 (strictly increasing)'],
    ],
    [
      `{"model": "svi", "slices": [${slice.replace('"t": 1', '"t": 0')}]}`,
      '5:47 underlyings[0].surface.slices[0].t',
      ['a number > 0'],
    ],
    [
      `{"model": "svi", "slices": [${slice.replace('0.1, "rho"', '-1, "rho"')}]}`,
      '5:66 underlyings[0].surface.slices[0].b',
      ['a number >= 0'],
    ],
    [
      `{"model": "svi", "slices": [${slice.replace('"rho": 0', '"rho": -1')}]}`,
      '5:78 underlyings[0].surface.slices[0].rho',
      ['between -1 and 1'],
    ],
    [
      `{"model": "svi", "slices": [${slice.replace('"sigma": 0.1', '"sigma": 0')}]}`,
      '5:98 underlyings[0].surface.slices[0].sigma',
      ['a number > 0'],
    ],
    [
      '{"model": "grid", "t": [], "k": [0], "vol": []}',
      '5:36 underlyings[0].surface.t',
      ['an array of expiries'],
    ],
    [
      '{"model": "grid", "t": [1, 1], "k": [0], "vol": []}',
      '5:40 underlyings[0].surface.t[1]',
      ['strictly increasing'],
    ],
    [
      '{"model": "grid", "t": [1], "k": [0, -1], "vol": []}',
      '5:50 underlyings[0].surface.k[1]',
      ['a number > 0'],
    ],
    [
      '{"model": "grid", "t": [1], "k": [0], "vol": []}',
      '5:58 underlyings[0].surface.vol',
      ['1 rows, one an expiry', 'found 0'],
    ],
    [
      '{"model": "grid", "t": [1], "k": [0], "vol": [[0.2, 0.3]]}',
      '5:59 underlyings[0].surface.vol[0]',
      ['1 vols', 'found 2'],
    ],
    [
      '{"model": "grid", "t": [1], "k": [0], "vol": [[0]]}',
      '5:60 underlyings[0].surface.vol[0][0]',
      ['a number > 0'],
    ],
  ])('refuses the surface %s', (surface, location, words) => {
    expectParseError(() => parse(withSurface(surface)), location, ...words);
  });
});
