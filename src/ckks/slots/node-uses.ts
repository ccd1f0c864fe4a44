import { type AnyCircuit, argumentsOf } from '../../algebra/circuit.ts';

/** Nodes on which an output depends: the others may not even fit. */
export function liveNodes({ nodes, outputs }: AnyCircuit): ReadonlySet<number> {
  const live = new Set(Object.values<number>(outputs));
  for (let index = nodes.length - 1; index >= 0; index--)
    if (live.has(index)) for (const argument of argumentsOf(nodes[index]!)) live.add(argument);
  return live;
}

/** Matrices that are an output and that no other node reads. */
export function matricesShown(
  { nodes, outputs }: AnyCircuit,
  live: ReadonlySet<number>,
): ReadonlySet<number> {
  const shown = new Set(Object.values<number>(outputs).filter((index) => nodes[index]!.op === 'matVecPlain'));
  for (const index of live) for (const argument of argumentsOf(nodes[index]!)) shown.delete(argument);
  return shown;
}

/** Series whose only reader is a product with another secret. */
export function fusedSeries(circuit: AnyCircuit): ReadonlySet<number> {
  const { nodes, outputs } = circuit;
  const live = liveNodes(circuit);
  const readers = new Map<number, number[]>();
  nodes.forEach((node, index) => {
    if (!live.has(index)) return;
    for (const argument of argumentsOf(node))
      readers.set(argument, [...(readers.get(argument) ?? []), index]);
  });
  const secret: boolean[] = [];
  nodes.forEach((node, index) => {
    secret[index] = node.op === 'input' || argumentsOf(node).some((argument) => secret[argument]);
  });
  const shown = new Set(Object.values<number>(outputs));
  const fused = new Set<number>();
  nodes.forEach((node, index) => {
    const [reader, ...others] = readers.get(index) ?? [];
    if (node.op !== 'poly' || reader === undefined || others.length > 0 || shown.has(index)) return;
    if (!secret[index] || node.series.coefficients.subarray(1).every((c) => c === 0)) return;
    const by = nodes[reader]!;
    if (by.op !== 'mul') return;
    const other = by.args[0] === index ? by.args[1] : by.args[0];
    // Of two series only one can be the other's weight.
    if (other !== index && secret[other] && !fused.has(other)) fused.add(index);
  });
  return fused;
}
