import { describe, expect, test } from 'vitest';
import { type Circuit, executePlain, type InputSpec, recordOrdered } from '../../src/algebra/index.ts';
import { BlindRiskError } from '../../src/base/errors.ts';
import { bigintsOf, type FieldVector, fieldVectorOf, M61 } from '../../src/kernels/field-vector.ts';
import { planCircuit } from '../../src/mpc/circuit/plan-circuit.ts';
import type { DealtInput } from '../../src/mpc/circuit/run-dealt.ts';
import type { Context, Protocol } from '../../src/mpc/engine/protocol.ts';
import { uniformVector } from '../../src/mpc/field.ts';
import { bitCount, inputRange, rangeBits } from '../../src/mpc/input-range.ts';
import { proveInputs } from '../../src/mpc/protocols/prove-inputs.ts';
import { runInProcess } from '../../src/mpc/run.ts';
import type { SharingScheme } from '../../src/mpc/sharing.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { deviating } from '../support/adversary.ts';
import { dealtInput } from '../support/dealt.ts';
import { outcomes, sharesOf } from '../support/parties.ts';

const FRAC = 20;
const schemes: SharingScheme[] = [
  { parties: 3, threshold: 1 },
  { parties: 4, threshold: 1 },
  { parties: 5, threshold: 2 },
];
const specs: Record<string, InputSpec> = {
  'a bound': { length: 3, bound: 1.5 },
  'a range': { length: 3, bound: 2, range: [0.25, 2] },
  'a negative range and a 1-norm': { length: 3, bound: 2, range: [-2, -0.25], l1: 3 },
  'a 1-norm': { length: 3, bound: 1, l1: 1.75 },
  'a range of one value': { length: 3, bound: 2, range: [0.5, 0.5] },
};

type Dealt = readonly Required<DealtInput>[];

/** How the proof of some owners' inputs ends for each party. */
async function prove(scheme: SharingScheme, dealt: readonly Dealt[]) {
  function* protocol(context: Context, self: number): Protocol<string> {
    yield* proveInputs(
      context,
      dealt.map((of) => of[self - 1]!),
    );
    return 'passed';
  }
  return (await outcomes(scheme, protocol)).parties;
}

const deal = (
  scheme: SharingScheme,
  spec: InputSpec,
  integers: readonly bigint[],
  owner: string,
  bits?: FieldVector,
): Dealt => dealtInput(spec, FRAC, fieldVectorOf(integers), scheme, { owner, ...(bits && { bits }) });

async function expectBlamed(scheme: SharingScheme, dealt: readonly Dealt[], owner: string): Promise<void> {
  for (const outcome of await prove(scheme, dealt)) {
    expect(outcome.kind).toBe('failure');
    if (outcome.kind !== 'failure') continue;
    // Whoever notices first tells the others, who then say that the session was ended.
    expect(outcome.error).toBeInstanceOf(BlindRiskError);
    const { facts } = outcome.error as BlindRiskError;
    if (facts['check'] !== 'abort') expect(facts).toMatchObject({ check: 'input', culprit: owner });
  }
}

const bigint = (random: SeededRandom, low: bigint, high: bigint): bigint =>
  low + (((BigInt(random.u32()) << 32n) | BigInt(random.u32())) % (high - low + 1n));

