/** A line of a comparison: in both, only in the first, only in the second. */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added'
  readonly text: string
}

/** Lines of both texts together that are compared: what is longer is shown as removed and added. */
const MAX_CELLS = 4_000_000
/** Lines around a change that are shown, so that one sees where it is. */
const CONTEXT_LINES = 2

/** The shortest way from one list of lines to another. Pure. */
export function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  const begin = commonStart(before, after)
  const end = commonStart(before.slice(begin).toReversed(), after.slice(begin).toReversed())
  const same = (lines: readonly string[]): DiffLine[] => lines.map((text) => ({ kind: 'same', text }))
  return [
    ...same(before.slice(0, begin)),
    ...diffMiddle(before.slice(begin, before.length - end), after.slice(begin, after.length - end)),
    ...same(before.slice(before.length - end)),
  ]
}

function commonStart(a: readonly string[], b: readonly string[]): number {
  let n = 0
  while (n < a.length && n < b.length && a[n] === b[n]) n++
  return n
}

/** By the longest common subsequence. */
function diffMiddle(before: readonly string[], after: readonly string[]): DiffLine[] {
  const [rows, columns] = [before.length, after.length]
  const removed = before.map((text): DiffLine => ({ kind: 'removed', text }))
  const added = after.map((text): DiffLine => ({ kind: 'added', text }))
  if (rows * columns > MAX_CELLS) return [...removed, ...added]
  const width = columns + 1
  const common = new Uint32Array((rows + 1) * width)
  for (let i = rows - 1; i >= 0; i--)
    for (let j = columns - 1; j >= 0; j--)
      common[i * width + j] =
        before[i] === after[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!)
  const lines: DiffLine[] = []
  let i = 0
  let j = 0
  while (i < rows && j < columns) {
    if (before[i] === after[j]) {
      lines.push({ kind: 'same', text: before[i]! })
      i++
      j++
    } else if (common[(i + 1) * width + j]! >= common[i * width + j + 1]!) lines.push(removed[i++]!)
    else lines.push(added[j++]!)
  }
  return [...lines, ...removed.slice(i), ...added.slice(j)]
}

/** Only what is near a change; `undefined` stands for what is left out. Pure. */
export function nearChanges(lines: readonly DiffLine[]): (DiffLine | undefined)[] {
  const isNear = (at: number) =>
    lines.slice(Math.max(0, at - CONTEXT_LINES), at + CONTEXT_LINES + 1).some(({ kind }) => kind !== 'same')
  const shown: (DiffLine | undefined)[] = []
  for (const [at, line] of lines.entries()) {
    if (isNear(at)) shown.push(line)
    else if (shown.length === 0 || shown.at(-1) !== undefined) shown.push(undefined)
  }
  return shown
}
