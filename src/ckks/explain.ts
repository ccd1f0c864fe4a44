import type { CircuitNode } from '../algebra/circuit.ts';
import type { CoefficientPlan } from './coefficient-plan.ts';
import { FAILURE_BITS } from './noise.ts';
import { MODULUS_CAP_BITS, modulusBits, primeBitsOf } from './parameters.ts';
import type { CkksPlan } from './plan.ts';
import type { SlotPlan } from './slots/plan.ts';

export type ExplainOptions = {
  /** Adds a line a circuit node: where error comes from. */
  readonly nodes?: boolean;
};

/** Why a plan is what it is: parameters, what was refused and why, cost, and where error comes from. For people. */
export function explain(plan: CkksPlan, options: ExplainOptions = {}): string {
  const sections =
    plan.kind === 'slots' ? explainSlots(plan, options.nodes === true) : explainCoefficients(plan);
  return `${sections.filter((section) => section.length > 0).join('\n\n')}\n`;
}

function explainSlots(plan: SlotPlan, nodes: boolean): string[] {
  const { parameters, program, resources, time, flooding } = plan;
  const levels = parameters.dataPrimeBits.length - 1;
  const head = [
    `slots of ${ringOf(plan)}`,
    `${levels} level${levels === 1 ? '' : 's'}, scale 2^${plan.scaleBits}, ${plan.encryption} encryption, ${program.instructions.length} instructions`,
    `evaluation ${milliseconds(time.total)} on one core by ${time.evaluator} (predicted)`,
    `keys ${bytes(resources.keyBytes)} (relinearisation ${resources.keys.relinearisation}, Galois ${resources.keys.galois}), ` +
      `up ${bytes(resources.bytesUp)}, down ${bytes(resources.bytesDown)}, memory of the engine ${bytes(resources.memory.total)}`,
    ...floodingLine(flooding),
  ];
  const alternatives = table([
    ['N', 'levels', 'primes', 'error', 'time', 'outcome'],
    ...plan.alternatives.map(
      ({ degree, levels: used, parameters: of, error, milliseconds: ms, outcome, why }) => [
        `${degree}`,
        used === undefined ? '' : `${used}`,
        of === undefined ? '' : runs(primeBitsOf(of)),
        error === undefined ? '' : error.toExponential(1),
        ms === undefined ? '' : milliseconds(ms),
        outcome === 'refused' ? `refused: ${why}` : `${outcome}: ${why}`,
      ],
    ),
  ]);
  const operations = table([
    ['operation', 'count', 'time'],
    ...Object.entries(time.counts).map(([op, count]) => [
      op,
      `${count}`,
      milliseconds(time.milliseconds[op]!),
    ]),
  ]);
  const errors = table([
    ['output', 'error', 'of series', 'of encryption', 'of flooding'],
    ...Object.entries<number>(plan.circuit.outputs).map(([name, index]) => [
      name,
      plan.error[name]!.absolute.toExponential(1),
      plan.nodes[index]!.approximation.toExponential(1),
      plan.nodes[index]!.noise.toExponential(1),
      (flooding?.error ?? 0).toExponential(1),
    ]),
  ]);
  return [head.join('\n'), alternatives, errors, operations, nodes ? nodeTable(plan) : ''];
}

function nodeTable(plan: SlotPlan): string {
  return table([
    ['node', 'operation', 'value', 'error of series', 'error of encryption'],
    ...plan.circuit.nodes.map((node, index) => [
      `${index}`,
      describe(node),
      `[${node.bound.low.toPrecision(3)}, ${node.bound.high.toPrecision(3)}]`,
      plan.nodes[index]!.approximation.toExponential(1),
      plan.nodes[index]!.noise === 0 ? '' : plan.nodes[index]!.noise.toExponential(1),
    ]),
  ]);
}

function describe(node: CircuitNode): string {
  if (node.op === 'input') return `input ${node.name}`;
  if (node.op === 'matVecPlain')
    return `matrix ${node.matrix.rows} x ${node.matrix.cols}, of ${node.args[0]}`;
  if (node.op === 'poly')
    return `series of degree ${node.series.coefficients.length - 1}, of ${node.args[0]}`;
  return 'args' in node ? `${node.op} of ${node.args.join(', ')}` : node.op;
}

function explainCoefficients(plan: CoefficientPlan): string[] {
  const { packing, cost, errorParts, flooding, response, hiding } = plan;
  const sent = response.coefficients.reduce((sum, { bytes }) => sum + bytes, 0);
  const head = [
    `coefficients of ${ringOf(plan)}`,
    `${packing.rows} x ${packing.cols} matrix, ${packing.chunks} ciphertexts up, ${packing.outputs} down, at most ${cost.products} products`,
    `evaluation by ${plan.evaluator}, the owner's work and transfer: ${milliseconds(plan.milliseconds)}, a core each (predicted)`,
    `no keys, up ${bytes(cost.bytesUp)}, down ${bytes(cost.bytesDown)}, encoded matrix ${bytes(cost.matrixBytes)}`,
    `results over ${response.primes} of ${plan.parameters.dataPrimeBits.length} primes, ${sent} bytes a coefficient`,
    ...(hiding === undefined
      ? []
      : [
          `matrix hidden: ${hiding.floodBits} bits of noise for ${hiding.statisticalBits} of security a response`,
        ]),
    ...floodingLine(flooding),
  ];
  const errors = table([
    ['error', 'of the matrix', 'of the input', 'of encryption', 'of hiding', 'of flooding'],
    [
      Math.max(...Object.values(plan.error).map(({ absolute }) => absolute)).toExponential(1),
      errorParts.matrixRounding.toExponential(1),
      errorParts.inputRounding.toExponential(1),
      errorParts.noise.toExponential(1),
      errorParts.hiding.toExponential(1),
      (flooding?.error ?? 0).toExponential(1),
    ],
  ]);
  return [head.join('\n'), errors];
}

function ringOf({ parameters }: CkksPlan): string {
  const bits = modulusBits(parameters);
  return (
    `N = ${parameters.degree}, primes of ${runs(primeBitsOf(parameters))} bits: ${bits} of at most ` +
    `${MODULUS_CAP_BITS[parameters.degree]} for ${parameters.securityBits}-bit security; errors hold except with probability 2^-${FAILURE_BITS}`
  );
}

function floodingLine(flooding: CkksPlan['flooding']): string[] {
  if (flooding === undefined) return ['read by the key owner: no flooding'];
  const { queries, statisticalBits, sigma } = flooding;
  return [
    `flooded with deviation ${sigma.toExponential(1)} for ${queries} releases at ${statisticalBits} bits of statistical security`,
  ];
}

/** 48, 45 x 7, 49. */
function runs(bits: readonly number[]): string {
  const parts: { readonly bits: number; count: number }[] = [];
  for (const each of bits) {
    const last = parts.at(-1);
    if (last?.bits === each) last.count++;
    else parts.push({ bits: each, count: 1 });
  }
  return parts.map(({ bits: each, count }) => (count === 1 ? `${each}` : `${each} x ${count}`)).join(', ');
}

function milliseconds(value: number): string {
  return value >= 1000 ? `${(value / 1000).toFixed(1)} s` : `${value.toPrecision(2)} ms`;
}

function bytes(value: number): string {
  return value >= 2 ** 20 ? `${(value / 2 ** 20).toFixed(1)} MiB` : `${(value / 2 ** 10).toFixed(0)} KiB`;
}

/** Columns padded to their widest cell. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
