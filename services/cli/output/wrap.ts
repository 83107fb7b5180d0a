/** Text as lines of at most so many characters, broken between words, each indented by two. */
export function wrap(text: string, width: number | undefined): string[] {
  const room = (width ?? Number.POSITIVE_INFINITY) - INDENT.length
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && [...last].length + 1 + [...word].length <= room)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.map((line) => `${INDENT}${line}`)
}

const INDENT = '  '
