/** Days of an ACT/365F year, in milliseconds. */
const YEAR_MS = 365 * 86_400_000;

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/**
 * Milliseconds since 1970 of an ISO 8601 date (midnight UTC) or date-time (UTC unless it has an offset), or undefined
 * where the text is neither or the calendar has no such day. `Date.parse` would read a date-time in local time.
 */
export function instantOf(text: string): number | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', zone = 'Z'] = match;
  const utc = Date.UTC(+year!, +month! - 1, +day!, +hour, +minute, +second);
  const date = new Date(utc);
  // Date.UTC carries what overflows: 30 February becomes 1 or 2 March, and 24:00 the next day.
  const exists = date.toISOString().startsWith(`${year}-${month}-${day}T${hour.padStart(2, '0')}`);
  if (!exists || +minute > 59 || +second > 59) return undefined;
  const offset = offsetMinutes(zone);
  if (offset === undefined) return undefined;
  return utc + Number(`0.${fraction}`) * 1000 - offset * 60_000;
}

/** ACT/365F: actual days, as a fraction of 365, from one instant to another. */
export function yearsBetween(from: number, to: number): number {
  return (to - from) / YEAR_MS;
}

function offsetMinutes(zone: string): number | undefined {
  if (zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (60 * hours + minutes);
}
