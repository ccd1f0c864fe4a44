/** The part of QuantLib that is timed: the declarations of the package do not compile under strict checks. */
export type QuantLib = {
  readonly BlackCalculator: new () => BlackCalculator;
  readonly Option: { readonly Type: { readonly Call: number; readonly Put: number } };
  /** The standard deviation vol sqrt(t); throws where it does not converge. */
  readonly blackFormulaImpliedStdDev1: (
    type: number,
    strike: number,
    forward: number,
    price: number,
    discount: number,
    displacement: number,
    guess: number | undefined,
    accuracy: number,
    maxIterations: number,
  ) => number;
  readonly bachelierBlackFormulaImpliedVol: (
    type: number,
    strike: number,
    forward: number,
    years: number,
    price: number,
    discount: number,
  ) => number;
};

type BlackCalculator = {
  init2(type: number, strike: number, forward: number, deviation: number, discount: number): BlackCalculator;
  value(): number;
  delta(spot: number): number;
  gamma(spot: number): number;
  vega(maturity: number): number;
  theta(spot: number, maturity: number): number;
  rho(maturity: number): number;
};

const QUANTLIB: string = '@quantlib/ql';

/** @throws Error where the package is not installed. */
export async function loadQuantLib(): Promise<QuantLib> {
  return (await import(QUANTLIB)) as QuantLib;
}