describe.each(Object.entries(specs))('%s', (_, spec) => {
  const range = inputRange(spec, FRAC);
  const { low, high, l1 } = range;
  const magnitude = (x: bigint): bigint => (x < 0n ? -x : x);
  const legal = (x: readonly bigint[]): boolean =>
    x.every((v) => v >= low && v <= high) &&
    (l1 === undefined || x.reduce((s, v) => s + magnitude(v), 0n) <= l1);

  test('what lies within passes, its ends and its 1-norm included', async () => {
    const random = new SeededRandom(3);
    const near = magnitude(low) < magnitude(high) ? low : high;
    const inner = low < 0n && high > 0n ? 0n : near;
    const candidates = [
      [low, inner, inner],
      [inner, high, inner],
      [inner, inner, (low + high) / 2n],
      ...Array.from({ length: 6 }, () => [0, 1, 2].map(() => bigint(random, low, high))),
      // All of the 1-norm used up.
      ...(l1 === undefined ? [] : [[inner, inner, (high > 0n ? 1n : -1n) * (l1 - 2n * magnitude(inner))]]),
    ].filter(legal);
    expect(candidates.length).toBeGreaterThan(2);
    const scheme = schemes[0]!;
    const parties = await prove(
      scheme,
      candidates.map((x, i) => deal(scheme, spec, x, `owner ${i % 2}`)),
    );
    expect(parties.map(({ kind }) => kind)).toEqual(['result', 'result', 'result']);
  });

  test.each(schemes)('what lies outside is found, and its owner named: n = $parties', async (scheme) => {
    const inside = [low, low, low].map(() => (low < 0n && high > 0n ? 0n : high < 0n ? high : low));
    const outside: bigint[][] = [
      [high + 1n, ...inside.slice(1)],
      [...inside.slice(0, 2), low - 1n],
      [high + 2n ** 60n, ...inside.slice(1)],
      [inside[0]!, low - 2n ** 60n, inside[2]!],
      [inside[0]!, 2n ** 126n + 5n, inside[2]!],
    ];
    if (l1 !== undefined) {
      const two = inside[0]! + inside[1]!;
      const beyond = l1 + 1n - magnitude(two);
      const last = high > 0n ? beyond : -beyond;
      if (last >= low && last <= high) outside.push([inside[0]!, inside[1]!, last]);
    }
    for (const x of outside) {
      const honest = deal(scheme, spec, inside, 'honest');
      await expectBlamed(scheme, [honest, deal(scheme, spec, x, 'other')], 'other');
    }
  });

  test('bits that are others, or none at all, are found', async () => {
    const scheme = schemes[0]!;
    const inside = [0, 1, 2].map(() => (low < 0n && high > 0n ? 0n : high < 0n ? high : low));
    const bits = bigintsOf(rangeBits(fieldVectorOf(inside), range));
    const random = new SeededRandom(5);
    const place = (): number => random.integer(0, bits.length - 1);
    const others: FieldVector[] = [
      // No bits, with the right sum where weights allow: 2 instead of a carry; a half; anything.
      fieldVectorOf(bits.with(place(), 2n), 1),
      fieldVectorOf(bits.with(place(), (M61 + 1n) / 2n), 1),
      uniformVector(bits.length, 1),
    ];
    for (const changed of others) {
      await expectBlamed(scheme, [deal(scheme, spec, inside, 'other', changed)], 'other');
    }
  });
});

test('an integer outside, written with numbers that are no bits so that the sum is right, is found', async () => {
  // Weights 1, 2, 4 ...: 2^60 + 1 more in the first element, all of it in one number that is no bit.
  const spec = { length: 2, bound: 1 };
  const scheme = schemes[0]!;
  const { low, high, parts } = inputRange(spec, FRAC);
  const bits = bigintsOf(rangeBits(fieldVectorOf([high, low]), inputRange(spec, FRAC)));
  const { length } = parts[0]!;
  for (const more of [1n, 2n ** 12n]) {
    const raised = bits.map((bit, i) => (i === 0 ? bit + more : bit));
    expect(length).toBe(2);
    await expectBlamed(
      scheme,
      [deal(scheme, spec, [high + more, low], 'other', fieldVectorOf(raised, 1))],
      'other',
    );
  }
});

test('shares of too high a degree are found', async () => {
  const scheme = { parties: 4, threshold: 1 };
  const spec = { length: 2, bound: 1 };
  for (const what of ['value', 'bits'] as const) {
    const dealt = deal(scheme, spec, [1n, -1n], 'other').map((of) => ({ ...of }));
    // Party 4 of four is dealt a share off the line.
    const wrong = dealt[3]![what];
    const changed = wrong.slice(0, wrong.length);
    changed.words[0]! ^= 1;
    dealt[3] = { ...dealt[3]!, [what]: changed };
    for (const outcome of await prove(scheme, [dealt])) {
      expect(outcome.kind).toBe('failure');
      if (outcome.kind === 'failure') expect((outcome.error as BlindRiskError).code).toBe('protocol');
    }
  }
});

