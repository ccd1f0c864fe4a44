import { type AnyCircuit, argumentsOf } from '../../algebra/circuit.ts';
import { layoutOf } from './layout.ts';
import { type MatrixSteps, stepsOf } from './matrix-steps.ts';
import type { SlotRuns } from './program.ts';

/**
 * Inputs that lie in runs: those that only matrices read, of one number of rows, where shorter runs are cheaper.
 * @param foldable nodes whose parts the key holder adds up.
 */
export function runsOfInputs(
  circuit: AnyCircuit,
  slots: number,
  live: ReadonlySet<number>,
  foldable: ReadonlySet<number>,
): ReadonlyMap<string, SlotRuns> {
  const { nodes } = circuit;
  const readers = nodes.map((): number[] => []);
  for (const index of live) for (const argument of argumentsOf(nodes[index]!)) readers[argument]!.push(index);
  const shown = new Set(Object.values<number>(circuit.outputs));
  /** Steps of every matrix that reads a node, or undefined where anything else does. */
  const wished = (index: number): readonly MatrixSteps[] | undefined => {
    if (shown.has(index)) return undefined;
    const all: MatrixSteps[] = [];
    for (const reader of readers[index]!) {
      const node = nodes[reader]!;
      if (node.op === 'matVecPlain') {
        const { rows, cols } = node.matrix;
        if (Math.max(rows, cols) > slots) return undefined;
        const periods = { rows: layoutOf(rows, slots).period, cols: layoutOf(cols, slots).period };
        all.push(stepsOf({ ...periods, slots, runs: 'any', foldable: foldable.has(reader) }));
        continue;
      }
      // Neither touches a slot on its own.
      const steps = node.op === 'within' || node.op === 'scale' ? wished(reader) : undefined;
      if (steps === undefined) return undefined;
      all.push(...steps);
    }
    return all;
  };
  const runs = new Map<string, SlotRuns>();
  for (const index of live) {
    const node = nodes[index]!;
    if (node.op !== 'input') continue;
    const [first, ...others] = wished(index) ?? [];
    if (first === undefined || first.period === layoutOf(node.length, slots).period) continue;
    if (others.every((steps) => steps.rows === first.rows && steps.period === first.period))
      runs.set(node.name, first.runs);
  }
  return runs;
}
