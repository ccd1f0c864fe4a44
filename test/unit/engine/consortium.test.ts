import { describe, expect, it } from 'vitest';
import { IntegrityError, PolicyError, RangeError } from '../../../src/base/errors.ts';
import { SubmissionRound } from '../../../src/engine/consortium/round.ts';
import { consortiumTerms, runConsortium } from '../../../src/engine/consortium/run.ts';
import { concentration, correlations } from '../../../src/risk/consortium/statistics.ts';

const FIRMS = ['Ada', 'Bohr', 'Curie'];
const program = concentration(FIRMS, { least: 1, limit: 16 });
const terms = consortiumTerms(program, 3);
const submissions = FIRMS.map((firm, f) => ({ firm, terms, submission: { size: 2 + 4 * f } }));

describe('a round of submissions', () => {
  const round = () => new SubmissionRound(program, 3);

  it('refuses a firm that submits twice', () => {
    const open = round();
    open.submit('Ada', terms, { size: 3 });
    expect(() => open.submit('Ada', terms, { size: 4 })).toThrow(PolicyError);
  });

  it('refuses numbers out of range, without telling them, and takes the correction', () => {
    const open = round();
    expect(() => open.submit('Bohr', terms, { size: 17.25 })).toThrow(RangeError);
    expect(() => open.submit('Bohr', terms, { size: Number.NaN })).toThrow(RangeError);
    try {
      open.submit('Bohr', terms, { size: 17.25 });
    } catch (error) {
      expect(String(error)).not.toContain('17.25');
    }
    open.submit('Bohr', terms, { size: 16 });
  });

  it('refuses a submission under another circuit, other recipients or another minimum', () => {
    const other = consortiumTerms(concentration(FIRMS, { least: 2, limit: 16 }), 3);
    expect(() => round().submit('Ada', other, { size: 3 })).toThrow(IntegrityError);
    const four = concentration([...FIRMS, 'Dirac'], { least: 1, limit: 16 });
    expect(consortiumTerms(four, 3)).not.toBe(consortiumTerms(four, 4));
  });

  it('refuses strangers', () => {
    expect(() => round().submit('Eve', terms, { size: 3 })).toThrow(PolicyError);
  });

  it('opens nothing for fewer than the minimum', async () => {
    const few = concentration(['Ada', 'Bohr'], { least: 1, limit: 16 });
    expect(() => consortiumTerms(few, 2)).toThrow(PolicyError);
    expect(() => consortiumTerms(few, 3)).toThrow(PolicyError);
    let progressed = 0;
    const onProgress = () => progressed++;
    const run = runConsortium({
      program,
      submissions: submissions.slice(1),
      minimumContributors: 3,
      onProgress,
    });
    await expect(run).rejects.toThrow(PolicyError);
    expect(progressed).toBe(0);
  });
});

describe('a run', () => {
  it('gives each firm the joint figures and its own, and nothing of another', async () => {
    const run = await runConsortium({
      program,
      submissions,
      minimumContributors: 3,
      observers: ['regulator'],
    });
    expect(Object.keys(run.figures)).toEqual(['herfindahl']);
    expect(Object.entries(run.own).map(([firm, own]) => [firm, Object.keys(own)])).toEqual(
      FIRMS.map((firm) => [firm, [`share of ${firm}`]]),
    );
    const { entries } = run.ledger;
    expect(entries.map(({ role }) => role)).toEqual([
      ...FIRMS,
      'regulator',
      ...[1, 2, 3].map((party) => `computing party ${party}`),
    ]);
    expect(entries[0]!.learned).toContain('its own share of the total');
    expect(entries[3]!.learned).not.toContain('its own share of the total');
    expect(JSON.stringify(run.ledger)).not.toMatch(/\d\.\d/);
  }, 30_000);

  it('does not count what a firm has not standardised', async () => {
    const series = correlations(FIRMS, 4);
    // A firm of its own making, which submits what it likes within the range.
    const forged: typeof series = {
      ...series,
      prepare: (firm, submission) =>
        firm === 'Curie' ? { 'returns of Curie': submission.returns } : series.prepare(firm, submission),
    };
    const agreed = consortiumTerms(series, 3);
    const run = await runConsortium({
      program: forged,
      minimumContributors: 3,
      submissions: FIRMS.map((firm, f) => ({
        firm,
        terms: agreed,
        submission: { returns: Float64Array.of(0.9, -0.8, 0.1 * f, 0.7) },
      })),
    });
    expect([...run.figures['standardised']!.values]).toEqual([1, 1, 0]);
    expect(run.own['Curie']!['correlation of Ada and Curie']!.values[0]).toBe(0);
    expect(run.own['Ada']!['correlation of Ada and Bohr']!.values[0]).toBeGreaterThan(0.9);
  }, 30_000);
});