test('no party can make an honest owner look guilty, or a guilty one pass', async () => {
  const scheme = schemes[0]!;
  const spec = { length: 2, bound: 1 };
  const cases = [deal(scheme, spec, [5n, -7n], 'owner'), deal(scheme, spec, [5n, 2n ** 40n], 'owner')];
  for (const [guilty, dealt] of cases.entries()) {
    for (let round = 0; round < 8; round++) {
      for (const by of [1n, 2n ** 60n]) {
        const { parties } = await outcomes(
          scheme,
          function* (context, self): Protocol<string> {
            yield* proveInputs(context, [dealt[self - 1]!]);
            return 'passed';
          },
          { corrupted: 2, corrupt: (party) => deviating(party, { round, element: 0, by }) },
        );
        for (const outcome of [parties[0]!, parties[2]!]) {
          expect(outcome.kind).toBe('failure');
          if (outcome.kind !== 'failure' || guilty === 1) continue;
          expect((outcome.error as BlindRiskError).facts['culprit']).toBeUndefined();
        }
      }
    }
  }
});

test('a guarantee that owners break together is kept by the parties', async () => {
  const circuit: Circuit<'x' | 'y', 'z', 'ordered'> = recordOrdered(
    (alg, { x, y }) => ({ z: alg.mul(alg.within(alg.add(x, y), -1, 1), y) }),
    { x: { length: 4, bound: 1 }, y: { length: 4, bound: 1 } },
  );
  const inputs = { x: Float64Array.of(0.25, 1, -1, 0.5), y: Float64Array.of(0.5, 0.75, -0.5, -1) };
  const within = { x: inputs.x.map((v) => v / 2), y: inputs.y.map((v) => v / 2) };
  const plan = await planCircuit(circuit, { parties: 3, threshold: 1, fractionBits: 24 });
  const { outputs } = await runInProcess(plan, within);
  executePlain(circuit, within).z.forEach((z, i) => {
    expect(Math.abs(outputs.z[i]! - z)).toBeLessThan(plan.error.z.absolute);
  });
  const broken = await runInProcess(plan, inputs);
  inputs.y.forEach((y, i) => {
    const sum = Math.min(1, Math.max(-1, inputs.x[i]! + y));
    expect(Math.abs(broken.outputs.z[i]! - sum * y)).toBeLessThan(plan.error.z.absolute);
  });
});

test('an owner that is within its bounds up to rounding passes', async () => {
  const circuit: Circuit<'x', 'z', 'ordered'> = recordOrdered((alg, { x }) => ({ z: alg.mul(x, x) }), {
    x: { length: 3, bound: 0.7, l1: 1 },
  });
  const plan = await planCircuit(circuit, { parties: 3, threshold: 1 });
  const x = Float64Array.of(0.7 * (1 + 1e-13), -0.1 - 1e-14, 0.2);
  const { outputs, cost } = await runInProcess(plan, { x });
  x.forEach((value, i) => {
    expect(Math.abs(outputs.z[i]! - value ** 2)).toBeLessThan(plan.error.z.absolute);
  });
  expect(cost.bytesUp).toBe(plan.bytesUp);
  const lazy = await planCircuit(circuit, { parties: 3, threshold: 1, security: 'semiHonest' });
  const bits = bitCount(inputRange(circuit.inputs.x, plan.format.frac));
  expect(plan.bytesUp - lazy.bytesUp).toBe(3 * 8 * bits);
});

test('shares of what is dealt say nothing: one party sees uniform bits', async () => {
  const scheme = schemes[0]!;
  const share = sharesOf(fieldVectorOf(new Array<bigint>(4096).fill(1n), 1), scheme)[0]!;
  const ones = bigintsOf(share).filter((value) => value >= M61 / 2n).length;
  expect(Math.abs(ones - 2048)).toBeLessThan(6 * 32);
});
