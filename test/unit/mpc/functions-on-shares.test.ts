import { describe, expect, test } from 'vitest';
import type { Arithmetic } from '../../../src/algebra/arithmetic.ts';
import { record } from '../../../src/algebra/record.ts';
import { seriesFor } from '../../../src/algebra/series/library.ts';
import { planCircuit, runInProcess, type Security } from '../../../src/mpc/index.ts';
import { normalCdf, normalPdf } from '../../../src/numeric/normal.ts';

const POINTS = 60;
type Domain = readonly [low: number, high: number];

/** Points of an interval, its ends included, denser at the lower end. */
function pointsOf([low, high]: Domain): Float64Array {
  return Float64Array.from({ length: POINTS }, (_, i) => {
    const s = i / (POINTS - 1);
    return i === POINTS - 1 ? high : low + (high - low) * s * s;
  });
}

const FUNCTIONS: readonly (readonly [name: string, Domain, (x: number) => number])[] = [
  ['reciprocal', [0.5, 2], (x) => 1 / x],
  ['reciprocal', [1, 400], (x) => 1 / x],
  ['reciprocalSqrt', [0.25, 16], (x) => 1 / Math.sqrt(x)],
  ['sqrt', [0.04, 4], Math.sqrt],
  ['sqrt', [1, 100], Math.sqrt],
  ['exp', [-4, 2], Math.exp],
  ['log', [0.5, 8], Math.log],
  ['normalCdf', [-6, 6], normalCdf],
  ['normalPdf', [-6, 6], normalPdf],
];

async function onShares(
  domain: Domain,
  security: Security,
  f: <V>(alg: Arithmetic<V>, x: V) => V,
): Promise<{ readonly y: Float64Array; readonly promised: number }> {
  const circuit = record((alg, { x }) => ({ y: f(alg, x) }), {
    x: { length: POINTS, bound: Math.max(...domain.map(Math.abs)), range: domain },
  });
  const plan = await planCircuit(circuit, { parties: 3, threshold: 1, security });
  const { outputs } = await runInProcess(plan, { x: pointsOf(domain) });
  return { y: outputs.y, promised: plan.error.y.absolute };
}

function expectWithin(
  { y, promised }: Awaited<ReturnType<typeof onShares>>,
  domain: Domain,
  f: (x: number) => number,
): void {
  const x = pointsOf(domain);
  const worst = y.reduce((most, value, i) => Math.max(most, Math.abs(value - f(x[i]!))), 0);
  expect(worst).toBeLessThanOrEqual(promised);
  // Of use: better than a hundred thousandth of the function's range.
  expect(promised).toBeLessThan(1e-5 * Math.max(...domain.map((v) => Math.abs(f(v)))) + 1e-6);
}

describe('functions of the series library on shares, within the error that is promised', () => {
  test.each(FUNCTIONS)('%s on %j', async (name, domain, f) => {
    const series = seriesFor(name, domain, 1e-8);
    expectWithin(await onShares(domain, 'semiHonest', (alg, x) => alg.poly(series, x)), domain, f);
  });

  test('a quotient, where parties may deviate', async () => {
    const domain: Domain = [0.5, 8];
    const inverse = seriesFor('reciprocal', domain, 1e-8);
    const found = await onShares(domain, 'malicious', (alg, x) =>
      alg.mul(alg.addPlain(x, new Float64Array(POINTS).fill(1)), alg.poly(inverse, x)),
    );
    expectWithin(found, domain, (x) => (x + 1) / x);
  });
});
