import { describe, expect, it } from 'vitest';
import { seriesFor } from '../../src/algebra/series/library.ts';
import { bigError } from '../support/big-functions.ts';
import { SERIES_CASES, tellingPoints } from '../support/series-cases.ts';

describe('certified series against 64 digits', () => {
  it.each(SERIES_CASES)('%s on [%s] within %f', (name, domain, error) => {
    const series = seriesFor(name, domain, error);
    let worst = 0;
    for (const x of tellingPoints(name, series, 300, 1700)) {
      const found = bigError(series, name, x);
      if (!(found <= series.error)) expect.fail(`off by ${found} at ${x}, proved ${series.error}`);
      worst = Math.max(worst, found);
    }
    expect(series.error).toBeLessThan(1.1 * worst);
  });
});
