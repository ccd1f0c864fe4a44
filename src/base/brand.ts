/** Nominal typing for values that are plain at run time: a year fraction is not a volatility. */
declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Lower-case hexadecimal SHA-256 (64 characters). */
export type Digest = Brand<string, 'Sha256Hex'>;
/** Name of a key pair; public. */
export type KeyId = Brand<string, 'KeyId'>;
/** Name of a participant of a run (owner, engine, a computing party, a recipient); public. */
export type PartyId = Brand<string, 'PartyId'>;
