/** What a number in a file must satisfy; `text` completes "expected ...". */
export type NumberRule = { readonly text: string; readonly holds: (value: number) => boolean };

export const FINITE: NumberRule = { text: 'a finite number', holds: () => true };
export const POSITIVE: NumberRule = { text: 'a number > 0', holds: (value) => value > 0 };
export const NON_NEGATIVE: NumberRule = { text: 'a number >= 0', holds: (value) => value >= 0 };

/** Decimal or scientific, as in RFC 8259 but for a leading `+`, leading zeros and a point without digits on one side. */
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * The finite double nearest to a decimal or scientific number, or undefined where the text is anything else: blank,
 * padded, hexadecimal, `NaN`, `Infinity`, grouped by thousands, or too large for a double. `Number` alone would
 * accept most of these.
 */
export function decimalOf(text: string): number | undefined {
  if (!DECIMAL.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** Longest excerpt of a file in an error message, in characters. */
const SHOWN_LENGTH = 40;

/** Text from a file as an error message shows it: quoted, escaped, cut after 40 characters. */
export function shown(text: string): string {
  const cut = text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
  return JSON.stringify(cut);
}

/** Names for a message: quoted, at most eight, then how many more. */
export function listed(names: readonly string[]): string {
  const head = names.slice(0, 8).map(shown).join(', ');
  return names.length > 8 ? `${head} and ${names.length - 8} more` : head;
}
