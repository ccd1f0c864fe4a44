import { createSimulator, type Simulator } from '../pricing/montecarlo/simulate.ts';
import type { TaskName, Tasks } from './messages.ts';

/** How each task is done: by a pure function, on a worker or, where there are none, on this thread. */
export const TASKS: {
  readonly [Name in TaskName]: (request: Tasks[Name]['request']) => Tasks[Name]['response'];
} = {
  simulateBlocks({ spec, from, to }) {
    const simulator = simulatorOf(spec);
    return Array.from({ length: to - from }, (_, i) => simulator.run(from + i));
  },
};

/** Chunks of one simulation follow each other: its tables and room are kept for the next. */
let latest: { readonly key: string; readonly simulator: Simulator } | undefined;

function simulatorOf(spec: Tasks['simulateBlocks']['request']['spec']): Simulator {
  const key = JSON.stringify(spec);
  if (latest?.key !== key) latest = { key, simulator: createSimulator(spec) };
  return latest.simulator;
}
