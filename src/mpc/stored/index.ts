/** Shares that are kept: dealt with commitments, accepted, refreshed, recovered, opened. */
export { acceptShare } from './accept.ts';
export type { LostShare } from './recover.ts';
export { helpRecover, recoverShare } from './recover.ts';
export { refreshShare } from './refresh.ts';
export { storedTerms } from './rounds.ts';
export type { Opened, StoredShare } from './stored-share.ts';
export { dealStored, openStored } from './stored-share.ts';
