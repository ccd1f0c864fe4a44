import type { LedgerEntry, PrivacyLedger } from '../../domain/privacy.ts';
import { onShares, type Sharing, TLS_NETWORK, UNKNOWN_MACHINES } from './facts.ts';

/** A session on shares between processes, as all its participants know it. */
export type SessionFacts = {
  readonly sharing: Sharing;
  /** Who brings an input, by the name of the input, and what it is. */
  readonly owners: Readonly<Record<string, string>>;
  /** Who opens an output, by its name. */
  readonly recipients: Readonly<Record<string, readonly string[]>>;
  /** What all of them know beforehand. */
  readonly known: readonly string[];
  /** What the basis keeps from them; nothing if absent. */
  readonly kept?: readonly string[] | undefined;
  /** What outputs imply of the inputs. */
  readonly limit: string;
};

/** Who learns what by a session: it follows from who brings and who opens what, before anything runs. No secret is among it. */
export function sessionLedger({
  sharing,
  owners,
  recipients,
  known,
  kept = [],
  limit,
}: SessionFacts): PrivacyLedger {
  const outputs = Object.keys(recipients);
  const clients = [...new Set([...Object.values(owners), ...Object.values(recipients).flat()])];
  const terms = onShares(sharing);
  const client = (name: string): LedgerEntry => {
    const opens = outputs.filter((output) => recipients[output]!.includes(name));
    const hidden = outputs.filter((output) => !opens.includes(output));
    const inputs = Object.keys(owners).filter((input) => owners[input] !== name);
    return {
      role: name,
      learned: [
        ...(opens.length === 0 ? [] : [`${opens.join(', ')}, with all digits of the fixed-point results`]),
        ...known,
      ],
      notLearned: [
        ...(inputs.length === 0
          ? []
          : [`${inputs.join(', ')}${opens.length === 0 ? '' : ', but for what its outputs imply'}`]),
        ...(hidden.length === 0 ? [] : [hidden.join(', ')]),
        ...(inputs.length + hidden.length === 0 ? [] : ['anything in between: it stayed shared']),
      ],
      ...terms,
    };
  };
  return {
    entries: [
      ...clients.map(client),
      {
        role: `computing parties 1 to ${sharing.parties}`,
        learned: ['shares, uniformly random for each party', ...known],
        notLearned: [
          Object.keys(owners).join(', '),
          `${outputs.join(', ')}, and anything in between`,
          ...kept,
        ],
        ...terms,
      },
      TLS_NETWORK,
    ],
    limits: [UNKNOWN_MACHINES, limit],
  };
}
