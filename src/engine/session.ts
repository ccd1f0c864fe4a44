import type { PartyId } from '../base/brand.ts';
import { hex } from '../base/bytes.ts';
import { RangeError, ShapeError, UnsupportedError } from '../base/errors.ts';
import { throwIfAborted } from '../base/progress.ts';
import { randomBytes } from '../base/random.ts';
import type { EngineName, Report } from '../domain/report.ts';
import type { ScenarioSet } from '../domain/scenarios.ts';
import { joinResults, type RiskResults } from '../risk/finish.ts';
import { riskCircuit } from '../risk/program.ts';
import { normaliseBook } from '../risk/valuation.ts';
import { AuditLog } from '../trust/audit.ts';
import { PhaseClock } from './clock.ts';
import { type ProjectedBook, projectIn } from './coordinates.ts';
import { assembleReport, type OwnResults, ownResults } from './report/assemble.ts';
import { SessionKeys } from './session-keys.ts';
import {
  type Approximation,
  type BookCoordinates,
  DEFAULT_PRECISION,
  type EngineRun,
  type RiskRequest,
  type RiskTask,
} from './task.ts';

/** An engine is loaded when it is asked for: a report on shares does not wait for the code of ciphertexts. */
const ENGINES: Readonly<Record<EngineName, () => Promise<(task: RiskTask) => Promise<EngineRun>>>> = {
  plain: async () => (await import('./plain.ts')).runPlain,
  ckks: async () => (await import('./ckks.ts')).runCkks,
  mpc: async () => (await import('./mpc.ts')).runMpc,
};

/** What the owner reads of a block of scenarios. */
export type BlockPnl = {
  /** Scenarios of the session before these. */
  readonly first: number;
  /** In currency; undefined where it stayed shared (`open: figures` on shares). */
  readonly pnl: Float64Array | undefined;
};

/**
 * Risk of one book over any number of scenarios, block after block: the book is read and projected once, block after block as well, and the engine
 * answers each block of scenarios before the next is needed. In memory are the book's coordinates, the valuation matrix of one block, and eight bytes a
 * scenario of what the owner has read. Quantiles follow when all have been evaluated.
 *
 *     using session = await RiskSession.open('ckks', { book, market, scenarios: first, basis: 'chebyshev' });
 *     for await (const block of blocks) await session.evaluate(block);
 *     const report = await session.report();
 *
 * Who learns what: as in `rehearse`; the engine also learns the precision relative to the exposure of each block. All roles run in this process.
 */
export class RiskSession implements Disposable {
  readonly #engine: EngineName;
  readonly #request: RiskRequest;
  readonly #precision: number;
  readonly #book: ProjectedBook;
  readonly #clock: PhaseClock;
  readonly #log: AuditLog;
  readonly #keys = new SessionKeys();
  readonly #results: OwnResults[] = [];
  readonly #coordinates: Pick<BookCoordinates, 'approximation' | 'covarianceOf' | 'description'>[] = [];
  readonly #runs: Pick<EngineRun, 'protection' | 'parameters' | 'cost'>[] = [];
  #scenarios = 0;

