/** Other names under which a formula may call a function of the series library. */
export const ALIASES: Readonly<Record<string, string>> = {
  normcdf: 'normalCdf',
  Phi: 'normalCdf',
  normpdf: 'normalPdf',
  phi: 'normalPdf',
  ln: 'log',
  inverse: 'reciprocal',
};

/** Functions that the vocabulary itself has, and how many arguments they take. */
export const ALGEBRA_FUNCTIONS: Readonly<Record<string, number>> = {
  dot: 2,
  matMul: 3,
  sum: 1,
  mean: 1,
  pow: 2,
  max: 2,
  min: 2,
  abs: 1,
  kthSmallest: 2,
  smallest: 2,
  sort: 1,
};

/** Those of them that compare. */
export const COMPARING: readonly string[] = ['max', 'min', 'abs', 'kthSmallest', 'smallest', 'sort'];
