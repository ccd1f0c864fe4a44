import type { PartyId } from '../base/brand.ts';
import { hex } from '../base/bytes.ts';
import { RangeError, ShapeError } from '../base/errors.ts';
import { throwIfAborted } from '../base/progress.ts';
import { randomBytes } from '../base/random.ts';
import type { EngineName, Report } from '../domain/report.ts';
import { riskCircuit } from '../risk/program.ts';
import { normaliseBook } from '../risk/valuation.ts';
import { AuditLog } from '../trust/audit.ts';
import { PhaseClock } from './clock.ts';
import { coordinatesIn } from './coordinates.ts';
import { assembleReport } from './report/assemble.ts';
import { DEFAULT_PRECISION, type EngineRun, type RiskRequest, type RiskTask } from './task.ts';

/** An engine is loaded when it is asked for: a report on shares does not wait for the code of ciphertexts. */
const ENGINES: Readonly<Record<EngineName, () => Promise<(task: RiskTask) => Promise<EngineRun>>>> = {
  plain: async () => (await import('./plain.ts')).runPlain,
  ckks: async () => (await import('./ckks.ts')).runCkks,
  mpc: async () => (await import('./mpc.ts')).runMpc,
};

/**
 * Runs all roles of an engine in this process and reports the book's risk to its owner. The roles are the real ones:
 * separate objects (CKKS: separate workers) that exchange only what they would send over a network.
 *
 * Who learns what: the owner its figures; the engine or the computing parties the public contracts, market and
 * scenarios, and the sizes of messages; nothing about quantities as long as the key is safe (CKKS), or at most
 * `threshold` parties collude (MPC).
 * @throws RangeError, ShapeError for malformed requests; PrecisionError where the wanted precision is out of reach;
 * AbortError when the signal fires.
 */
export async function rehearse(
  engine: EngineName,
  request: RiskRequest,
  clock: PhaseClock = new PhaseClock(),
): Promise<Report> {
  const task = await prepareTask(request, clock);
  const { coordinates, valuation, book, log } = task;
  const runEngine = await ENGINES[engine]();
  const run = await runEngine(task);
  throwIfAborted(request.signal, 'finishing');
  return assembleReport({
    engine,
    open: request.open,
    positions: request.book.positions.length,
    basis: coordinates.basis,
    coordinates,
    valuation,
    l1: book.l1,
    run,
    clock,
    log,
  });
}

/** Values the public side and normalises the secret one. */
export async function prepareTask(request: RiskRequest, clock: PhaseClock): Promise<RiskTask> {
  const { book, precision = DEFAULT_PRECISION } = request;
  if (!(precision > 0 && precision < 1)) {
    throw new RangeError(`expected a precision between 0 and 1 (a fraction of gross), found ${precision}`, {
      precision,
    });
  }
  if (book.positions.length === 0) throw new ShapeError('the book is empty: there is nothing to report');
  const log = new AuditLog(`blindrisk/run/${hex(randomBytes(8))}`);
  const { x, ...coordinates } = await coordinatesIn(request.basis ?? 'listed', request, precision, clock);
  const { basis, valuation, gross, protocolError } = coordinates;
  const circuit = await clock.time('prepare', () => riskCircuit(valuation));
  log.append('engine' as PartyId, 'planned', circuit.digest, `basis ${basis.digest}`);
  return clock.time('project', () => {
    const normalised = normaliseBook(x, valuation.columnScale);
    // A book without value or without exposure has no fraction of gross: errors are then relative to L1.
    const outputPrecision = gross > 0 && normalised.l1 > 0 ? protocolError / normalised.l1 : precision;
    return { request, coordinates, valuation, circuit, book: normalised, outputPrecision, clock, log };
  });
}
