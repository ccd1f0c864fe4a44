import type { PrivacyLedger } from '../../domain/privacy.ts';
import type { ConsortiumProgram } from '../../risk/consortium/program.ts';
import { ONE_PROCESS, onShares, TLS_NETWORK, UNKNOWN_MACHINES } from '../ledger/facts.ts';

type Terms = {
  readonly parties: number;
  readonly threshold: number;
  readonly security: 'malicious' | 'semiHonest';
  readonly observers: readonly string[];
  readonly transport: 'oneProcess' | 'tls';
};

/** Who learns what by a program: it follows from the outputs' recipients, before anything runs. */
export function ledgerOf(
  { firms, outputs, secret, inputs, circuit }: ConsortiumProgram<never>,
  { parties, threshold, security, observers, transport }: Terms,
): PrivacyLedger {
  const known = ['the circuit, the names of the firms, and the sizes of messages'];
  const figures = Object.values(outputs)
    .filter(({ to }) => to === 'all')
    .map(({ what }) => what);
  const ownTo = (firm: string) =>
    Object.values(outputs)
      .filter(({ to }) => to !== 'all' && to.includes(firm))
      .map(({ what }) => what);
  const elements = Object.keys(inputs).reduce((sum, name) => sum + circuit.inputs[name]!.length, 0);
  const terms = onShares({ parties, threshold, security });
  return {
    entries: [
      ...firms.map((firm) => ({
        role: firm,
        learned: [...figures, ...ownTo(firm), ...known],
        notLearned: [`${secret} of the other firms, but for what its own figures imply`],
        ...terms,
      })),
      ...observers.map((role) => ({
        role,
        learned: [...figures, ...known],
        notLearned: [`${secret} of any firm`, 'what any firm learned alone'],
        ...terms,
      })),
      ...Array.from({ length: parties }, (_, i) => ({
        role: `computing party ${i + 1}`,
        learned: [`one share of each of ${elements} numbers, by itself uniformly random`, ...known],
        notLearned: [`${secret} of any firm`, 'any figure'],
        ...terms,
      })),
      ...(transport === 'tls' ? [TLS_NETWORK] : []),
    ],
    limits: [
      transport === 'tls' ? UNKNOWN_MACHINES : ONE_PROCESS,
      'figures are exact up to their error, and imply what they imply: all firms but one can subtract their own part',
    ],
  };
}
