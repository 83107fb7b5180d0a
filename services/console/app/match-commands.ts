/** Commands whose label has every word that was typed, those that begin with it first; all of them for no text. Pure. */
export function matchCommands<Command extends { readonly label: string }>(
  commands: readonly Command[],
  text: string,
): Command[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return [...commands]
  const rank = (label: string): number => {
    const lower = label.toLowerCase()
    if (!words.every((word) => lower.includes(word))) return -1
    const begins = words.filter((word) => lower.split(/\W+/).some((part) => part.startsWith(word))).length
    return begins + (lower.startsWith(words.join(' ')) ? 1 : 0)
  }
  return commands
    .map((command) => ({ command, rank: rank(command.label) }))
    .filter(({ rank }) => rank >= 0)
    .toSorted((a, b) => b.rank - a.rank)
    .map(({ command }) => command)
}
