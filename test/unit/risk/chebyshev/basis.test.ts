import { describe, expect, it } from 'vitest';
import { RangeError } from '../../../../src/base/errors.ts';
import type { Instrument } from '../../../../src/domain/instrument.ts';
import { matVec } from '../../../../src/numeric/matrix.ts';
import { chebyshevBasis, panelCoordinates } from '../../../../src/risk/bases/chebyshev/basis.ts';
import { ChebyshevProjector } from '../../../../src/risk/bases/chebyshev/project.ts';
import { type ChebyshevSettings, DEFAULT_CHEBYSHEV } from '../../../../src/risk/bases/chebyshev/settings.ts';
import { unitRiskOf } from '../../../../src/risk/unit-risk.ts';
import { largestDifference, revalued } from '../../../support/otc-books.ts';
import { bookOf, forward, market, option, scenariosOf, spot } from '../../../support/small-market.ts';

const settings: ChebyshevSettings = {
  ...DEFAULT_CHEBYSHEV,
  nodes: { moneyness: 6, expiry: 5, mark: 3 },
  marks: [0.5, 2],
  wing: { logMoneyness: 3, expiryYears: 0.25, nodes: { moneyness: 4, expiry: 3, mark: 2 } },
};
const basis = chebyshevBasis(market, settings);
const scenarios = scenariosOf([0.01, 0.01, -0.02, 0.02], [-0.05, 0.1, 0.03, -0.01], [0, 0, 0, 0]);
const project = (
  of: typeof basis,
  ...held: readonly (readonly [quantity: number, instrument: Instrument])[]
): Float64Array => {
  const projector = new ChebyshevProjector(of, market);
  projector.addPositions(bookOf(...held).positions);
  return projector.finish();
};

describe('a chebyshev basis', () => {
  it('is a portfolio of options, of a future an underlying, and of what is listed; then theta and cash', () => {
    const listed = option('A', 'call', 1000);
    const of = chebyshevBasis(market, settings, { listed: [listed] });
    // Two core panels and two wings an underlying.
    expect(panelCoordinates(of)).toBe(2 * (2 * 6 * 5 * 3 + 2 * 4 * 3 * 2));
    expect(of.contracts.length).toBe(panelCoordinates(of) + 2 + 1);
    expect(of.contracts[of.firstListed]).toEqual(listed);
    expect(of.coordinates).toBe(of.contracts.length + 3);
  });

  it('has nodes inside its domain, out of the money', () => {
    for (const node of basis.contracts.slice(0, panelCoordinates(basis))) {
      if (node.kind !== 'option') throw new Error('expected options');
      const {
        spot: S,
        rate,
        dividendYield,
      } = market.underlyings.find(({ name }) => name === node.underlying)!;
      const k = Math.log(node.strike / S) - (rate - dividendYield) * node.expiryYears;
      expect(Math.sign(k)).toBe(node.type === 'put' ? -1 : 1);
      expect(node.expiryYears).toBeGreaterThan(3 / 365);
      expect(node.expiryYears).toBeLessThan(2.5);
    }
  });

  it('is its own book: a node is projected on itself alone', () => {
    const nodes = [0, 7, 100, panelCoordinates(basis) - 1].map((j) => [j, basis.contracts[j]!] as const);
    for (const [j, node] of nodes) {
      const x = project(basis, [0.1, node]);
      const alone = new Float64Array(basis.coordinates);
      alone[j] = 1;
      expect(largestDifference(x, alone)).toBeLessThan(1e-12);
    }
  });

  it('has weights that sum to one an option: constants are projected exactly', () => {
    const x = project(basis, [0.3, option('A', 'call', 123.4, 0.7)]);
    const sum = x.subarray(0, panelCoordinates(basis)).reduce((a, b) => a + b, 0);
    expect(Math.abs(sum - 3)).toBeLessThan(1e-12);
  });

  it('has a digest of settings, market and what is listed', () => {
    const [first, ...others] = market.underlyings;
    const moved = { ...market, underlyings: [{ ...first!, spot: 50.00000000000001 }, ...others] };
    const listed = [option('A', 'call', 1000)];
    const digests = [
      basis,
      chebyshevBasis(market, { ...settings, deviations: 6.5 }),
      chebyshevBasis(market, { ...settings, nodes: { moneyness: 6, expiry: 6, mark: 3 } }),
      chebyshevBasis(market, {
        ...settings,
        referenceVols: { A: { kind: 'smile', moneyness: 'spot', offset: 0, coefficients: [1, 0.01, 0] } },
      }),
      chebyshevBasis(moved, settings),
      chebyshevBasis(market, settings, { listed }),
      chebyshevBasis(market, settings, { pricer: { ...basis.pricer, identity: 'another' } }),
    ].map(({ digest }) => digest);
    expect(new Set(digests).size).toBe(digests.length);
    expect(chebyshevBasis(market, settings).digest).toBe(basis.digest);
  });

  it.each<[string, Partial<ChebyshevSettings>]>([
    ['no nodes', { nodes: { moneyness: 0, expiry: 5, mark: 1 } }],
    ['half a node', { nodes: { moneyness: 2.5, expiry: 5, mark: 1 } }],
    ['expiries upside down', { expiryYears: [2, 1] }],
    ['an expiry of zero', { expiryYears: [0, 1] }],
    ['several marks in one', { marks: [1, 1] }],
    ['no reach', { deviations: 0 }],
    ['a wing without reach', { wing: { ...settings.wing!, logMoneyness: 0 } }],
    ['a surface that the market lacks', { referenceVols: { A: { kind: 'surface' } } }],
  ])('refuses %s', (_, change) => {
    expect(() => chebyshevBasis(market, { ...settings, ...change })).toThrow(RangeError);
  });
});

