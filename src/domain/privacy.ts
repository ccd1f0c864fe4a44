/** What a role has learned of a run when it is over, what it has not, against which adversary that holds, and under which assumption. */
export type LedgerEntry = {
  readonly role: string;
  readonly learned: readonly string[];
  /** Empty for a role from which nothing is hidden. */
  readonly notLearned: readonly string[];
  readonly adversary: string;
  readonly assumption: string;
};

/** Who learned what in a run. */
export type PrivacyLedger = {
  readonly entries: readonly LedgerEntry[];
  /** What no entry says: how far the roles were separated in this run, and what the opened figures imply. */
  readonly limits: readonly string[];
};
