import type { OptionQuotes } from '../../src/pricing/implied-vol/quotes.ts';
import { readVectors, type VectorFile } from './vectors.ts';

/** The quotes of a vector file with the columns type, forward, strike, t, r, price. */
export function readQuotes(name: string): { file: VectorFile; quotes: OptionQuotes } {
  const file = readVectors(name);
  return {
    file,
    quotes: {
      sign: Float64Array.from(file.text('type'), (type) => (type === 'call' ? 1 : -1)),
      forward: file.numbers('forward'),
      strike: file.numbers('strike'),
      expiryYears: file.numbers('t'),
      rate: file.numbers('r'),
      price: file.numbers('price'),
    },
  };
}

/** Terms of one quote; absent ones are a call at 100 on a forward of 100, one year, no interest, price 10. */
export type QuoteTerms = {
  sign?: number;
  forward?: number;
  strike?: number;
  t?: number;
  r?: number;
  price?: number;
};

/** A batch from a list of terms. */
export function quotesOf(...quotes: readonly QuoteTerms[]): OptionQuotes {
  const column = (of: (quote: QuoteTerms) => number): Float64Array => Float64Array.from(quotes, of);
  return {
    sign: column(({ sign = 1 }) => sign),
    forward: column(({ forward = 100 }) => forward),
    strike: column(({ strike = 100 }) => strike),
    expiryYears: column(({ t = 1 }) => t),
    rate: column(({ r = 0 }) => r),
    price: column(({ price = 10 }) => price),
  };
}
