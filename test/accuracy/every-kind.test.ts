import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parsePositions } from '../../src/domain/parse/positions.ts';
import { positionsCsv } from '../../src/domain/write/csv.ts';
import { rehearse } from '../../src/engine/rehearse.ts';
import { smallRequest } from '../support/small-risk.ts';

const POSITIONS = readFileSync(new URL('./every-kind.csv', import.meta.url), 'utf8');

describe('a book of every kind of contract', () => {
  const request = smallRequest(1, 80);
  const { book, warnings } = parsePositions(POSITIONS, 'every-kind.csv', request.market);

  it('reads and writes back', () => {
    expect(warnings).toEqual([]);
    expect(new Set(book.positions.map(({ instrument }) => instrument.kind)).size).toBe(11);
    expect(parsePositions(positionsCsv(book), 'again.csv', request.market).book).toEqual(book);
  });

  it.each(['ckks', 'mpc'] as const)(
    'has the same risk on %s as in the clear, within the promised error',
    async (engine) => {
      const [plain, found] = await Promise.all([
        rehearse('plain', { ...request, book }),
        rehearse(engine, { ...request, book }),
      ]);
      const bound = found.figures.worst.error.absolute + plain.figures.worst.error.absolute;
      found.pnl!.forEach((value, s) => {
        expect(Math.abs(value - plain.pnl![s]!)).toBeLessThanOrEqual(bound);
      });
      expect(plain.figures.worst.value).toBeGreaterThan(1000 * bound);
      expect(Math.abs(found.figures.value.value - plain.figures.value.value)).toBeLessThanOrEqual(
        found.figures.value.error.absolute + plain.figures.value.error.absolute,
      );
    },
  );
});
