import { SeededRandom } from '../../src/numeric/seeded.ts';

/**
 * An arithmetic Asian call by the loop that textbooks print: a path after the other, a step after the other,
 * Box-Muller and Math.exp.
 * @returns price and standard error.
 */
export function scalarAsianCall(
  {
    spot,
    strike,
    vol,
    rate,
    dividendYield,
  }: Readonly<Record<'spot' | 'strike' | 'vol' | 'rate' | 'dividendYield', number>>,
  times: readonly number[],
  paths: number,
  seed: number,
): { price: number; standardError: number } {
  const random = new SeededRandom(seed);
  const discount = Math.exp(-rate * times[times.length - 1]!);
  let sum = 0;
  let squares = 0;
  for (let p = 0; p < paths; p++) {
    let s = spot;
    let t = 0;
    let average = 0;
    for (const time of times) {
      const dt = time - t;
      s *= Math.exp((rate - dividendYield - 0.5 * vol * vol) * dt + vol * Math.sqrt(dt) * random.normal());
      average += s;
      t = time;
    }
    const value = discount * Math.max(average / times.length - strike, 0);
    sum += value;
    squares += value * value;
  }
  const price = sum / paths;
  return { price, standardError: Math.sqrt((squares / paths - price * price) / paths) };
}
