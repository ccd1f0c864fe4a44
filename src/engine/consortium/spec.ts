import type { JsonCursor } from '../../domain/parse/json.ts';
import type { NumberRule } from '../../domain/parse/rule.ts';
import { readClients, refuseRepeated } from '../party/config-names.ts';
import { type ConsortiumSubject, readSubject } from './subjects.ts';

/** What a consortium computes: everything public that firms, observers and parties write alike. */
export type ConsortiumSpec = {
  readonly kind: 'consortium';
  readonly subject: ConsortiumSubject;
  /** Clients that submit, and open the joint figures and what is theirs alone. */
  readonly firms: readonly string[];
  /** Clients that open the joint figures and bring nothing. */
  readonly observers: readonly string[];
  readonly minimumContributors: number;
};

const CONTRIBUTORS: NumberRule = {
  text: 'a whole number of at least 3',
  holds: (value) => Number.isInteger(value) && value >= 3,
};

/** Reads the program of party.json whose kind is `consortium`. @throws ParseError */
export function readConsortium(cursor: JsonCursor, clients: readonly string[]): ConsortiumSpec {
  const firms = readClients(cursor.member('firms'), clients);
  const observing = cursor.member('observers');
  const observers = observing.present ? readClients(observing, clients) : [];
  refuseRepeated(observing, [...firms, ...observers], 'name: who submits is no observer');
  return {
    kind: 'consortium',
    subject: readSubject(cursor.member('subject'), cursor.member('terms')),
    firms,
    observers,
    minimumContributors: cursor.member('minimumContributors').number(CONTRIBUTORS),
  };
}
