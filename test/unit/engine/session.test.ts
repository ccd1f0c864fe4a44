import { describe, expect, it } from 'vitest';
import {
  AbortError,
  PrecisionError,
  RangeError,
  ShapeError,
  UnsupportedError,
} from '../../../src/base/errors.ts';
import type { BookSource, Position } from '../../../src/domain/book.ts';
import { ENGINE_NAMES, FIGURE_NAMES } from '../../../src/domain/report.ts';
import type { ScenarioSet } from '../../../src/domain/scenarios.ts';
import { rehearse } from '../../../src/engine/rehearse.ts';
import { RiskSession, reportInBlocks } from '../../../src/engine/session.ts';
import { matrixOf } from '../../../src/numeric/matrix.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';
import {
  largestDifference,
  otcBook,
  referenceMarket,
  revalued,
  withSurfaces,
} from '../../support/otc-books.ts';

const reference = referenceMarket();
const market = withSurfaces(reference.market);
const rowsOf = ({ labels, factors, moves }: ScenarioSet, from: number, to: number): ScenarioSet => ({
  labels: labels.slice(from, to),
  factors,
  moves: matrixOf(to - from, moves.cols, moves.data.slice(from * moves.cols, to * moves.cols)),
});
const scenarios = rowsOf(reference.scenarios, 0, 60);
const { positions } = otcBook(new SeededRandom(3), market, 5000, { spread: 1, years: [1 / 365, 2.4] });
const book = {
  positions: positions.flatMap((position, i): readonly Position[] =>
    i % 50 > 0
      ? [position]
      : [
          position,
          {
            id: `s${i}`,
            instrument: { kind: 'spot', underlying: position.instrument.underlying },
            quantity: i,
            multiplier: 1,
          },
        ],
  ),
};

/** The same book in blocks. */
function inBlocks(of: readonly Position[], length: number, onBlock?: (from: number) => void): BookSource {
  return {
    async *read() {
      for (let from = 0; from < of.length; from += length) {
        onBlock?.(from);
        yield of.slice(from, from + length);
      }
    },
  };
}

function* scenarioBlocks(length: number): Generator<ScenarioSet> {
  for (let from = 0; from < scenarios.labels.length; from += length) {
    yield rowsOf(scenarios, from, Math.min(scenarios.labels.length, from + length));
  }
}

describe.each(['listed', 'chebyshev', 'factors'] as const)('a book in blocks, basis %s', (basis) => {
  const request = { market, scenarios, basis, precision: 1e-5 };

  it('has the risk of the whole book, to the last bit, however it is cut', async () => {
    const whole = await rehearse('plain', { ...request, book });
    for (const length of [7, 1999]) {
      const report = await rehearse('plain', { ...request, book: inBlocks(book.positions, length) });
      expect(report.pnl).toEqual(whole.pnl);
      expect(report.netGreeks).toEqual(whole.netGreeks);
      expect(report.positions).toBe(book.positions.length);
      expect(report.parameters['basis']).toEqual(whole.parameters['basis']);
    }
  }, 60_000);

  it('and in blocks of scenarios, within rounding', async () => {
    const whole = await rehearse('plain', { ...request, book });
    const { gross } = revalued(book, market, rowsOf(scenarios, 0, 1));
    const seen: number[] = [];
    const progressed: number[] = [];
    const report = await reportInBlocks('plain', {
      ...request,
      book: inBlocks(book.positions, 2000),
      scenarios: scenarioBlocks(25),
      onBlock: ({ first, pnl }) => seen.push(first, pnl!.length),
      onProgress: ({ phase, done }) => phase === 'scenarios' && progressed.push(done),
    });
    expect(progressed).toEqual([25, 50, 60]);
    expect(seen).toEqual([0, 25, 25, 25, 50, 10]);
    expect(report.scenarios).toBe(60);
    expect(largestDifference(report.pnl!, whole.pnl!)).toBeLessThan(1e-12 * gross);
    for (const name of FIGURE_NAMES) {
      const [found, expected] = [report.figures[name], whole.figures[name]];
      expect(Math.abs(found.value - expected.value), name).toBeLessThan(1e-12 * gross);
      // Measured or stated block by block: no larger than over all.
      expect(found.error.absolute).toBeLessThanOrEqual(expected.error.absolute * (1 + 1e-9));
    }
  }, 60_000);
});

