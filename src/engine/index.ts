/** Roles and runs: owner, engine, computing parties and recipient, from a book to a report. */
export { CkksEngine, CkksOwner } from './ckks.ts';
export { PhaseClock } from './clock.ts';
export { prepareTask, rehearse } from './rehearse.ts';
export { histogramSvg } from './report/histogram.ts';
export { htmlReport } from './report/html.ts';
export { printComparison, printReport } from './report/print.ts';
export { CURRENCY, DEFAULT_PRECISION, type EngineRun, type RiskRequest, type RiskTask } from './task.ts';
