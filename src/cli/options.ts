import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './errors.ts';

type OptionTable = NonNullable<ParseArgsConfig['options']>;
type Values<T extends OptionTable> = ReturnType<
  typeof parseArgs<{ options: T; allowPositionals: false; allowNegative: true; strict: true }>
>;

/** Options that every command takes. */
export const COMMON_OPTIONS: {
  readonly quiet: { readonly type: 'boolean'; readonly default: false };
  readonly json: { readonly type: 'boolean'; readonly default: false };
  readonly progress: { readonly type: 'boolean'; readonly default: true };
} = {
  quiet: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  progress: { type: 'boolean', default: true },
};

/** Parses a command's arguments. @throws UsageError naming the argument that is wrong. */
export function readOptions<const T extends OptionTable>(args: readonly string[], options: T): Values<T> {
  try {
    return parseArgs({
      args: [...args],
      options,
      allowPositionals: false,
      allowNegative: true,
      strict: true,
    });
  } catch (cause) {
    throw new UsageError((cause as Error).message, {}, { cause });
  }
}

export function required(value: string | undefined, option: string): string {
  if (value === undefined) throw new UsageError(`--${option} is needed; see blindrisk help`, { option });
  return value;
}

export function oneOf<const T extends string>(value: string, allowed: readonly T[], option: string): T {
  const found = allowed.find((item) => item === value);
  if (found === undefined) {
    throw new UsageError(`--${option}: expected ${allowed.join(', ')}, found ${value}`, { option });
  }
  return found;
}

export function numberOption(value: string, option: string): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) {
    throw new UsageError(`--${option}: expected a number, found ${value}`, { option });
  }
  return number;
}

/** A positive whole number, if the option is there. */
export function countOption(value: string | undefined, option: string): number | undefined {
  if (value === undefined) return undefined;
  const number = numberOption(value, option);
  if (!(Number.isSafeInteger(number) && number > 0)) {
    throw new UsageError(`--${option}: expected a whole number above 0, found ${value}`, { option });
  }
  return number;
}
