import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BackendError, IntegrityError, RangeError, ShapeError } from '../../../../src/base/errors.ts';
import { SealEvaluationKeys } from '../../../../src/ckks/seal/evaluation-keys.ts';
import { type SealCiphertext, SealSlotEvaluator } from '../../../../src/ckks/seal/slot-evaluator.ts';
import { SlotKeyHolder } from '../../../../src/ckks/seal/slot-secrets.ts';
import type { SealContext, SecretKey } from '../../../../src/ckks/seal.ts';
import type { EvaluationKeyBytes } from '../../../../src/ckks/slots/keys.ts';
import { SeededRandom } from '../../../../src/numeric/seeded.ts';
import { NaiveSeal } from '../../../support/naive-seal.ts';
import { insecureContext, insecureParameters } from '../../../support/seal-contexts.ts';

const SCALE = 2 ** 36;
const ROTATIONS = [1, 5, -3];

describe.each([1024, 2048, 4096, 8192])('slots on node-seal, N = %i', (degree) => {
  const parameters = insecureParameters(degree, [44, 36, 36, 36], 49);
  const slots = degree / 2;
  const spec = { relinearise: true, rotations: ROTATIONS, conjugate: true };
  const random = new SeededRandom(degree);
  const vector = () => Float64Array.from({ length: slots }, () => random.between(-1, 1));
  const [x, y, p] = [vector(), vector(), vector()];
  let context: SealContext;
  let key: SecretKey;
  let holder: SlotKeyHolder;
  let keyBytes: EvaluationKeyBytes;
  let keys: SealEvaluationKeys;
  let ours: SealSlotEvaluator;
  let naive: NaiveSeal;

  beforeAll(async () => {
    context = await insecureContext(parameters);
    key = context.newSecretKey();
    holder = new SlotKeyHolder(context, key);
    keyBytes = holder.evaluationKeys(spec, 'seeded');
    keys = new SealEvaluationKeys(context, spec, keyBytes);
    ours = new SealSlotEvaluator(context, keys);
    naive = await NaiveSeal.create(parameters, keyBytes);
  });

  afterAll(() => {
    expect(ours.liveObjects()).toBe(0);
    for (const resource of [ours, keys, holder, key]) resource[Symbol.dispose]();
    expect(context.liveObjects()).toBe(2);
    context[Symbol.dispose]();
    expect(context.liveObjects()).toBe(0);
  });

  const encrypted = (values: Float64Array, level: number): SealCiphertext => {
    const input = { name: 'v', length: slots, blocks: 1, level, scale: SCALE, padding: 'zero' } as const;
    return ours.load(holder.encryptor.encrypt(input, values)[0]!, 'seeded', level, SCALE);
  };
  /** Our result decrypts to what plain arithmetic says, and its bytes are those of a direct call. */
  const agree = (
    result: SealCiphertext,
    plain: (slot: number) => number,
    direct: Uint8Array,
    tolerance = 2 ** -20,
  ) => {
    using owned = result;
    const bytes = ours.save(owned, owned.scale);
    expect(bytes.length).toBe(direct.length);
    expect(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).equals(direct)).toBe(true);
    const found = holder.decrypt({ bytes, level: owned.level, scale: owned.scale });
    let worst = 0;
    for (let i = 0; i < slots; i++) worst = Math.max(worst, Math.abs(found[i]! - plain(i)));
    expect(worst).toBeLessThan(tolerance);
  };

  describe.each([3, 2, 1])('level %i', (level) => {
    it('adds, subtracts, negates', () => {
      using a = encrypted(x, level);
      using b = encrypted(y, level);
      const [na, nb] = [naive.load(ours.save(a, SCALE)), naive.load(ours.save(b, SCALE))];
      agree(
        ours.add(a, b),
        (i) => x[i]! + y[i]!,
        naive.run((e, out) => e.add(na, nb, out)),
      );
      agree(
        ours.sub(a, b),
        (i) => x[i]! - y[i]!,
        naive.run((e, out) => e.sub(na, nb, out)),
      );
      agree(
        ours.negate(a),
        (i) => -x[i]!,
        naive.run((e, out) => e.negate(na, out)),
      );
    });

    it('works with public vectors and numbers', () => {
      using a = encrypted(x, level);
      const na = naive.load(ours.save(a, SCALE));
      const full = (value: number) => new Float64Array(slots).fill(value);
      for (const [values, at] of [
        [p, (i: number) => p[i]!],
        [-0.37, () => -0.37],
        [0, () => 0],
      ] as const) {
        using encoded = ours.encode({ values, level, scale: SCALE });
        const nv = naive.encodeLike(na, typeof values === 'number' ? full(values) : values, SCALE);
        agree(
          ours.addPlain(a, encoded),
          (i) => x[i]! + at(i),
          naive.run((e, out) => e.addPlain(na, nv, out)),
        );
        agree(
          ours.subPlain(a, encoded),
          (i) => x[i]! - at(i),
          naive.run((e, out) => e.subPlain(na, nv, out)),
        );
        agree(
          ours.mulPlain(a, encoded),
          (i) => x[i]! * at(i),
          naive.run((e, out) => e.multiplyPlain(na, nv, out)),
        );
      }
    });

    it('multiplies, squares, relinearises and rescales', () => {
      using a = encrypted(x, level);
      using b = encrypted(y, level);
      const [na, nb] = [naive.load(ours.save(a, SCALE)), naive.load(ours.save(b, SCALE))];
      const product = naive.run((e, out) => e.multiply(na, nb, out));
      agree(ours.multiply(a, b), (i) => x[i]! * y[i]!, product);
      agree(
        ours.square(a),
        (i) => x[i]! ** 2,
        naive.run((e, out) => e.square(na, out)),
      );
      using three = ours.multiply(a, b);
      const relinearised = naive.run((e, out) => e.relinearize(naive.load(product), naive.relinKeys, out));
      agree(ours.relinearise(three), (i) => x[i]! * y[i]!, relinearised);
      const rescaled = naive.run((e, out) => e.rescaleToNext(naive.load(product), out));
      // Rounding the third component costs s^2 times half a unit: far more than after relinearisation.
      agree(ours.rescale(three), (i) => x[i]! * y[i]!, rescaled, 2 ** -13);
      using two = ours.relinearise(three);
      const after = naive.run((e, out) => e.rescaleToNext(naive.load(relinearised), out));
      agree(ours.rescale(two), (i) => x[i]! * y[i]!, after);
    });

    it('sums products lazily, and ciphertexts of two and three components', () => {
      using a = encrypted(x, level);
      using b = encrypted(y, level);
      const [na, nb] = [naive.load(ours.save(a, SCALE)), naive.load(ours.save(b, SCALE))];
      const sum = naive.run((e, out) => {
        e.multiply(na, nb, out);
        const second = new naive.module.Ciphertext();
        e.square(nb, second);
        e.addInplace(out, second);
      });
      agree(ours.innerProduct([a, b], [b, b]), (i) => x[i]! * y[i]! + y[i]! ** 2, sum);
      using encoded = ours.encode({ values: p, level, scale: SCALE });
      using one = ours.encode({ values: 1, level, scale: SCALE });
      const np = naive.encodeLike(na, p, SCALE);
      const weighted = naive.run((e, out) => {
        e.multiplyPlain(na, np, out);
        const second = new naive.module.Ciphertext();
        e.multiplyPlain(nb, naive.encodeLike(nb, new Float64Array(slots).fill(1), SCALE), second);
        e.addInplace(out, second);
      });
      agree(ours.innerProductPlain([a, b], [encoded, one]), (i) => x[i]! * p[i]! + y[i]!, weighted);
      using three = ours.multiply(a, b);
      using two = ours.mulPlain(a, one);
      const [n3, n2] = [naive.load(ours.save(three, SCALE ** 2)), naive.load(ours.save(two, SCALE ** 2))];
      agree(
        ours.add(three, two),
        (i) => x[i]! * y[i]! + x[i]!,
        naive.run((e, out) => e.add(n3, n2, out)),
      );
      agree(
        ours.sub(two, three),
        (i) => x[i]! - x[i]! * y[i]!,
        naive.run((e, out) => e.sub(n2, n3, out)),
      );
    });

    it('rotates by exactly the keys it has, conjugates, drops levels', () => {
      using a = encrypted(x, level);
      const na = naive.load(ours.save(a, SCALE));
      ours.rotate(a, ROTATIONS).forEach((rotated, r) => {
        const step = ROTATIONS[r]!;
        agree(
          rotated,
          (i) => x[(i + step + slots) % slots]!,
          naive.run((e, out) => e.rotateVector(na, step, naive.galoisKeys, out)),
        );
      });
      agree(
        ours.conjugate(a),
        (i) => x[i]!,
        naive.run((e, out) => e.complexConjugate(na, naive.galoisKeys, out)),
      );
      const [same, whole] = ours.rotate(a, [0, slots]);
      for (const unmoved of [same!, whole!]) agree(unmoved, (i) => x[i]!, ours.save(a, SCALE));
      // SEAL would compose 6 = 5 + 1.
      expect(() => ours.rotate(a, [1, 6])).toThrow(BackendError);
      agree(ours.dropLevels(a, level), (i) => x[i]!, ours.save(a, SCALE));
      using lowest = ours.dropLevels(a, 0);
      const direct = naive.run((e, out) => {
        e.cipherModSwitchTo(na, naive.context.lastParmsId(), out);
      });
      agree(ours.dropLevels(lowest, 0), (i) => x[i]!, direct);
    });

    it('takes scales that differ by rounding, and no others', () => {
      using a = encrypted(x, level);
      using b = encrypted(y, level);
      b.handle.setScale(SCALE * (1 + 2 ** -50));
      using sum = ours.add(a, b);
      expect(sum.scale).toBe(SCALE);
      expect(b.scale).toBe(SCALE * (1 + 2 ** -50));
      b.handle.setScale(SCALE * (1 + 2e-9));
      expect(() => ours.add(a, b)).toThrow(/expected an operand of scale/);
      expect(() => ours.save(b, SCALE)).toThrow(BackendError);
    });
  });

  it('saves and loads at any level, of two and three components, and refuses every other shape', () => {
    using a = encrypted(x, 3);
    using three = ours.square(a);
    for (const [ciphertext, level, scale] of [
      [a, 3, SCALE],
      [three, 3, SCALE ** 2],
    ] as const) {
      const bytes = ours.save(ciphertext, scale);
      using back = ours.load(bytes, 'full', level, scale);
      expect(Buffer.from(ours.save(back, scale)).equals(bytes)).toBe(true);
      for (const load of [
        () => ours.load(bytes, 'full', level - 1, scale),
        () => ours.load(bytes, 'full', level, scale * (1 + 2 ** -40)),
        () => ours.load(bytes, 'seeded', level, scale),
        () => ours.load(bytes.subarray(0, bytes.length - 8), 'full', level, scale),
        () => ours.load(new Uint8Array(), 'full', level, scale),
      ])
        expect(load).toThrow(IntegrityError);
      expect(() => ours.load(bytes, 'full', 9, scale)).toThrow(BackendError);
    }
  });

  it('refuses what SEAL would encode without a word', () => {
    const encode = (values: Float64Array | number) => () => ours.encode({ values, level: 1, scale: SCALE });
    expect(encode(Float64Array.of(1, Number.NaN))).toThrow(RangeError);
    expect(encode(Number.POSITIVE_INFINITY)).toThrow(RangeError);
    expect(encode(new Float64Array(slots + 1))).toThrow(ShapeError);
  });

  it('refuses keys that are not exactly those of the program', () => {
    const wrong: EvaluationKeyBytes[] = [
      { ...keyBytes, galois: undefined },
      { ...keyBytes, form: 'full' },
      { ...keyBytes, galois: keyBytes.relinearisation },
      { ...keyBytes, relinearisation: keyBytes.relinearisation!.subarray(1) },
      holder.evaluationKeys({ ...spec, rotations: [1, 5] }, 'seeded'),
      holder.evaluationKeys({ ...spec, rotations: [1, 5, 4] }, 'seeded'),
    ];
    for (const bytes of wrong)
      expect(() => new SealEvaluationKeys(context, spec, bytes)).toThrow(IntegrityError);
    using keyless = new SealSlotEvaluator(context);
    using a = encrypted(x, 2);
    using three = keyless.square(a);
    expect(() => keyless.relinearise(three)).toThrow(/no relinearisation key/);
  });
});
