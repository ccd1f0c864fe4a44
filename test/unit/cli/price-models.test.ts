import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { PRICING_MODELS } from '../../../src/pricing/models.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));

/** Vector file of each model, its scale and the tolerance of its prices. */
const FILES: Readonly<Record<string, readonly [file: string, scale: string, tolerance: number]>> = {
  bsm: ['european_black_scholes', 'spot', 1e-13],
  black76: ['black76', 'forward', 1e-13],
  bachelier: ['bachelier', 'strike', 1e-12],
  inverse: ['inverse_options', 'forward', 1e-13],
  margrabe: ['margrabe', 'spot1', 1e-12],
  digital: ['digital', 'spot', 1e-12],
  one_touch: ['one_touch', 'cash', 1e-12],
  barrier: ['barrier', 'spot', 1e-12],
  double_barrier: ['double_barrier', 'spot', 1e-12],
  lookback: ['lookback', 'spot', 1e-12],
  asian: ['asian', 'spot', 1e-12],
  heston: ['heston', 'spot', 1e-12],
  sabr: ['sabr_hagan2002', 'lognormal_vol', 1e-12],
  svi: ['svi_raw', 'total_variance', 1e-12],
  // The file says how well each row can be inverted; its own test uses that.
  implied_vol: ['implied_vol', 'implied_vol', 1e-2],
  // The file has a tolerance a row, of 1e-8 of spot and more; its own test uses it.
  american: ['american_options', 'spot', 1e-5],
};

const PRICES = [
  'price',
  'price_usd',
  'geometric_discrete',
  'arithmetic_turnbull_wakeman',
  'lognormal_vol',
  'total_variance',
  'implied_vol',
];

describe('price --model', () => {
  it('has a vector file for every model', () => {
    expect([...PRICING_MODELS.keys()].sort()).toEqual(Object.keys(FILES).sort());
  });

  it.each(Object.entries(FILES))(
    '%s answers its vector file, row by row',
    (model, [name, scale, tolerance]) => {
      const path = fileURLToPath(new URL(`../../vectors/${name}.csv`, import.meta.url));
      const run = spawnSync(process.execPath, [MAIN, 'price', '--model', model, '--options', path], {
        encoding: 'utf8',
        maxBuffer: 2 ** 26,
      });
      expect(run.status, run.stderr).toBe(0);
      const table = (text: string) => {
        const [header, ...rows] = text
          .trim()
          .split(/\r?\n/)
          .map((line) => line.split(','));
        return {
          rows: rows.length,
          column: (of: string) => rows.map((row) => row[header!.indexOf(of)]!),
          header: header!,
        };
      };
      const expected = table(readFileSync(path, 'utf8'));
      const found = table(run.stdout);
      expect(found.rows).toBe(expected.rows);
      expect(found.column('id')).toEqual(expected.column('id'));
      const compared = PRICES.filter(
        (price) => found.header.includes(price) && expected.header.includes(price),
      );
      expect(compared.length).toBeGreaterThan(0);
      for (const price of compared) {
        const scales = expected.column(scale).map((text) => Math.max(Math.abs(Number(text)), 1e-3));
        const truth = expected.column(price).map(Number);
        found.column(price).forEach((text, i) => {
          expect(Math.abs(Number(text) - truth[i]!), `${price} of row ${i}`).toBeLessThanOrEqual(
            tolerance * scales[i]!,
          );
        });
      }
    },
  );
});
