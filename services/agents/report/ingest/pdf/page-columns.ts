/** A line, or the part of one that stands in a column: points, with the origin at the lower left. */
export interface Line {
  text: string
  left: number
  right: number
  y: number
  height: number
}

/** A gap wider than this, in letter heights, may be one between columns. */
export const COLUMN_GAP = 1.2
/** Lines of a column begin within so many points of each other. */
const SAME_EDGE = 2
/** So many lines have to begin at the same edge. */
const MIN_LINES = 3
/** Words of a line of prose: cells of tables have fewer. */
const PROSE_WORDS = 3.5
/** Lines that go across both columns, such as titles, may be this share of all. */
const CROSSING_SHARE = 0.3
/** Columns stand side by side over this share of the lower one. */
const BESIDE_SHARE = 0.5
/** Columns of columns of columns: more were never printed. */
const MAX_DEPTH = 3
const MAX_EDGES = 20

/**
 * Parts of a page that are read one after the other. Where lines of prose stand in columns side by side, each column is a
 * part, whatever the order in which a producer wrote them; lines across the columns separate the parts. Tables stay whole:
 * they are read line by line. Pure.
 *
 * @param rows lines from the top, each in the parts that a wide gap separates
 */
export function regionsOf(rows: readonly Line[][], depth = 0): Line[][][] {
  const gutter = depth < MAX_DEPTH ? gutterOf(rows) : undefined
  if (gutter === undefined) return rows.length === 0 ? [] : [[...rows]]
  const regions: Line[][][] = []
  let left: Line[][] = []
  let right: Line[][] = []
  let across: Line[][] = []
  const closeColumns = () => {
    regions.push(...regionsOf(left, depth + 1), ...regionsOf(right, depth + 1))
    left = []
    right = []
  }
  const closeAcross = () => {
    if (across.length > 0) regions.push(across)
    across = []
  }
  for (const row of rows) {
    if (row.some((part) => crosses(part, gutter))) {
      closeColumns()
      across.push(row)
      continue
    }
    closeAcross()
    const [before, after] = [
      row.filter((part) => part.right <= gutter),
      row.filter((part) => part.left >= gutter),
    ]
    if (before.length > 0) left.push(before)
    if (after.length > 0) right.push(after)
  }
  closeAcross()
  closeColumns()
  return regions
}

function crosses({ left, right }: Line, x: number): boolean {
  return left < x && right > x
}

/** Where a second column of prose begins, or undefined. */
function gutterOf(rows: readonly Line[][]): number | undefined {
  const parts = rows.flat()
  return edgesOf(parts)
    .map((edge) => edge - SAME_EDGE)
    .find((x) => separatesProse(parts, x))
}

/** Left edges that several lines share, those of most lines first, without the leftmost. */
function edgesOf(parts: readonly Line[]): number[] {
  const counts = new Map<number, number>()
  for (const { left } of parts) {
    const edge = Math.round(left / SAME_EDGE) * SAME_EDGE
    counts.set(edge, (counts.get(edge) ?? 0) + 1)
  }
  const leftmost = Math.min(...counts.keys())
  return [...counts]
    .filter(([edge, count]) => count >= MIN_LINES && edge > leftmost)
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, MAX_EDGES)
    .map(([edge]) => edge)
}

function separatesProse(parts: readonly Line[], x: number): boolean {
  const crossing = parts.filter((part) => crosses(part, x)).length
  if (crossing > CROSSING_SHARE * parts.length) return false
  const left = parts.filter(({ right }) => right <= x)
  const right = parts.filter((part) => part.left >= x)
  return isProse(left) && isProse(right) && standBeside(left, right)
}

function isProse(lines: readonly Line[]): boolean {
  const words = lines.reduce((sum, { text }) => sum + wordsOf(text), 0)
  return lines.length >= MIN_LINES && words >= PROSE_WORDS * lines.length
}

/** Scripts without spaces have about two letters a word. */
function wordsOf(text: string): number {
  const spaceless =
    text.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu)?.length ?? 0
  return text.split(' ').filter((word) => /\p{L}/u.test(word)).length + Math.floor(spaceless / 2)
}

function standBeside(a: readonly Line[], b: readonly Line[]): boolean {
  const [first, second] = [a, b].map((lines) => ({
    top: Math.max(...lines.map(({ y }) => y)),
    bottom: Math.min(...lines.map(({ y }) => y)),
  }))
  const shared = Math.min(first!.top, second!.top) - Math.max(first!.bottom, second!.bottom)
  const lower = Math.min(first!.top - first!.bottom, second!.top - second!.bottom)
  return shared >= BESIDE_SHARE * lower
}
