import initialize from 'node-seal/allows';
import type { ChebyshevSeries } from '../../src/algebra/arithmetic.ts';

/** Depth of all powers up to 31 is 5, coefficients take one level more. The usual 60-bit ends and 40-bit scale. */
const DEGREE = 16384;
const LEVELS = 6;
const SCALE = 2 ** 40;

export type NaiveSeries = {
  /** One evaluation: how long it took, how often it relinearised, and the decrypted results. */
  run(): { readonly ms: number; readonly relinearisations: number; readonly results: Float64Array };
};

/**
 * The obvious way to evaluate an odd polynomial with node-seal: powers of t = x / limit, relinearised and rescaled after
 * every product, coefficients encoded at every call, multiplied one by one, scales set to be equal, summed.
 * @param series odd but for its constant, of degree below 32, on [-limit, limit].
 */
export async function naiveSeries(series: ChebyshevSeries, x: Float64Array): Promise<NaiveSeries> {
  const seal = await initialize();
  const parms = new seal.EncryptionParameters(seal.SchemeType.ckks);
  parms.setPolyModulusDegree(DEGREE);
  const bits = Int32Array.of(60, ...new Array<number>(LEVELS).fill(40), 60);
  parms.setCoeffModulus(seal.CoeffModulus.Create(DEGREE, bits));
  const context = new seal.SEALContext(parms, true, seal.SecLevelType.tc128);
  const generator = new seal.KeyGenerator(context);
  const relinKeys = generator.createRelinKeys();
  const encryptor = new seal.Encryptor(context, generator.createPublicKey());
  const decryptor = new seal.Decryptor(context, generator.secretKey());
  const encoder = new seal.CKKSEncoder(context);
  const evaluator = new seal.Evaluator(context);
  const coefficients = monomials(series.coefficients);
  const limit = series.domain[1];
  const encoded = new seal.Plaintext();
  encoder.encode(
    x.map((value) => value / limit),
    SCALE,
    encoded,
  );
  const input = new seal.Ciphertext();
  encryptor.encrypt(encoded, input);
  type Ciphertext = typeof input;

  return {
    run() {
      const made: { delete(): void }[] = [];
      const fresh = (): Ciphertext => {
        const ciphertext = new seal.Ciphertext();
        made.push(ciphertext);
        return ciphertext;
      };
      let relinearisations = 0;
      const atLevelOf = (from: Ciphertext, like: Ciphertext): Ciphertext => {
        const copy = fresh();
        evaluator.cipherModSwitchTo(from, like.parmsId(), copy);
        copy.setScale(like.scale());
        return copy;
      };
      const product = (a: Ciphertext, b: Ciphertext): Ciphertext => {
        const out = fresh();
        const [high, low] = a.coeffModulusSize() >= b.coeffModulusSize() ? [a, b] : [b, a];
        evaluator.multiply(atLevelOf(high, low), low, out);
        evaluator.relinearizeInplace(out, relinKeys);
        relinearisations++;
        evaluator.rescaleToNextInplace(out);
        out.setScale(SCALE);
        return out;
      };
      const started = performance.now();
      const powers: Ciphertext[] = [];
      powers[1] = input;
      for (let k = 2; k < coefficients.length; k *= 2) powers[k] = product(powers[k / 2]!, powers[k / 2]!);
      const power = (k: number): Ciphertext => {
        const half = 2 ** Math.floor(Math.log2(k));
        powers[k] ??= product(powers[half]!, power(k - half));
        return powers[k]!;
      };
      const total = fresh();
      const constant = (value: number, like: Ciphertext) => {
        const plaintext = new seal.Plaintext();
        made.push(plaintext);
        encoder.encode(new Float64Array(DEGREE / 2).fill(value), SCALE, plaintext);
        evaluator.plainModSwitchToInplace(plaintext, like.parmsId());
        return plaintext;
      };
      let isFirst = true;
      for (let k = coefficients.length - 1; k > 0; k--) {
        if (coefficients[k] === 0) continue;
        const term = fresh();
        evaluator.multiplyPlain(power(k), constant(coefficients[k]!, power(k)), term);
        evaluator.rescaleToNextInplace(term);
        term.setScale(SCALE);
        if (isFirst) total.assign(term);
        else evaluator.addInplace(total, atLevelOf(term, total));
        isFirst = false;
      }
      evaluator.addPlainInplace(total, constant(coefficients[0]!, total));
      const ms = performance.now() - started;
      const plaintext = new seal.Plaintext();
      decryptor.decrypt(total, plaintext);
      const results = encoder.decodeFloat64(plaintext) as Float64Array;
      for (const object of [...made, plaintext]) object.delete();
      return { ms, relinearisations, results };
    },
  };
}

/** sum c_k T_k(t) as a polynomial in powers of t. */
function monomials(chebyshev: ArrayLike<number>): number[] {
  const n = chebyshev.length;
  const out = new Array<number>(n).fill(0);
  let [previous, current] = [[1], [0, 1]];
  for (let k = 0; k < n; k++) {
    previous.forEach((value, i) => {
      out[i]! += chebyshev[k]! * value;
    });
    const next = [0, ...current.map((value) => 2 * value)];
    previous.forEach((value, i) => {
      next[i]! -= value;
    });
    [previous, current] = [current, next];
  }
  // What cancels to nothing is nothing.
  return out.map((value) => (Math.abs(value) < 1e-9 ? 0 : value));
}
