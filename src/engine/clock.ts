import { PHASE_NAMES, type PhaseName } from '../domain/report.ts';

/** Wall-clock milliseconds a phase. Phases that run at the same time are each counted in full. */
export class PhaseClock {
  readonly #ms = new Map<PhaseName, number>(PHASE_NAMES.map((name) => [name, 0]));

  async time<T>(phase: PhaseName, work: () => T | Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      return await work();
    } finally {
      this.add(phase, performance.now() - started);
    }
  }

  add(phase: PhaseName, ms: number): void {
    this.#ms.set(phase, this.#ms.get(phase)! + ms);
  }

  get phasesMs(): Record<PhaseName, number> {
    return Object.fromEntries(this.#ms) as Record<PhaseName, number>;
  }
}
