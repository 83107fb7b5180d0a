const MAX_NAMES = 3

/** Names that somebody may have meant, the nearest first, three at max. Pure. */
export function similarNames(name: string, known: Iterable<string>): string[] {
  const max = Math.max(1, Math.floor(name.length / 3))
  return [...new Set(known)]
    .map((other) => ({ other, distance: distance(bare(name), bare(other)) }))
    .filter(({ distance }) => distance <= max)
    .sort((a, b) => a.distance - b.distance || (a.other < b.other ? -1 : 1))
    .slice(0, MAX_NAMES)
    .map(({ other }) => other)
}

/** Case and separators are what people get wrong max. */
function bare(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '')
}

/** Letters to change, add, leave out or swap with their neighbour. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row.push(
        Math.min(
          last[j]! + 1,
          row[j - 1]! + 1,
          last[j - 1]! + (same ? 0 : 1),
          swapped ? beforeLast[j - 2]! + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}
