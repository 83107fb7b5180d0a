const MAX_LINES = 5
const MAX_CHARACTERS = 120

/** A row as a line that people read. Pure. */
export function lineText(row: readonly string[]): string {
  return row
    .map((cell) => cell.trim())
    .filter((cell) => cell !== '')
    .join(', ')
}

/**
 * What to say of lines that are no rows of a table: a few short ones are told word for word, so that nothing is lost; of more only
 * the first is, which is a loss. Pure.
 *
 * @param where `below the table`
 */
export function leftOutLines(lines: readonly string[], where: string): { note?: string; loss?: string } {
  const [first] = lines
  if (first === undefined) return {}
  const subject =
    lines.length === 1 ? `1 line ${where} was left out` : `${lines.length} lines ${where} were left out`
  if (lines.length <= MAX_LINES && lines.every((line) => line.length <= MAX_CHARACTERS))
    return { note: `${subject}: ${lines.map((line) => `"${line}"`).join(', ')}.` }
  return { loss: `${subject}, such as "${first.slice(0, MAX_CHARACTERS)}".` }
}
