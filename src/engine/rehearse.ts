import type { EngineName, Report } from '../domain/report.ts';
import { PhaseClock } from './clock.ts';
import { RiskSession } from './session.ts';
import type { RiskRequest, RiskTask } from './task.ts';

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
  using session = await RiskSession.open(engine, request, clock);
  await session.evaluate(request.scenarios);
  return session.report();
}

/** What an engine starts from: the public side valued, the secret side projected and normalised. */
export async function prepareTask(request: RiskRequest, clock: PhaseClock): Promise<RiskTask> {
  const session = await RiskSession.open('plain', request, clock);
  const { keys: _, ...task } = await session.task(request.scenarios);
  return task;
}