describe('what is linear in the spot', () => {
  const linear: Instrument[] = [
    spot('B'),
    forward('B', 52),
    forward('A', 90, 0.001),
    { kind: 'future', underlying: 'B', strike: 49, expiryYears: 0.5 },
    { kind: 'future', underlying: 'B', strike: 49, expiryYears: 0.5, settlement: 'inverse' },
    { kind: 'perpetual', underlying: 'A', strike: 101 },
    { kind: 'perpetual', underlying: 'A', strike: 101, settlement: 'inverse' },
  ];

  it.each(linear)('is projected exactly: $kind', async (instrument) => {
    const unit = await unitRiskOf(basis, market, scenarios);
    const x = project(basis, [0.7, instrument]);
    const { pnl } = revalued(bookOf([0.7, instrument]), market, scenarios);
    expect(largestDifference(matVec(unit.pnl, x), pnl)).toBeLessThan(1e-12);
    const truth = basis.pricer.sensitivities([instrument], market);
    for (const name of ['value', 'delta', 'gamma', 'vega', 'theta'] as const) {
      const found = x.reduce((sum, weight, j) => sum + weight * unit.sensitivities[name][j]!, 0);
      expect(Math.abs(found - 7 * truth[name][0]!), name).toBeLessThan(1e-11);
    }
  });

  it('parity: a call less a put is a forward, deep in the money too, theta included', async () => {
    const unit = await unitRiskOf(basis, market, scenarios);
    for (const strike of [20, 52, 120]) {
      const x = project(
        basis,
        [1, option('B', 'call', strike)],
        [-1, option('B', 'put', strike)],
        [-1, forward('B', strike)],
      );
      expect(largestDifference(matVec(unit.pnl, x), [0, 0, 0]), `${strike}`).toBeLessThan(1e-11);
      for (const name of ['value', 'delta', 'theta'] as const) {
        const net = x.reduce((sum, weight, j) => sum + weight * unit.sensitivities[name][j]!, 0);
        expect(Math.abs(net), `${name} at ${strike}`).toBeLessThan(1e-11);
      }
    }
  });
});
