import { beforeAll, describe, expect, it } from 'vitest';
import {
  BackendError,
  IntegrityError,
  ParametersError,
  RangeError,
  ShapeError,
} from '../../../src/base/errors.ts';
import { KernelEvaluator } from '../../../src/ckks/kernel/evaluator.ts';
import type { KernelCiphertext } from '../../../src/ckks/kernel/kernel-ciphertext.ts';
import { Ring } from '../../../src/ckks/kernel/ring.ts';
import { SealOracle } from '../../support/seal-oracle.ts';

const DEGREE = 1024;
const SCALE = 2 ** 20;
const RELINEARISE = { relinearise: true, rotations: [], conjugate: false };
const ROTATE = { relinearise: false, rotations: [1], conjugate: false };

describe('a kernel evaluator', () => {
  let oracle: SealOracle;
  let kernels: KernelEvaluator;
  let relinearisation: Uint8Array;
  let rotations: Uint8Array;
  let full: Uint8Array;
  let seeded: Uint8Array;
  const fresh = (): KernelCiphertext => kernels.load(full, 'full', 1, SCALE);

  beforeAll(async () => {
    oracle = await SealOracle.open(DEGREE, [30, 30, 31]);
    kernels = new KernelEvaluator({ degree: DEGREE, primes: oracle.primes });
    relinearisation = oracle.bytes(oracle.relinearisation);
    rotations = oracle.bytes(oracle.rotationKeys([1]));
    full = oracle.bytes(oracle.encrypt(Float64Array.of(1, 2, 3), SCALE));
    seeded = oracle.encryptSeeded(Float64Array.of(1, 2, 3), SCALE);
  });

  it('refuses primes that its kernels cannot do', () => {
    for (const primes of [[2 ** 50 - 27], [97, 193], [], [oracle.primes[0]!, oracle.primes[0]!]]) {
      expect(() => new KernelEvaluator({ degree: DEGREE, primes }), `${primes}`).toThrow(ParametersError);
    }
    const composite = 2 * DEGREE * 2049 + 1;
    expect(() => new Ring(DEGREE, [composite])).toThrow(ParametersError);
    for (const degree of [0, 16, 1000, 65536, Number.NaN]) {
      expect(() => new Ring(degree, oracle.primes), `${degree}`).toThrow(ParametersError);
    }
  });

  it.each(['full', 'seeded'] as const)('refuses every change of a header field, %s', (form) => {
    const bytes = form === 'full' ? full : seeded;
    kernels.load(bytes, form, 1, SCALE)[Symbol.dispose]();
    const tail = form === 'seeded' ? Array.from({ length: 17 }, (_, i) => bytes.length - 81 + i) : [];
    for (const offset of [...Array.from({ length: 113 }, (_, i) => i), ...tail]) {
      const changed = bytes.slice();
      changed[offset]! ^= 1;
      expect(() => kernels.load(changed, form, 1, SCALE), `${offset}`).toThrow(IntegrityError);
    }
    const live = kernels.liveObjects();
    const used = kernels.ring.pool.used;
    for (const wrong of [
      bytes.subarray(1),
      bytes.subarray(0, -1),
      new Uint8Array(0),
      bytes.subarray(0, 50),
    ]) {
      expect(() => kernels.load(wrong, form, 1, SCALE)).toThrow(IntegrityError);
    }
    const large = bytes.slice();
    new DataView(large.buffer).setBigUint64(113 + 8 * 77, BigInt(oracle.primes[0]!), true);
    expect(() => kernels.load(large, form, 1, SCALE)).toThrow(/damaged/);
    expect(() => kernels.load(bytes, form, 0, SCALE)).toThrow(IntegrityError);
    expect(() => kernels.load(bytes, form, 1, 2 * SCALE)).toThrow(IntegrityError);
    expect(() => kernels.load(bytes, form, 2, SCALE)).toThrow(ShapeError);
    expect(kernels.liveObjects()).toBe(live);
    expect(kernels.ring.pool.used).toBe(used);
  });

  it('refuses damaged and foreign keys, and keeps nothing of them', () => {
    const used = kernels.ring.pool.used;
    const relin = (bytes: Uint8Array | undefined, form: 'full' | 'seeded' = 'full') =>
      kernels.importKeys(RELINEARISE, { form, relinearisation: bytes });
    const rotate = (bytes: Uint8Array | undefined, form: 'full' | 'seeded' = 'full') =>
      kernels.importKeys(ROTATE, { form, galois: bytes });
    const foreign = [
      relinearisation.subarray(0, -8),
      relinearisation.subarray(0, 60),
      new Uint8Array(3),
      full,
      undefined,
    ];
    for (const bytes of foreign) {
      expect(() => relin(bytes)).toThrow(IntegrityError);
      expect(() => rotate(bytes)).toThrow(IntegrityError);
    }
    expect(() => relin(rotations)).toThrow(IntegrityError);
    expect(() => relin(relinearisation, 'seeded')).toThrow(IntegrityError);
    expect(() =>
      kernels.importKeys({ ...ROTATE, rotations: [1, 2] }, { form: 'full', galois: rotations }),
    ).toThrow(IntegrityError);
    for (const offset of [0, 3, 8, 20, 48, 56, 64, 64 + 16, 64 + 49, 64 + 73]) {
      const changed = relinearisation.slice();
      changed[offset]! ^= 1;
      expect(() => relin(changed), `${offset}`).toThrow(IntegrityError);
    }
    const large = relinearisation.slice();
    large.fill(255, large.length - 8);
    expect(() => relin(large)).toThrow(/damaged/);
    const largeRotation = rotations.slice();
    largeRotation.fill(255, 56 + 8 * 2 + 113, 56 + 8 * 2 + 121);
    expect(() => rotate(largeRotation)).toThrow(/damaged/);
    expect(kernels.ring.pool.used).toBe(used);
  });

  it('says which key is missing', () => {
    const a = fresh();
    expect(() => kernels.relinearise(kernels.square(a))).toThrow(BackendError);
    expect(() => kernels.rotate(a, [1])).toThrow(/Galois key of element 3/);
    expect(() => kernels.conjugate(a)).toThrow(BackendError);
  });

  it('reads seeded keys as SEAL expands them', () => {
    const bytes = oracle.bytes(oracle.generator.createRelinKeysSerializable());
    const rotationBytes = oracle.bytes(
      oracle.generator.createGaloisKeysSerializableWithSteps(Int32Array.of(1)),
    );
    kernels.importKeys(
      { ...ROTATE, relinearise: true },
      { form: 'seeded', relinearisation: bytes, galois: rotationBytes },
    );
    using product = kernels.square(fresh());
    using relinearised = kernels.relinearise(product);
    const slots = oracle.decrypt(oracle.load(kernels.save(relinearised, SCALE * SCALE)));
    [1, 4, 9, 0].forEach((value, i) => {
      expect(slots[i]).toBeCloseTo(value, 1);
    });
    using rotated = kernels.rotate(fresh(), [1])[0]!;
    expect(oracle.decrypt(oracle.load(kernels.save(rotated, SCALE)))[0]).toBeCloseTo(2, 1);
  });

  it('refuses operands that do not belong together, and disposed ones', () => {
    const a = fresh();
    const low = kernels.dropLevels(a, 0);
    const product = kernels.square(a);
    const plain = kernels.encode({ values: 2, level: 1, scale: SCALE });
    const lowPlain = kernels.encode({ values: Float64Array.of(2), level: 0, scale: SCALE });
    const bad: (() => unknown)[] = [
      () => kernels.add(a, low),
      () => kernels.multiply(a, low),
      () => kernels.multiply(a, product),
      () => kernels.square(product),
      () => kernels.rotate(product, [1]),
      () => kernels.mulPlain(a, lowPlain),
      () => kernels.addPlain(low, plain),
      () => kernels.innerProductPlain([a, low], [plain, plain]),
      () => kernels.innerProductPlain([a, product], [plain, plain]),
      () => kernels.innerProductPlain([a], []),
      () => kernels.innerProductPlain([], []),
      () => kernels.innerProduct([a], [low]),
      () => kernels.innerProduct([], []),
      () => kernels.relinearise(a),
      () => kernels.rescale(low),
      () => kernels.dropLevels(low, 1),
      () => kernels.dropLevels(a, -1),
      () => kernels.dropLevels(a, Number.NaN),
      () => kernels.encode({ values: 1, level: 2, scale: SCALE }),
    ];
    const used = kernels.ring.pool.used;
    for (const action of bad) expect(action).toThrow(ShapeError);
    for (const values of [
      Float64Array.of(Number.NaN),
      Float64Array.of(1, Infinity),
      Number.NaN,
      Infinity,
      new Float64Array(DEGREE),
    ]) {
      expect(() => kernels.encode({ values, level: 1, scale: SCALE })).toThrow(RangeError);
    }
    expect(() => kernels.encode({ values: Float64Array.of(1), level: 1, scale: 2 ** 101 })).toThrow(
      RangeError,
    );
    expect(kernels.ring.pool.used).toBe(used);
    a[Symbol.dispose]();
    for (const action of [() => kernels.negate(a), () => kernels.add(a, a), () => kernels.save(a, 1)]) {
      expect(action).toThrow(BackendError);
    }
    plain[Symbol.dispose]();
    expect(() => kernels.mulPlain(fresh(), plain)).toThrow(BackendError);
  });

  it('gives back every page, and says when memory is used up', () => {
    const bytes = 2 ** 21;
    const small = new KernelEvaluator({ degree: DEGREE, primes: oracle.primes }, { maxBytes: bytes });
    const both = { ...ROTATE, relinearise: true };
    small.importKeys(both, { form: 'full', relinearisation, galois: rotations });
    const used = small.ring.pool.used;
    for (let i = 0; i < 200; i++) {
      using a = small.load(full, 'full', 1, SCALE);
      using product = small.multiply(a, a);
      using relinearised = small.relinearise(product);
      using rescaled = small.rescale(relinearised);
      using sum = small.add(rescaled, rescaled);
      for (const rotated of small.rotate(a, [1, 0, 1])) rotated[Symbol.dispose]();
      expect(sum.level).toBe(0);
    }
    expect(small.liveObjects()).toBe(0);
    expect(small.ring.pool.used).toBe(used);
    const held: KernelCiphertext[] = [];
    expect(() => {
      for (;;) held.push(small.load(full, 'full', 1, SCALE));
    }).toThrow(/memory limit of 2097152 bytes/);
    expect(() => small.rotate(held[0]!, [1, 1])).toThrow(BackendError);
    const full_ = small.ring.pool.used;
    for (const ciphertext of held) ciphertext[Symbol.dispose]();
    expect(small.ring.pool.used).toBe(used);
    expect(full_).toBeGreaterThan(used);
    expect(small.ring.kernels.memory.buffer.byteLength).toBeLessThanOrEqual(bytes);
    expect(small.rotate(small.load(full, 'full', 1, SCALE), [1])).toHaveLength(1);
    const steps = Array.from({ length: 64 }, (_, i) => i + 1);
    const many = oracle.bytes(oracle.rotationKeys(steps));
    expect(() => small.importKeys({ ...ROTATE, rotations: steps }, { form: 'full', galois: many })).toThrow(
      BackendError,
    );
  });
});
