import { leastSquares } from '../../src/numeric/least-squares.ts';
import { brownianPaths, type PublicSampling } from '../../src/risk/pricing/public-paths.ts';

export type TextbookAmerican = {
  readonly type: 'call' | 'put';
  readonly spot: number;
  readonly strike: number;
  readonly vol: number;
  readonly rate: number;
  readonly dividendYield: number;
  readonly expiryYears: number;
  readonly functions: number;
  readonly sampling: PublicSampling;
};

/**
 * Longstaff and Schwartz as the paper has it, path by path and in spots: cash flows discounted from date to date, a regression by Householder reflections on powers of the log spot over
 * the paths in the money, ten of which carry a function.
 */
export function textbookLongstaffSchwartz(of: TextbookAmerican): { price: number; standardError: number } {
  const { type, strike, vol, rate, dividendYield, expiryYears, functions } = of;
  const { paths: n, fractions } = of.sampling;
  const { data } = brownianPaths(of.sampling)[0]!;
  const spotAt = (date: number, path: number): number => {
    const t = fractions[date]! * expiryYears;
    const w = data[date * n + path]! * Math.sqrt(expiryYears);
    return of.spot * Math.exp((rate - dividendYield - vol ** 2 / 2) * t + vol * w);
  };
  const sign = type === 'call' ? 1 : -1;
  const payoff = (spot: number): number => Math.max(0, sign * (spot - strike));
  const last = fractions.length - 1;
  let flows = Float64Array.from({ length: n }, (_, path) => payoff(spotAt(last, path)));
  for (let date = last - 1; date >= 0; date--) {
    const discount = Math.exp(-rate * (fractions[date + 1]! - fractions[date]!) * expiryYears);
    flows = flows.map((flow) => discount * flow);
    const inside = Array.from({ length: n }, (_, path) => path).filter(
      (path) => payoff(spotAt(date, path)) > 0,
    );
    if (inside.length === 0) continue;
    const used = Math.max(1, Math.min(functions, Math.floor(inside.length / 10)));
    const columns = Array.from({ length: used }, (_, power) =>
      Float64Array.from(inside, (path) => Math.log(spotAt(date, path) / strike) ** power),
    );
    const found = leastSquares(
      columns,
      Float64Array.from(inside, (path) => flows[path]!),
    );
    inside.forEach((path, i) => {
      const holding = columns.reduce((sum, column, power) => sum + found[power]! * column[i]!, 0);
      const now = payoff(spotAt(date, path));
      if (now > holding) flows[path] = now;
    });
  }
  const first = Math.exp(-rate * fractions[0]! * expiryYears);
  const values = flows.map((flow) => first * flow);
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const now = payoff(of.spot);
  return now > mean
    ? { price: now, standardError: 0 }
    : { price: mean, standardError: Math.sqrt(square / n) };
}
