/** Number of single-letter changes between two words (V. I. Levenshtein, 1966). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** The candidate nearest to a word, ignoring case; the first of several. */
export function nearestOf(word: string, candidates: readonly string[]): string {
  let nearest = candidates[0] ?? '';
  let distance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const found = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (found < distance) {
      distance = found;
      nearest = candidate;
    }
  }
  return nearest;
}
