import { record } from '../../src/algebra/record.ts';
import { ckksEvaluator } from '../../src/ckks/evaluator.ts';
import { CkksKeyHolder } from '../../src/ckks/key-holder.ts';
import { planCkks } from '../../src/ckks/plan.ts';
import type { Market } from '../../src/domain/market.ts';
import type { ScenarioSet } from '../../src/domain/scenarios.ts';
import { matrixOf, matVec } from '../../src/numeric/matrix.ts';
import { sortedLosses, valueAtRisk } from '../../src/numeric/quantile.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { scenarioPnlSync } from '../../src/pricing/revalue.ts';
import { unitValues } from '../../src/pricing/unit-value.ts';
import { chebyshevBasis } from '../../src/risk/bases/chebyshev/basis.ts';
import { positionAt } from '../../src/risk/bases/chebyshev/book.ts';
import { allocateColumns, type OptionColumns } from '../../src/risk/bases/chebyshev/columns.ts';
import { ChebyshevProjector } from '../../src/risk/bases/chebyshev/project.ts';
import { DEFAULT_CHEBYSHEV } from '../../src/risk/bases/chebyshev/settings.ts';
import { unitRiskOf } from '../../src/risk/unit-risk.ts';
import { normaliseBook, normaliseUnits } from '../../src/risk/valuation.ts';
import { largestDifference, referenceMarket, withSurfaces } from '../../test/support/otc-books.ts';
import { median } from '../harness/interleave.ts';
import { onThisMachine } from '../harness/machine.ts';
import type { BenchRow, BenchSuite } from '../harness/row.ts';

const OPTIONS = 1_000_000;
const ROUNDS = 5;
/** Options that brute force holds in memory at a time, and scenarios of it that are timed. */
const BLOCK = 20_000;
const TIMED_SCENARIOS = 10;
/** Of encryption, planned for; and most of everything together, of the P&L and of VaR99. */
const PRECISION = 1e-7;
const MOST_ERROR = 2e-7;
const MOST_VAR_ERROR = 2e-6;

/**
 * A million OTC options on twelve underlyings in 500 scenarios: projected, encrypted, evaluated, opened; the same projection in the clear
 * beside it; and brute force, which checks every scenario once and is timed on a few of them, scaled.
 */
export const suite: BenchSuite = { name: 'chebyshev', run };