  private constructor(
    engine: EngineName,
    request: RiskRequest,
    precision: number,
    book: ProjectedBook,
    clock: PhaseClock,
    log: AuditLog,
  ) {
    this.#engine = engine;
    this.#request = request;
    this.#precision = precision;
    this.#book = book;
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Reads and projects the book.
   * @param request its scenarios are those that a `chebyshev` basis is chosen by: the first block.
   * @throws RangeError, ShapeError for malformed requests; PrecisionError where no basis is precise enough; ParseError of the book's file; AbortError.
   */
  static async open(
    engine: EngineName,
    request: RiskRequest,
    clock: PhaseClock = new PhaseClock(),
  ): Promise<RiskSession> {
    const { precision = DEFAULT_PRECISION, basis = 'listed' } = request;
    if (!(precision > 0 && precision < 1)) {
      throw new RangeError(`expected a precision between 0 and 1 (a fraction of gross), found ${precision}`, {
        precision,
      });
    }
    const log = new AuditLog(`blindrisk/run/${hex(randomBytes(8))}`);
    const book = await projectIn(basis, request, precision, clock);
    return new RiskSession(engine, request, precision, book, clock, log);
  }

  /** Scenarios evaluated so far. */
  get scenarios(): number {
    return this.#scenarios;
  }

  /**
   * Values a block of scenarios, has the engine evaluate it, and reads the answer. A block that fails may be tried again.
   * @throws UnsupportedError for a second block where only figures are opened on shares; PrecisionError where the basis is not precise enough for
   * these scenarios; AbortError when the signal fires.
   */
  async evaluate(scenarios: ScenarioSet): Promise<BlockPnl> {
    const { signal, open } = this.#request;
    if (this.#engine === 'mpc' && open === 'figures' && this.#scenarios > 0) {
      throw new UnsupportedError(
        'figures are computed on shares of all scenarios at once: give them in one block, or open the P&L',
      );
    }
    throwIfAborted(signal, 'evaluating scenarios');
    const task = await this.task(scenarios);
    const { coordinates, valuation, book } = task;
    const runEngine = await ENGINES[this.#engine]();
    const { protection, parameters, cost, ...run } = await runEngine(task);
    throwIfAborted(signal, 'evaluating scenarios');
    const results = ownResults(valuation, { protection, parameters, cost, ...run }, book.l1);
    const { approximation, covarianceOf, description } = coordinates;
    this.#results.push(results);
    this.#coordinates.push({ approximation, covarianceOf, description });
    this.#runs.push({ protection, parameters, cost });
    const first = this.#scenarios;
    this.#scenarios += valuation.pnl.rows;
    return { first, pnl: results.opened === 'pnl' ? results.pnl : undefined };
  }

  /** Values the public side and normalises the secret one, for some scenarios. */
  async task(scenarios: ScenarioSet): Promise<RiskTask> {
    const clock = this.#clock;
    const coordinates = await this.#book.valuedIn(scenarios, clock);
    const { basis, valuation, gross, protocolError } = coordinates;
    const circuit = await clock.time('prepare', () => riskCircuit(valuation));
    this.#log.append('engine' as PartyId, 'planned', circuit.digest, `basis ${basis.digest}`);
    return clock.time('project', () => {
      const book = normaliseBook(this.#book.x, valuation.columnScale);
      // A book without value or without exposure has no fraction of gross: errors are then relative to L1.
      const outputPrecision = gross > 0 && book.l1 > 0 ? protocolError / book.l1 : this.#precision;
      return {
        request: { ...this.#request, scenarios },
        coordinates,
        valuation,
        circuit,
        book,
        outputPrecision,
        clock,
        log: this.#log,
        keys: this.#keys,
      };
    });
  }

  /** The report over all scenarios evaluated so far. @throws ShapeError where there are none. */
  async report(): Promise<Report> {
    const run = this.#runs[0];
    if (run === undefined) {
      throw new ShapeError('no scenario was evaluated: there is nothing to report');
    }
    throwIfAborted(this.#request.signal, 'finishing');
    const [results] = this.#results as [OwnResults];
    return assembleReport({
      engine: this.#engine,
      open: this.#request.open,
      positions: this.#book.positions,
      scenarios: this.#scenarios,
      basis: this.#book.basis,
      coordinates: joinCoordinates(this.#coordinates),
      // Figures alone are of one block.
      results:
        results.opened === 'figures'
          ? results
          : { opened: 'pnl', ...joinResults(this.#results as (OwnResults & RiskResults)[]) },
      run: { ...run, cost: joinCosts(this.#runs.map(({ cost }) => cost)) },
      blocks: this.#runs.length,
      clock: this.#clock,
      log: this.#log,
    });
  }

  [Symbol.dispose](): void {
    this.#keys[Symbol.dispose]();
  }
}

function joinCosts(costs: readonly EngineRun['cost'][]): EngineRun['cost'] {
  return costs.reduce((sum, cost) => ({
    bytesUp: sum.bytesUp + cost.bytesUp,
    bytesDown: sum.bytesDown + cost.bytesDown,
    ...(sum.rotations === undefined ? {} : { rotations: sum.rotations + (cost.rotations ?? 0) }),
    ...(sum.rounds === undefined ? {} : { rounds: sum.rounds + (cost.rounds ?? 0) }),
    ...(sum.messages === undefined ? {} : { messages: sum.messages + (cost.messages ?? 0) }),
  }));
}

/** The largest error of the P&L over the blocks; value and Greeks are those of today, in every block. */
function joinCoordinates<C extends Pick<BookCoordinates, 'approximation' | 'covarianceOf' | 'description'>>(
  blocks: readonly C[],
): C {
  const worst = blocks.reduce((a, b) => ((b.approximation?.pnl ?? 0) > (a.approximation?.pnl ?? 0) ? b : a));
  if (worst.approximation === undefined) return worst;
  const differences = blocks.map(({ approximation }) => approximation?.pnlDifference);
  const approximation: Approximation = {
    ...worst.approximation,
    pnlDifference: differences.includes(undefined)
      ? undefined
      : Float64Array.from(differences.flatMap((part) => Array.from(part!))),
  };
  return { ...worst, approximation };
}

/** A book and blocks of scenarios, from first to last. */
export type StreamRequest = Omit<RiskRequest, 'scenarios'> & {
  readonly scenarios: AsyncIterable<ScenarioSet> | Iterable<ScenarioSet>;
  /** Told what was read of each block. */
  readonly onBlock?: ((block: BlockPnl) => void) | undefined;
};

/** A {@link RiskSession} from its first block to its report. @throws ShapeError where there is no scenario; as `open` and `evaluate`. */
export async function reportInBlocks(
  engine: EngineName,
  { scenarios, onBlock, ...request }: StreamRequest,
  clock: PhaseClock = new PhaseClock(),
): Promise<Report> {
  let session: RiskSession | undefined;
  try {
    for await (const block of scenarios) {
      session ??= await RiskSession.open(engine, { ...request, scenarios: block }, clock);
      const read = await session.evaluate(block);
      onBlock?.(read);
      request.onProgress?.({ phase: 'scenarios', done: session.scenarios, total: 0 });
    }
    if (session === undefined) throw new ShapeError('no scenario was given: there is nothing to report');
    return await session.report();
  } finally {
    session?.[Symbol.dispose]();
  }
}