it.each(ENGINE_NAMES)(
  '%s: blocks of scenarios are within their errors of brute force',
  async (engine) => {
    const small = {
      positions: positions
        .filter(({ instrument }) => 'expiryYears' in instrument && instrument.expiryYears > 0.1)
        .slice(0, 300),
    };
    const report = await reportInBlocks(engine, {
      market,
      basis: 'chebyshev',
      precision: 1e-5,
      book: inBlocks(small.positions, 64),
      scenarios: scenarioBlocks(30),
    });
    const { pnl, gross } = revalued(small, market, scenarios);
    const off = largestDifference(report.pnl!, pnl);
    expect(off).toBeLessThanOrEqual(report.figures.worst.error.absolute + 1e-12 * gross);
    expect(off).toBeLessThan(1e-5 * gross);
    const events = report.audit.entries;
    expect(events).toBeGreaterThan(engine === 'ckks' ? 10 : 2);
  },
  60_000,
);

describe('a session', () => {
  const request = { market, scenarios, basis: 'factors', precision: 1e-4 } as const;

  it('names the row that cannot be projected, whichever block it is in', async () => {
    const bad = positions.with(4321, {
      ...positions[4321]!,
      instrument: { ...positions[4321]!.instrument, strike: -1 } as Position['instrument'],
    });
    const run = rehearse('plain', { ...request, basis: 'chebyshev', book: inBlocks(bad, 1000) });
    await expect(run).rejects.toThrow(RangeError);
    await expect(run).rejects.toThrow(/^position 4322 of the book: expected a positive strike/);
    const stranger = positions.with(4321, {
      ...positions[4321]!,
      instrument: { kind: 'spot', underlying: 'NOWHERE' },
    });
    for (const basis of ['listed', 'chebyshev', 'factors'] as const) {
      const found = rehearse('plain', { ...request, basis, book: inBlocks(stranger, 1000) });
      await expect(found).rejects.toThrow(/NOWHERE|o4321/);
    }
  }, 60_000);

  it('stops in the middle of a book, and of the scenarios', async () => {
    const stop = new AbortController();
    const source = inBlocks(positions, 100, (from) => from === 2000 && stop.abort());
    const reading = rehearse('plain', { ...request, book: source, signal: stop.signal });
    await expect(reading).rejects.toThrow(AbortError);
    const second = new AbortController();
    const evaluating = reportInBlocks('plain', {
      ...request,
      book,
      scenarios: scenarioBlocks(20),
      signal: second.signal,
      onBlock: ({ first }) => first === 20 && second.abort(),
    });
    await expect(evaluating).rejects.toThrow(AbortError);
  }, 60_000);

  it('tries a block again that failed, and refuses scenarios that its basis is too coarse for', async () => {
    const options = { market, scenarios, basis: 'chebyshev', precision: 1e-6, book } as const;
    using session = await RiskSession.open('plain', options);
    await session.evaluate(scenarios);
    const wild = {
      ...scenarios,
      moves: { ...scenarios.moves, data: scenarios.moves.data.map((x) => Math.max(-0.7, 9 * x)) },
    };
    await expect(session.evaluate(wild)).rejects.toThrow(PrecisionError);
    expect(session.scenarios).toBe(60);
    expect((await session.report()).scenarios).toBe(60);
  }, 60_000);

  it('refuses what has no meaning', async () => {
    let readings = 0;
    const shrinking: BookSource = {
      async *read() {
        yield positions.slice(readings++);
      },
    };
    const other = rehearse('plain', { ...request, basis: 'chebyshev', book: shrinking });
    await expect(other).rejects.toThrow(/every reading has to give the same/);
    const none = rehearse('plain', { ...request, book: inBlocks([], 10) });
    await expect(none).rejects.toThrow(ShapeError);
    await expect(reportInBlocks('plain', { ...request, book, scenarios: [] })).rejects.toThrow(ShapeError);
    using empty = await RiskSession.open('plain', { ...request, book });
    await expect(empty.report()).rejects.toThrow(ShapeError);
    const figures = reportInBlocks('mpc', {
      ...request,
      book,
      open: 'figures',
      scenarios: scenarioBlocks(40),
    });
    await expect(figures).rejects.toThrow(UnsupportedError);
  }, 60_000);
});
