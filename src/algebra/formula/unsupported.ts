import { UnsupportedError } from '../../base/errors.ts';
import { nearestOf } from '../../base/nearest.ts';
import type { SeriesLibrary } from '../series/library.ts';
import { ALGEBRA_FUNCTIONS, COMPARING } from './functions.ts';

export type CompileOptions = {
  readonly library: SeriesLibrary;
  /** Largest distance of a series from its function. */
  readonly error: number;
  readonly ordered: boolean;
};

/** What to throw for a function that is not there: names the nearest one that is. */
export function unsupported(
  { library, ordered }: CompileOptions,
  name: string,
  position: number,
  of: string,
): UnsupportedError {
  const known = [
    ...Object.keys(ALGEBRA_FUNCTIONS).filter((each) => ordered || !COMPARING.includes(each)),
    ...library.names,
  ];
  const what = name === 'reciprocal' ? 'division by a secret' : `${name} ${of}`;
  const nearest = nearestOf(name, known);
  const hint =
    COMPARING.includes(name) || name === 'comparison'
      ? `it compares: use formulaOrdered, which runs on shares, or a smooth function such as ${nearestOf(name, library.names)}`
      : `nearest: ${nearest}; a series library (option library) brings ${name}`;
  return new UnsupportedError(`character ${position}: ${what} is not supported here; ${hint}`, {
    position,
    refused: name,
  });
}
