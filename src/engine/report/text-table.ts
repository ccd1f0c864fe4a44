/** Lays out rows in columns padded with blanks. The first column is left-aligned, the others right-aligned. */
export function textTable(rows: readonly (readonly string[])[], indent = '  '): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, c) =>
    Math.max(...rows.map((row) => (row[c] ?? '').length)),
  );
  return rows
    .map((row) => {
      const cells = row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!)));
      return `${indent}${cells.join('  ')}`.trimEnd();
    })
    .join('\n');
}
