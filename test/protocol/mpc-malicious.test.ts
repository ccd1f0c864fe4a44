import { describe, expect, test } from 'vitest';
import { type Circuit, recordOrdered } from '../../src/algebra/index.ts';
import { BlindRiskError } from '../../src/base/errors.ts';
import { randomBytes } from '../../src/base/random.ts';
import { bigintsOf, type FieldVector, fieldVectorOf } from '../../src/kernels/field-vector.ts';
import type { Fixed } from '../../src/mpc/circuit/fixed.ts';
import { planCircuit } from '../../src/mpc/circuit/plan-circuit.ts';
import { runDealtCircuit } from '../../src/mpc/circuit/run-dealt.ts';
import type { Party } from '../../src/mpc/engine/party.ts';
import { type Context, open, type Protocol, type Security } from '../../src/mpc/engine/protocol.ts';
import { decodeFixed } from '../../src/mpc/field.ts';
import { encodeFrame, parseFrame } from '../../src/mpc/frame.ts';
import type { Intercept, Transit } from '../../src/mpc/in-process-transport.ts';
import { multiply } from '../../src/mpc/protocols/multiply.ts';
import { runInProcess } from '../../src/mpc/run.ts';
import type { SharingScheme } from '../../src/mpc/sharing.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { deviating } from '../support/adversary.ts';
import { dealtInput } from '../support/dealt.ts';
import { type Outcome, openShares, outcomes, sharesOf } from '../support/parties.ts';

/** Products, a sum of products, a product of matrices, a polynomial, a comparison, a selection and an order statistic, in few rounds. */
const circuit: Circuit<'x' | 'y', 'dot' | 'outer' | 'poly' | 'max' | 'second', 'ordered'> = recordOrdered(
  (alg, { x, y }) => ({
    dot: alg.dot(alg.mul(x, y), y),
    outer: alg.matMul(x, y, 2),
    poly: alg.poly({ coefficients: Float64Array.of(0.5, 0.25, 0.125), domain: [-1, 1], error: 0 }, x),
    max: alg.max(x, y),
    second: alg.kthSmallest(x, 2),
  }),
  { x: { length: 2, bound: 1 }, y: { length: 2, bound: 1 } },
);
const x: Float64Array = Float64Array.of(0.75, -0.5);
const y: Float64Array = Float64Array.of(-0.25, 0.5);
const expected: Record<string, number[]> = {
  dot: [0.75 * 0.0625 - 0.5 * 0.25],
  outer: [0.75 * -0.25, 0.75 * 0.5, -0.5 * -0.25, -0.5 * 0.5],
  poly: [0.5 + 0.25 * 0.75 + 0.125 * (2 * 0.5625 - 1), 0.5 - 0.125 + 0.125 * -0.5],
  max: [0.75, 0.5],
  second: [0.75],
};
const schemes: SharingScheme[] = [
  { parties: 3, threshold: 1 },
  { parties: 4, threshold: 1 },
];

function expectRight(parties: readonly Outcome<Record<string, Fixed>>[], scheme: SharingScheme): void {
  for (const [name, values] of Object.entries(expected)) {
    const shares = parties.map((outcome) => {
      if (outcome.kind === 'failure') throw outcome.error;
      return outcome.value[name]!;
    });
    const opened = openShares(
      shares.map(({ v }) => v),
      scheme,
    );
    decodeFixed(opened, shares[0]!.frac).forEach((value, i) => {
      expect(Math.abs(value - values[i]!)).toBeLessThan(1e-8);
    });
  }
}

describe.each(schemes)('one of $parties parties deviates', (scheme) => {
  test('by a changed share in any round: the others fail, or are right', async () => {
    const plan = await planCircuit(circuit, scheme);
    const { frac } = plan.format;
    const scaled = (v: Float64Array) => fieldVectorOf(Array.from(v, (value) => BigInt(value * 2 ** frac)));
    const dealt = {
      x: dealtInput(circuit.inputs.x, frac, scaled(x), scheme),
      y: dealtInput(circuit.inputs.y, frac, scaled(y), scheme),
    };
    const rounds = plan.rounds - 3;
    const random = new SeededRandom(scheme.parties);
    let failed = 0;
    for (let round = 0; round < rounds; round++) {
      const corrupted = random.integer(1, scheme.parties);
      const by = random.pick([1n, -1n, 2n ** 50n, 1n << 100n]);
      const deviation = { round, element: random.integer(0, 1000), by };
      let deviated = false;
      const { parties } = await outcomes(
        scheme,
        (context, self) =>
          runDealtCircuit(context, circuit, plan.format, { x: dealt.x[self - 1]!, y: dealt.y[self - 1]! }),
        {
          corrupted,
          corrupt: (party) => {
            const host = deviating(party, deviation);
            Object.defineProperty(host, 'done', {
              set: () => {
                deviated = true;
              },
            });
            return host;
          },
        },
      );
      expect(deviated).toBe(true);
      const honest = parties.filter((_, i) => i + 1 !== corrupted);
      if (honest.some(({ kind }) => kind === 'failure')) {
        failed++;
        // All of them: whoever fails tells the others before they send anything to a recipient.
        for (const outcome of honest) {
          expect(outcome.kind).toBe('failure');
          if (outcome.kind === 'failure') expect(outcome.error).toBeInstanceOf(BlindRiskError);
        }
        continue;
      }
      // Only a party that deals nothing can deviate without effect.
      expect(corrupted).toBeGreaterThan(2 * scheme.threshold + 1);
      expectRight(parties, scheme);
    }
    expect(failed).toBeGreaterThan(rounds / 2);
  }, 120_000);
});

