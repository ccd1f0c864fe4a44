import { magnitudeOf } from '../../algebra/bounds.ts';
import type { AnyCircuit } from '../../algebra/circuit.ts';
import { type Flooding, floodingOf, type ReleaseBudget } from '../flooding.ts';
import { tailFactor } from '../noise.ts';
import { BYTE_TRANSFER, OWNER_TRANSFORM, PUBLIC_ENCRYPTION, SYMMETRIC_ENCRYPTION } from '../owner-times.ts';
import { type CkksParameters, dataPrimesOf } from '../parameters.ts';
import type { ChainForm } from './chain-form.ts';
import type { EntryDepths } from './entry-depths.ts';
import { type LoweredCircuit, lowerCircuit } from './lower.ts';
import { noiseOf, type RegisterNoise, type SlotEncryption } from './noise.ts';
import { type OperationTimes, type ProgramTime, timeOf } from './operation-times.ts';
import type { SlotProgram } from './program.ts';
import { resourcesOf, type SlotResources } from './resources.ts';
import { levelModuli, spreadLevels } from './spread-levels.ts';

/** What stays the same over all parameter sets. */
export type SlotTask = {
  readonly circuit: AnyCircuit;
  /** Errors of series, by node. */
  readonly approximation: readonly number[];
  readonly precision: number;
  readonly release: ReleaseBudget | undefined;
  readonly encryption: SlotEncryption;
  readonly times: OperationTimes;
};

/** Error of a node's elements against what its formula means, absolute. */
export type NodeError = {
  /** Of series, proved. */
  readonly approximation: number;
  /** Of encryption; 0 where the program has no register of the node's own. */
  readonly noise: number;
};

/** A program on one set of parameters, with all that is predicted of it. */
export type SlotCandidate = {
  readonly parameters: CkksParameters;
  readonly scaleBits: number;
  readonly lowered: LoweredCircuit;
  readonly nodes: readonly NodeError[];
  readonly flooding: Flooding | undefined;
  /** Error of every output, flooding included. */
  readonly errors: Readonly<Record<string, number>>;
  readonly worst: number;
  readonly time: ProgramTime;
  readonly resources: SlotResources;
  /** Evaluation, the owner's work and transfer: what alternatives are compared by. Keys, made once, are not counted. */
  readonly milliseconds: number;
};

/** Decoding transforms doubles. */
const DECODE_ROUNDING = 2 ** -48;

/** Primes, how they make up levels, the scale, and the bits of the last modulus that values may fill beyond it. */
export type CandidateChain = {
  readonly parameters: CkksParameters;
  readonly form: ChainForm;
  readonly scaleBits: number;
  readonly spareBits: number;
};

/** Lowers the circuit to these parameters and predicts. @throws PlanError where values do not fit the modulus. */
export function candidateOf(
  task: SlotTask,
  { parameters, form, scaleBits, spareBits }: CandidateChain,
  depths: EntryDepths,
): SlotCandidate {
  const { circuit, encryption } = task;
  const data = dataPrimesOf(parameters);
  const primes = levelModuli(form, data);
  const narrow = lowerCircuit(
    circuit,
    { slots: parameters.degree / 2, primes, scaleBits, spareBits },
    { depths, ownerFolds: ownerFolds(task) },
  );
  const lowered = spreadLevels(narrow, form, data);
  const { ofRegister, outputs: outputNoise } = noiseOf(lowered, parameters, encryption);
  const nodes = circuit.nodes.map((_, index): NodeError => {
    const bounds = lowered.nodeRegisters[index]!.map((register) => ofRegister(register).bound);
    const shown = lowered.program.outputs.filter(
      ({ name, every }) => every !== undefined && circuit.outputs[name] === index,
    );
    bounds.push(...shown.map(({ name }) => outputNoise[name]!.bound));
    return { approximation: task.approximation[index]!, noise: Math.max(0, ...bounds) };
  });
  const flooding = task.release && floodingOfOutputs(circuit, lowered, outputNoise, task.release);
  const errors = Object.fromEntries(
    lowered.program.outputs.map(({ name }) => {
      const index = circuit.outputs[name]!;
      const raw = outputNoise[name]!.bound;
      const decode = magnitudeOf(circuit.nodes[index]!.bound) * DECODE_ROUNDING;
      return [name, task.approximation[index]! + raw + decode + (flooding?.error ?? 0)];
    }),
  );
  const time = timeOf(lowered.program, parameters.degree, task.times);
  const resources = resourcesOf(lowered.program, parameters, encryption);
  return {
    parameters,
    scaleBits,
    lowered,
    nodes,
    flooding,
    errors,
    worst: Math.max(...Object.values(errors)),
    time,
    resources,
    milliseconds:
      time.total +
      1e-6 *
        (ownerNanoseconds(lowered.program, parameters.degree, encryption) +
          BYTE_TRANSFER * (resources.bytesUp + resources.bytesDown)),
  };
}

/** Of encryption, and of decryption and decoding. */
function ownerNanoseconds(
  { inputs, outputs, instructions }: SlotProgram,
  degree: number,
  encryption: SlotEncryption,
): number {
  const each = encryption === 'symmetric' ? SYMMETRIC_ENCRYPTION : PUBLIC_ENCRYPTION;
  const encrypted = inputs.reduce((sum, { blocks, level }) => sum + blocks * (level + 1), 0);
  const read = outputs
    .flatMap(({ registers }) => registers)
    .reduce((sum, register) => sum + instructions[register]!.level + 1, 0);
  return degree * (each * encrypted + 2 * OWNER_TRANSFORM * read);
}

/** Who holds the key and encrypts could compute the parts of its own results. */
export function ownerFolds({ encryption }: Pick<SlotTask, 'encryption'>): boolean {
  return encryption === 'symmetric';
}

/** One release hands out all outputs: their noise together is what flooding has to drown. */
function floodingOfOutputs(
  circuit: AnyCircuit,
  { program }: LoweredCircuit,
  noise: Readonly<Record<string, RegisterNoise>>,
  release: ReleaseBudget,
): Flooding {
  const results = program.outputs.reduce((sum, { length }) => sum + length, 0);
  const worst = Math.max(...program.outputs.map(({ name }) => noise[name]!.secret));
  const largest = Math.max(
    ...Object.values<number>(circuit.outputs).map((index) => magnitudeOf(circuit.nodes[index]!.bound)),
  );
  return floodingOf(release, worst, results, largest, tailFactor(results * release.queries));
}
