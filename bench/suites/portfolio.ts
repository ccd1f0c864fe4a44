import { historicalRisk } from '../../src/pricing/portfolio/historical.ts';
import { portfolioGreeks } from '../../src/pricing/portfolio/net-greeks.ts';
import { portfolioPnlSync, totalPnl } from '../../src/pricing/portfolio/pnl.ts';
import { computeFigures, readTask, type Task } from '../../test/support/portfolio-figures.ts';
import { readVectors } from '../../test/support/vectors.ts';
import { TextbookPortfolio, textbookFigures, textbookScenarios } from '../baselines/textbook-portfolio.ts';
import { interleave, median, type Timings } from '../harness/interleave.ts';
import type { BenchRow, BenchSuite, Measurement } from '../harness/row.ts';
import { sampled } from '../harness/sampled.ts';

/** The plaintext portfolio reference: a million repricings, and every figure of expected.json. */
export const suite: BenchSuite = { name: 'portfolio', run };

const BASELINE = 'textbook formulas, position by position';

async function run(report: (row: BenchRow) => void): Promise<void> {
  const task = readTask();
  const { holdings, market, scenarios } = task;
  const error = check(task);
  const textbook = new TextbookPortfolio(task);
  const pnl = totalPnl(portfolioPnlSync(holdings, market, scenarios));
  const levels = [0.95, 0.975, 0.99];
  const { timings } = interleave(
    {
      scenarios: () => portfolioPnlSync(holdings, market, scenarios).data[0]!,
      scenariosTextbook: () => textbookScenarios(textbook, task)[0]![0]!,
      figures: () => JSON.stringify(computeFigures(task)).length,
      figuresTextbook: () => textbookFigures(task).var99,
      greeks: () => portfolioGreeks(holdings, market).delta['EQ_A']!,
      historical: () => historicalRisk(pnl, levels)[0]!.varType1,
    },
    { rounds: 4 },
  );
  const emit = (name: string, sample: Timings, more: Partial<Measurement>): void => {
    const ms = sample.map((seconds) => seconds * 1000);
    report(
      sampled(ms, {
        suite: suite.name,
        case: name,
        metric: 'time',
        unit: 'ms',
        ...more,
      }),
    );
  };
  const positions = holdings.units.length;
  const { rows } = scenarios.moves;
  const parameters = { positions, scenarios: rows, cores: 1 };
  emit(`${positions} x ${rows} repricings`, timings.scenarios, {
    baseline: BASELINE,
    ratio: median(timings.scenariosTextbook) / median(timings.scenarios),
    error,
    parameters,
  });
  emit('all of expected.json', timings.figures, {
    // The baseline computes only what needs full revaluation: 610 of 610 scenarios, but few of the 2358 figures.
    baseline: `${BASELINE}, full revaluations only`,
    ratio: median(timings.figuresTextbook) / median(timings.figures),
    error,
    parameters,
  });
  emit('net Greeks', timings.greeks, { parameters: { positions } });
  emit('VaR and ES, 7 conventions x 3 levels', timings.historical, { parameters: { scenarios: rows } });
}

/** Largest error of both implementations, as a fraction of gross. @throws Error if it is not below 1e-11. */
function check(task: Task): number {
  const { holdings, market, scenarios, gross } = task;
  const expected = readVectors('portfolio/expected_scenario_pnl.csv').numbers('full_revaluation');
  const found = totalPnl(portfolioPnlSync(holdings, market, scenarios));
  const figures = computeFigures(task) as unknown as {
    historical: { full_revaluation: Record<string, Record<string, number>> };
    stress_grid: { worst_total: number };
    span_like: { total: number };
    pm_like: { total: number };
    pnl_explain: { actual: number };
  };
  const textbook = textbookFigures(task);
  const full = figures.historical.full_revaluation;
  const pairs: [number, number][] = [
    ...[...expected].map((pnl, s): [number, number] => [pnl, found[s]!]),
    ...[...expected].map((pnl, s): [number, number] => [pnl, textbook.pnl[s]!]),
    [textbook.var99, full['0.99']!['var_type1']!],
    [textbook.shortfall975, full['0.975']!['es_acerbi_tasche']!],
    [textbook.worstTotal, figures.stress_grid.worst_total],
    [textbook.scanRisk, figures.span_like.total],
    [textbook.margin, figures.pm_like.total],
    [textbook.explained, figures.pnl_explain.actual],
  ];
  const error = pairs.reduce((most, [a, b]) => Math.max(most, Math.abs(a - b)), 0) / gross;
  if (!(error < 1e-11)) throw new Error(`off by ${error} of gross: not timed`);
  return error;
}
