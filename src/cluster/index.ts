/** Work spread over this machine's processors: a pool of workers, and simulations on it. */
export { WorkerPool } from './pool.ts';
export { simulateAmericanOnWorkers, simulateOnWorkers } from './simulate.ts';
