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

/** Longest line of running text. */
const TEXT_COLUMNS = 110;

/** Running text broken into lines, of which all but the first are indented as far as the lead is long. */
export function hanging(lead: string, text: string): string[] {
  const lines: string[] = [];
  let line = lead;
  for (const word of text.split(' ')) {
    if (line.length + word.length >= TEXT_COLUMNS) {
      lines.push(line.trimEnd());
      line = ' '.repeat(lead.length);
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