describe('frames of a party', () => {
  const options = { parties: 3, threshold: 1 };

  /** Runs the session with one frame of party 2 changed; its error, or what came out. */
  async function runWith(intercept: Intercept): Promise<BlindRiskError | Record<string, Float64Array>> {
    const plan = await planCircuit(circuit, options);
    return runInProcess(plan, { x, y }, { intercept, timeoutMs: 100 }).then(
      ({ outputs }) => outputs,
      (error: unknown) => error as BlindRiskError,
    );
  }

  async function framesOf(party: number): Promise<number> {
    let frames = 0;
    await runWith((transit) => {
      if (transit.from === party) frames++;
      return [transit];
    });
    return frames;
  }

  const flipped = (bytes: Uint8Array, at: number, bit: number): Uint8Array =>
    bytes.with(at, bytes[at]! ^ (1 << bit));
  const edits: Record<
    string,
    (transit: Transit, random: SeededRandom, before: Transit[]) => readonly Transit[]
  > = {
    'a flipped bit': (transit, random) => {
      const at = random.integer(0, transit.bytes.length - 1);
      return [{ ...transit, bytes: flipped(transit.bytes, at, random.integer(0, 7)) }];
    },
    'a changed payload': (transit, random) => {
      const frame = parseFrame(transit.bytes, 2 ** 24);
      const at = random.integer(0, frame.payload.length - 1);
      return [{ ...transit, bytes: encodeFrame({ ...frame, payload: flipped(frame.payload, at, 0) }) }];
    },
    nothing: () => [],
    garbage: (transit) => [{ ...transit, bytes: randomBytes(transit.bytes.length) }],
    'a frame twice': (transit) => [transit, transit],
    'an earlier frame': (transit, random, before) => {
      const old = before.filter(({ to }) => to === transit.to);
      return [old.length === 0 ? { ...transit, bytes: randomBytes(60) } : random.pick(old)];
    },
    'a frame of another session': (transit) => {
      const frame = parseFrame(transit.bytes, 2 ** 24);
      return [{ ...transit, bytes: encodeFrame({ ...frame, session: randomBytes(16) }) }];
    },
  };

  test.each(Object.entries(edits))(
    '%s, at sampled places: abort, never a wrong number',
    async (_, edit) => {
      const total = await framesOf(2);
      const random = new SeededRandom(total);
      const places = new Set([
        0,
        1,
        total - 1,
        ...Array.from({ length: 8 }, () => random.integer(0, total - 1)),
      ]);
      for (const place of places) {
        let seen = 0;
        const before: Transit[] = [];
        const result = await runWith((transit) => {
          if (transit.from !== 2) return [transit];
          const changed = seen++ === place ? edit(transit, random, before) : [transit];
          before.push(transit);
          return changed;
        });
        expect(result).toBeInstanceOf(BlindRiskError);
        expect(['protocol', 'transport']).toContain((result as BlindRiskError).code);
      }
    },
    60_000,
  );

  test('undisturbed, the result is right', async () => {
    const result = (await runWith((transit) => [transit])) as Record<string, Float64Array>;
    for (const [name, values] of Object.entries(expected)) {
      values.forEach((value, i) => {
        expect(Math.abs(result[name]![i]! - value)).toBeLessThan(1e-8);
      });
    }
  });
});

test('among semi-honest parties a wrong product is not noticed: it is verification that notices it', async () => {
  const scheme = { parties: 3, threshold: 1 };
  const a = sharesOf(fieldVectorOf([3n, 5n]), scheme);
  function* product(context: Context, self: number): Protocol<FieldVector> {
    return yield* open(yield* multiply(context, a[self - 1]!, a[self - 1]!));
  }
  const run = async (security: Security) => {
    const deviation = { round: 0, element: 1, by: 1n };
    const corrupt = (party: Party) => deviating(party, deviation);
    const { parties } = await outcomes(scheme, product, { security, corrupted: 3, corrupt });
    return parties;
  };
  for (const outcome of await run('semiHonest')) {
    expect(outcome.kind).toBe('result');
    if (outcome.kind === 'result') expect(bigintsOf(outcome.value)).toEqual([9n, 26n]);
  }
  for (const outcome of (await run('malicious')).slice(0, 2)) {
    expect(outcome).toMatchObject({
      kind: 'failure',
      error: { code: 'protocol', facts: { check: 'product' } },
    });
  }
});
