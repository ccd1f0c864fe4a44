import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { BlackScholesKernel } from '../../../src/kernels/black-scholes.ts';
import { base64, sha256 } from '../../../src/kernels/black-scholes.wasm.ts';
import { blackScholesModule } from '../../../src/kernels/black-scholes-memory.ts';
import { EXP2_FRACTIONS, LOG_CENTRES } from '../../../src/numeric/exp-log-tables.ts';
import { SIGNED_MILLS } from '../../../src/numeric/mills-table.ts';

const tables = { exp2Fractions: EXP2_FRACTIONS, logCentres: LOG_CENTRES, signedMills: SIGNED_MILLS };
const kernelFor = (capacity: number): BlackScholesKernel =>
  new BlackScholesKernel(blackScholesModule()!, tables, capacity);

/** Sign, spot, strike, years, rate, yield, vol. */
const OPTION = [1, 100, 105, 0.5, 0.03, 0.01, 0.2];
const fill = (kernel: BlackScholesKernel): void =>
  kernel.inputs.forEach((column, c) => {
    column.fill(OPTION[c]!);
  });

describe('the Black-Scholes kernel', () => {
  test('leaves columns apart, whatever the capacity', () => {
    for (const capacity of [0, 1, 2, 255, 256, 257, 511, 512, 513, 4096]) {
      const kernel = kernelFor(capacity);
      fill(kernel);
      expect(kernel.greeks(capacity)).toBe(true);
      kernel.inputs.forEach((column, c) => {
        expect(column.every((value) => value === OPTION[c])).toBe(true);
      });
      for (const column of kernel.results) expect(new Set(column).size).toBe(Math.min(capacity, 1));
    }
  });

  test('has instances that know nothing of each other', () => {
    const [a, b] = [kernelFor(3), kernelFor(3)];
    fill(a);
    fill(b);
    b.inputs[1]!.fill(200);
    a.prices(3);
    const before = [...a.results[0]!];
    b.prices(3);
    expect([...a.results[0]!]).toEqual(before);
    expect(b.results[0]![0]).toBeGreaterThan(before[0]!);
  });

  test('asks for a look at every option near a bound, wherever it stands', () => {
    const kernel = kernelFor(517);
    const near: readonly [column: number, value: number][] = [
      [0, 0],
      [0, Number.NaN],
      [0, 1 + 2 ** -52],
      [1, 1e-41],
      [1, -5],
      [1, Number.NaN],
      [1, 2e100],
      [2, 0],
      [2, Number.NaN],
      [2, Number.POSITIVE_INFINITY],
      [3, 0],
      [3, -1],
      [3, Number.NaN],
      [3, Number.POSITIVE_INFINITY],
      [4, 601],
      [4, Number.NaN],
      [4, Number.NEGATIVE_INFINITY],
      [5, -601],
      [5, Number.NaN],
      [6, 0],
      [6, -0.2],
      [6, Number.NaN],
      [6, 2e100],
    ];
    for (const [column, value] of near) {
      for (const [count, index] of [
        [517, 516],
        [517, 300],
        [516, 515],
        [1, 0],
        [2, 0],
      ] as const) {
        fill(kernel);
        kernel.inputs[column]![index] = value;
        expect(kernel.greeks(count), `column ${column}, ${value} at ${index} of ${count}`).toBe(false);
        expect(kernel.prices(count)).toBe(false);
      }
    }
  });

  test('does not look at what follows the last option, odd or even', () => {
    const kernel = kernelFor(8);
    fill(kernel);
    kernel.greeks(8);
    const expected = kernel.results.map((column) => column[0]);
    for (const junk of [Number.NaN, Number.POSITIVE_INFINITY, 0, -1e300]) {
      for (const count of [0, 1, 2, 3, 7]) {
        fill(kernel);
        for (const column of kernel.inputs) column.fill(junk, count);
        expect(kernel.greeks(count)).toBe(true);
        kernel.results.forEach((column, c) => {
          for (let i = 0; i < count; i++) expect(column[i]).toBe(expected[c]);
        });
      }
    }
  });

  test.each([-1, 0.5, Number.NaN, 2 ** 26])('refuses a capacity of %s', (capacity) => {
    expect(() => kernelFor(capacity)).toThrowError(expect.objectContaining({ code: 'range' }));
  });

  test('is the committed module', () => {
    const bytes = Buffer.from(base64, 'base64');
    const manifest = JSON.parse(readFileSync('wasm/manifest.json', 'utf8'));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    expect(manifest['black-scholes.wasm']).toMatchObject({ sha256, bytes: bytes.length });
    expect(readFileSync('wasm/black-scholes.wasm').equals(bytes)).toBe(true);
  });
});

describe('without WebAssembly', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  const refusing = {
    Module: class {
      constructor() {
        throw new Error('refused by the policy of the page');
      }
    },
  };
  test.each([
    ['none', undefined],
    ['one that may not compile', refusing],
  ])('%s: everything is priced in JavaScript, with the same bits', async (_, api) => {
    const options = (count: number) => {
      const column = (of: (i: number) => number) => Float64Array.from({ length: count }, (_, i) => of(i));
      return {
        sign: column((i) => (i % 2 === 0 ? 1 : -1)),
        spot: column(() => 100),
        strike: column((i) => 50 + i),
        expiryYears: column((i) => (i % 10) / 4),
        rate: column(() => 0.04),
        dividendYield: column(() => 0.01),
        vol: column((i) => 0.1 + i / 500),
      };
    };
    const inputs = options(151);
    const { blackScholesGreeks } = await import('../../../src/pricing/black-scholes.ts');
    const expected = blackScholesGreeks(inputs);

    vi.resetModules();
    vi.stubGlobal('WebAssembly', api);
    const { sharedKernel } = await import('../../../src/pricing/black-scholes-kernel.ts');
    expect(sharedKernel()).toBeUndefined();
    const pricing = await import('../../../src/pricing/black-scholes.ts');
    expect(pricing.blackScholesGreeks(inputs)).toEqual(expected);
    expect(pricing.blackScholesPrices(inputs)).toEqual(expected.price);

    const { BlackScholesBatch } = await import('../../../src/pricing/black-scholes-batch.ts');
    const batch = new BlackScholesBatch(151);
    for (const [name, column] of Object.entries(inputs)) batch.inputs[name as 'vol'].set(column);
    expect(batch.computeGreeks()).toEqual(expected);
    expect(batch.computePrices(70).subarray(0, 70)).toEqual(expected.price.subarray(0, 70));
  });
});
