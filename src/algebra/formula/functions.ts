import { normalCdf, normalPdf } from '../../numeric/normal.ts';
import type { ChebyshevSeries } from '../arithmetic.ts';

/** Functions of which certified series can be had, by name. */
export type SeriesLibrary = {
  readonly names: readonly string[];
  /** A series within `error` of the function on the domain. */
  readonly seriesFor: (
    name: string,
    domain: readonly [low: number, high: number],
    error: number,
  ) => ChebyshevSeries;
};

/** Other names under which a formula may call a function. */
export const ALIASES: Readonly<Record<string, string>> = {
  normcdf: 'normalCdf',
  Phi: 'normalCdf',
  normpdf: 'normalPdf',
  phi: 'normalPdf',
  ln: 'log',
  inverse: 'reciprocal',
};

/** Functions of a public number. */
export const PLAIN_FUNCTIONS: Readonly<Record<string, (x: number) => number>> = {
  normalCdf,
  normalPdf,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  reciprocal: (x) => 1 / x,
  reciprocalSqrt: (x) => 1 / Math.sqrt(x),
  tanh: Math.tanh,
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  abs: Math.abs,
  positivePart: (x) => Math.max(x, 0),
};

/** Where a function is defined: above this, or everywhere. 1/x has two branches and takes either. */
export const DEFINED_ABOVE: Readonly<Record<string, number>> = { log: 0, sqrt: 0, reciprocalSqrt: 0 };

/** Functions that the vocabulary itself has, and how many arguments they take. */
export const ALGEBRA_FUNCTIONS: Readonly<Record<string, number>> = {
  dot: 2,
  sum: 1,
  mean: 1,
  pow: 2,
  max: 2,
  min: 2,
  abs: 1,
  kthSmallest: 2,
};

/** Those of them that compare. */
export const COMPARING: readonly string[] = ['max', 'min', 'abs', 'kthSmallest'];
