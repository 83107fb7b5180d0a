/** A row of the graph of a plan: what stands before a step's name. */
export interface GraphRow {
  /** As wide as that of every other row; the step's own place is a blank. */
  text: string
  /** Where the step's mark goes, counted in characters. */
  markAt: number
}

interface Node {
  id: string
  needs?: readonly string[] | undefined
}

/** Wider than this, lines help nobody. */
const MAX_LANES = 12

/**
 * Draws which step needs which, a row for each step in the order given (every step behind those it needs). A step that others
 * need holds a lane, a vertical line, until the last of them is drawn:
 *
 *     ●       a
 *     ├─●     b needs a
 *     ● │     c needs a
 *     ●─╯     d needs b and c
 *
 * Pure. @returns undefined when it would be too wide
 */
export function drawPlanGraph(steps: readonly Node[]): GraphRow[] | undefined {
  /** How many steps are still to be drawn that need one. */
  const open = new Map<string, number>()
  for (const { needs } of steps) for (const id of new Set(needs)) open.set(id, (open.get(id) ?? 0) + 1)
  const lanes: (string | undefined)[] = []
  /** A step that nobody needs leaves its lane empty for a row: else the next one would seem to hang on it. */
  let resting: number | undefined
  const rows: { cells: string[]; lane: number }[] = []
  for (const { id, needs } of steps) {
    const parents = [...lanes.keys()].filter((i) => needs?.includes(lanes[i] ?? ''))
    const ending = new Set(parents.filter((i) => open.get(lanes[i] ?? '') === 1))
    const lane = parents.find((i) => ending.has(i)) ?? freeLane(lanes, resting)
    if (lane >= MAX_LANES) return undefined
    rows.push({ cells: drawRow(lanes, { lane, parents, ending }), lane })
    for (const i of parents) {
      const parent = lanes[i] ?? ''
      open.set(parent, (open.get(parent) ?? 0) - 1)
      if (ending.has(i)) lanes[i] = undefined
    }
    const isNeeded = (open.get(id) ?? 0) > 0
    lanes[lane] = isNeeded ? id : undefined
    resting = isNeeded ? undefined : lane
  }
  const width = Math.max(0, ...rows.map(({ cells }) => cells.length))
  return rows.map(({ cells, lane }) => ({ text: cells.join('').padEnd(width), markAt: 2 * lane }))
}

function freeLane(lanes: readonly (string | undefined)[], resting: number | undefined): number {
  const free = lanes.findIndex((step, i) => step === undefined && i !== resting)
  if (free >= 0) return free
  return lanes.length
}

/** The characters of one row: a lane, a gap, a lane, … */
function drawRow(
  lanes: readonly (string | undefined)[],
  { lane, parents, ending }: { lane: number; parents: readonly number[]; ending: ReadonlySet<number> },
): string[] {
  const left = Math.min(lane, ...parents)
  const right = Math.max(lane, ...parents)
  const cells: string[] = []
  for (let i = 0; i < Math.max(lanes.length, lane + 1); i++) {
    if (i > 0) cells.push(i > left && i <= right ? '─' : ' ')
    if (i === lane) cells.push(' ')
    else if (parents.includes(i))
      cells.push(joint({ isOuter: i === left || i === right, isLeft: i < lane, ends: ending.has(i) }))
    else if (lanes[i] !== undefined) cells.push('│')
    else cells.push(i > left && i < right ? '─' : ' ')
  }
  return cells
}

/** Where the line to a step leaves the lane of one that it needs. */
function joint({ isOuter, isLeft, ends }: { isOuter: boolean; isLeft: boolean; ends: boolean }): string {
  if (!isOuter) return ends ? '┴' : '┼'
  if (isLeft) return ends ? '╰' : '├'
  return ends ? '╯' : '┤'
}
