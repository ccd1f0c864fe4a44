import type { JsonCursor } from '../../domain/parse/json.ts';
import { shown } from '../../domain/parse/rule.ts';

/** Names of clients, at least one, none twice. */
export function readClients(cursor: JsonCursor, clients: readonly string[]): string[] {
  const entries = cursor.array('an array of names of clients');
  if (entries.length === 0) throw cursor.error('at least one name', 'none');
  const names = entries.map((entry) => readClientName(entry, clients));
  refuseRepeated(cursor, names, 'name');
  return names;
}

export function readClientName(cursor: JsonCursor, clients: readonly string[]): string {
  const name = cursor.text('the name of a client');
  if (!clients.includes(name)) throw cursor.error(`a client (${clients.map(shown).join(', ')})`);
  return name;
}

/** All members of an object, whatever their names. */
export function membersOf(cursor: JsonCursor): [string, JsonCursor][] {
  const names = typeof cursor.value === 'object' && cursor.value !== null ? Object.keys(cursor.value) : [];
  cursor.object(names);
  return names.map((name) => [name, cursor.member(name)]);
}

/** @throws ParseError where a value occurs twice. */
export function refuseRepeated(cursor: JsonCursor, values: readonly string[], what: string): void {
  const again = values.find((value, i) => values.indexOf(value) !== i);
  if (again !== undefined) throw cursor.error(`no repeated ${what}`, `${shown(again)} twice`);
}
