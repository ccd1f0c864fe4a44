import { describe, expect, it } from 'vitest';
import { RangeError, ShapeError } from '../../../src/base/errors.ts';
import type { Book } from '../../../src/domain/book.ts';
import { ENGINE_NAMES } from '../../../src/domain/report.ts';
import { rehearse } from '../../../src/engine/rehearse.ts';
import { smallRequest } from '../../support/small-risk.ts';

const request = smallRequest(12, 20);
const withQuantities = (of: (i: number) => number): Book => ({
  positions: request.book.positions.map((position, i) => ({ ...position, quantity: of(i) })),
});

describe.each(ENGINE_NAMES)('rehearse %s', (engine) => {
  it('reports nothing but zeros for a book without exposure', async () => {
    const report = await rehearse(engine, { ...request, book: withQuantities(() => 0) });
    for (const { value } of Object.values(report.figures)) expect(Math.abs(value)).toBe(0);
    expect(report.pnl!.every((value) => Math.abs(value) === 0)).toBe(true);
  });

  it('refuses an empty book, quantities that are not numbers, and absurd precisions', async () => {
    await expect(rehearse(engine, { ...request, book: { positions: [] } })).rejects.toThrow(ShapeError);
    const broken = withQuantities((i) => (i === 3 ? Number.NaN : 1));
    await expect(rehearse(engine, { ...request, book: broken })).rejects.toThrow(RangeError);
    await expect(rehearse(engine, { ...request, precision: 0 })).rejects.toThrow(RangeError);
    await expect(rehearse(engine, { ...request, precision: Number.NaN })).rejects.toThrow(RangeError);
  });

  it('survives huge cancellation and wildly different sizes', async () => {
    const report = await rehearse(engine, {
      ...request,
      book: withQuantities((i) => (i % 2 === 0 ? 1e9 : -1e-6)),
    });
    const truth = await rehearse('plain', {
      ...request,
      book: withQuantities((i) => (i % 2 === 0 ? 1e9 : -1e-6)),
    });
    report.pnl!.forEach((value, s) => {
      const bound = report.figures.worst.error.absolute + truth.figures.worst.error.absolute;
      expect(Math.abs(value - truth.pnl![s]!)).toBeLessThanOrEqual(bound);
    });
  });

  it('counts what it sends', async () => {
    const { cost, audit } = await rehearse(engine, request);
    expect(cost.bytesUp > 0).toBe(engine !== 'plain');
    expect(cost.bytesDown > 0).toBe(engine !== 'plain');
    expect(cost.peakMemoryBytes).toBeGreaterThan(2 ** 20);
    expect(audit.checkpoint.split('\n')[1]).toBe(String(audit.entries));
  });
});