async function run(report: (row: BenchRow) => void): Promise<void> {
  const reference = referenceMarket();
  const market = withSurfaces(reference.market);
  const { scenarios } = reference;
  const columns = otcColumns(market);
  const truth = bruteForce(columns, market, scenarios);
  const settings = { ...DEFAULT_CHEBYSHEV, wing: undefined };

  const times: Record<string, number[]> = {};
  const time = async <T>(phase: string, work: () => T | Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await work();
    times[phase] = [...(times[phase] ?? []), performance.now() - start];
    return result;
  };
  let clear = 0;
  let encrypted = 0;
  let var99 = 0;
  let bytesUp = 0;
  let bytesDown = 0;
  let coordinates = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const basis = await time('basis', () => chebyshevBasis(market, settings));
    coordinates = basis.coordinates;
    const unit = await time('node prices', () => unitRiskOf(basis, market, scenarios));
    const x = await time('projection', () => {
      const projector = new ChebyshevProjector(basis, market);
      projector.addColumns(columns);
      return projector.finish();
    });
    const plainPnl = await time('plain V x', () => matVec(unit.pnl, x));
    clear = largestDifference(plainPnl, truth.pnl) / truth.gross;
    const { valuation, book } = await time('normalise', () => {
      const normalised = normaliseUnits(basis, market, scenarios, unit);
      return { valuation: normalised, book: normaliseBook(x, normalised.columnScale) };
    });
    const plan = await time('plan', () => {
      const circuit = record((alg, { z }) => ({ pnl: alg.matVecPlain(valuation.pnl, z) }), {
        z: { length: x.length, bound: 1, l1: 1 },
      });
      return planCkks(circuit, { packing: 'coefficients', precision: (PRECISION * truth.gross) / book.l1 });
    });
    using keyHolder = await CkksKeyHolder.create(plan.parameters);
    const evaluator = await time('encode V', () => ckksEvaluator(plan, { workers: 1 }));
    const ciphertexts = await time('encrypt', () => keyHolder.encrypt(plan, { z: book.z }));
    const answer = await time('evaluate', () => evaluator.evaluate(ciphertexts));
    const opened = await time('decrypt', () => keyHolder.decryptRaw(plan, answer.ciphertexts));
    evaluator[Symbol.dispose]();
    const pnl = opened.map((value) => value * book.l1);
    encrypted = largestDifference(pnl, truth.pnl) / truth.gross;
    const [found, expected] = [pnl, truth.pnl].map((of) => valueAtRisk(sortedLosses(of), 0.99)) as [
      number,
      number,
    ];
    var99 = Math.abs(found / expected - 1);
    bytesUp = plan.cost.bytesUp;
    bytesDown = plan.cost.bytesDown;
    if (!(clear <= MOST_ERROR && encrypted <= MOST_ERROR && var99 <= MOST_VAR_ERROR))
      throw new Error(`off by ${clear} in the clear, ${encrypted} encrypted, VaR99 by ${var99}: not timed`);
  }

  // The first round compiles: it is not counted.
  const of = (phase: string): readonly number[] => times[phase]!.slice(1);
  const emit = (name: string, samples: readonly number[], more: Partial<BenchRow> = {}): void =>
    report(
      onThisMachine({
        suite: suite.name,
        case: '1M options x 500 scenarios',
        metric: name,
        unit: 'ms',
        value: median(samples),
        n: samples.length,
        min: Math.min(...samples),
        max: Math.max(...samples),
        ...more,
      }),
    );
  const sum = (...phases: string[]): number[] =>
    of(phases[0]!).map((_, round) => phases.reduce((total, phase) => total + of(phase)[round]!, 0));
  const clearPhases = ['basis', 'node prices', 'projection', 'plain V x'];
  const protectedPhases = ['normalise', 'plan', 'encode V', 'encrypt', 'evaluate', 'decrypt'];
  const firstRun = ['basis', 'node prices', 'projection', ...protectedPhases];
  for (const phase of [...clearPhases, ...protectedPhases]) emit(phase, of(phase));
  emit('encrypted, first run', sum(...firstRun), {
    error: encrypted,
    baseline: `brute force (${TIMED_SCENARIOS} scenarios timed, scaled to 500)`,
    ratio: truth.ms / median(sum(...firstRun)),
    parameters: { coordinates, bytesUp, bytesDown, errorOfProjection: clear, relativeErrorOfVar99: var99 },
  });
  emit('encrypted, unchanged book', sum('encrypt', 'evaluate', 'decrypt'));
  emit('the same projection in the clear', sum(...clearPhases), {
    error: clear,
    baseline: 'encrypted, first run',
    ratio: median(sum(...firstRun)) / median(sum(...clearPhases)),
  });
  emit('brute force, scaled', [truth.ms]);
}

function otcColumns(market: Market): OptionColumns {
  const random = new SeededRandom(11);
  const columns = allocateColumns(OPTIONS);
  columns.vol.fill(Number.NaN);
  for (let i = 0; i < OPTIONS; i++) {
    const u = i % market.underlyings.length;
    const { spot, rate, dividendYield, referenceVol } = market.underlyings[u]!;
    const t = (4 / 365) * (2.4 / (4 / 365)) ** random.uniform();
    const y = Math.max(-5.5, Math.min(5.5, random.normal()));
    columns.underlying[i] = u;
    columns.sign[i] = random.uniform() < 0.5 ? -1 : 1;
    columns.strike[i] = spot * Math.exp((rate - dividendYield) * t + y * referenceVol * Math.sqrt(t));
    columns.expiryYears[i] = t;
    columns.units[i] = (5e5 / spot) * random.normal();
  }
  return columns;
}

type Truth = { readonly pnl: Float64Array; readonly gross: number; readonly ms: number };

/** Every option in every scenario, block after block; timed on the first scenarios of every block. */
function bruteForce(columns: OptionColumns, market: Market, scenarios: ScenarioSet): Truth {
  const { rows, cols, data } = scenarios.moves;
  const pnl = new Float64Array(rows);
  let gross = 0;
  let ms = 0;
  for (let from = 0; from < OPTIONS; from += BLOCK) {
    const positions = Array.from({ length: BLOCK }, (_, i) => positionAt(columns, from + i, market));
    const instruments = positions.map(({ instrument }) => instrument);
    const units = columns.units.subarray(from, from + BLOCK);
    const few = {
      ...scenarios,
      moves: matrixOf(TIMED_SCENARIOS, cols, data.slice(0, TIMED_SCENARIOS * cols)),
    };
    const start = performance.now();
    matVec(scenarioPnlSync(instruments, market, few), units);
    ms += ((performance.now() - start) * rows) / TIMED_SCENARIOS;
    const chunk = matVec(scenarioPnlSync(instruments, market, scenarios), units);
    for (let s = 0; s < rows; s++) pnl[s]! += chunk[s]!;
    const values = unitValues(instruments, market);
    gross += units.reduce((sum, count, i) => sum + Math.abs(count * values[i]!), 0);
  }
  return { pnl, gross, ms };
}
