import initialize from 'node-seal/allows';
import type { Matrix } from '../../src/numeric/matrix.ts';

/** Slots of N = 8192 hold two rows of 2000 coordinates, padded to 2048. */
const DEGREE = 8192;
const WIDTH = 2048;

export type SlotInnerProducts = {
  /** Evaluates rows r and r + 1; how long products and rotations took, and the decrypted results. */
  pair(r: number): { readonly ms: number; readonly results: readonly [number, number] };
};

/**
 * The obvious way to multiply a public matrix by an encrypted vector with node-seal: the vector in slots, two scenarios a
 * ciphertext, one plaintext product, and log2(2048) rotations and additions to sum the slots.
 */
export async function slotInnerProducts(matrix: Matrix, x: Float64Array): Promise<SlotInnerProducts> {
  const seal = await initialize();
  const parms = new seal.EncryptionParameters(seal.SchemeType.ckks);
  parms.setPolyModulusDegree(DEGREE);
  parms.setCoeffModulus(seal.CoeffModulus.Create(DEGREE, Int32Array.of(56, 50, 60)));
  const context = new seal.SEALContext(parms, true, seal.SecLevelType.tc128);
  const keys = new seal.KeyGenerator(context);
  const secretKey = keys.secretKey();
  const steps = Array.from({ length: Math.log2(WIDTH) }, (_, i) => 2 ** i);
  const galois = keys.createGaloisKeysWithSteps(Int32Array.from(steps));
  const encryptor = new seal.Encryptor(context, keys.createPublicKey());
  const decryptor = new seal.Decryptor(context, secretKey);
  const encoder = new seal.CKKSEncoder(context);
  const evaluator = new seal.Evaluator(context);
  const encode = (low: Float64Array, high: Float64Array, scale: number) => {
    const slots = new Float64Array(2 * WIDTH);
    slots.set(low);
    slots.set(high, WIDTH);
    const plaintext = new seal.Plaintext();
    encoder.encode(slots, scale, plaintext);
    return plaintext;
  };
  const row = (r: number) => matrix.data.subarray(r * matrix.cols, (r + 1) * matrix.cols);
  const vector = new seal.Ciphertext();
  encryptor.encrypt(encode(x, x, 2 ** 54), vector);

  return {
    pair(r) {
      const plaintext = encode(row(r), row(r + 1), 2 ** 50);
      const started = performance.now();
      const total = new seal.Ciphertext();
      const rotated = new seal.Ciphertext();
      evaluator.multiplyPlain(vector, plaintext, total);
      for (const step of steps) {
        evaluator.rotateVector(total, step, galois, rotated);
        evaluator.addInplace(total, rotated);
      }
      const ms = performance.now() - started;
      const result = new seal.Plaintext();
      decryptor.decrypt(total, result);
      const slots = encoder.decodeFloat64(result) as Float64Array;
      for (const object of [plaintext, total, rotated, result]) object.delete();
      return { ms, results: [slots[0]!, slots[WIDTH]!] };
    },
  };
}
