import { type CellReading, type Inferred, type PresentCells, readColumn, sampleOf } from './column-reader.ts'
import type { PresentCell } from './missing-marks.ts'

/** Words for yes and no. */
const PAIRS = [
  ['true', 'false'],
  ['yes', 'no'],
  ['ja', 'nein'],
  ['oui', 'non'],
  ['sí', 'no'],
  ['si', 'no'],
  ['sì', 'no'],
  ['sim', 'não'],
  ['ja', 'nee'],
  ['ja', 'nej'],
  ['tak', 'nie'],
  ['да', 'нет'],
  ['evet', 'hayır'],
  ['是', '否'],
  ['はい', 'いいえ'],
  ['wahr', 'falsch'],
  ['vrai', 'faux'],
  ['verdadero', 'falso'],
] as const
/** Signs that may be something else by themselves: both have to be there. */
const SIGN_PAIRS = [
  ['y', 'n'],
  ['t', 'f'],
  ['j', 'n'],
  ['on', 'off'],
  ['✓', '✗'],
  ['✔', '✘'],
  ['✓', '✘'],
  ['✔', '✗'],
  ['✓', 'x'],
  ['✅', '❌'],
  ['☑', '☐'],
] as const
/** A cross or a tick in some cells and nothing in the others. */
const TICKS = new Set(['x', '✓', '✔', '✅', '☑', '•', '●'])
const MIN_TICKED_ROWS = 5

/** A column of yes and no, in words or signs, or of ticks beside blank cells. Undefined for others. Pure. */
export function readFlags(name: string, present: PresentCells): Inferred | undefined {
  const sample = sampleOf(present)
  const ticks = ticksOf(name, present, sample)
  if (ticks) return ticks
  const flag = flagReader(sample)
  const column = flag && readColumn({ name, kind: 'boolean', minFit: 1 }, present, flag)
  if (!flag || !column) return undefined
  const read = (cell: PresentCell): CellReading => {
    const value = flag(cell)
    return value === undefined ? 'malformed' : { value }
  }
  return { column, notes: [], read }
}

function flagReader(
  sample: readonly PresentCell[],
): ((cell: PresentCell) => boolean | undefined) | undefined {
  if (sample.every((cell) => typeof cell === 'boolean'))
    return (cell) => (typeof cell === 'boolean' ? cell : undefined)
  const words = new Set<string>()
  for (const cell of sample) {
    words.add(String(cell).toLowerCase())
    if (words.size > 2) return undefined
  }
  const isOf = ([yes, no]: readonly [string, string]) =>
    [...words].every((word) => word === yes || word === no)
  const pair = PAIRS.find(isOf) ?? (words.size === 2 ? SIGN_PAIRS.find(isOf) : undefined)
  if (!pair) return undefined
  return (cell) => {
    const word = String(cell).toLowerCase()
    return word === pair[0] ? true : word === pair[1] ? false : undefined
  }
}

function ticksOf(name: string, present: PresentCells, sample: readonly PresentCell[]): Inferred | undefined {
  const [first] = sample
  const tick = typeof first === 'string' ? first.toLowerCase() : ''
  const isTick = (cell: PresentCell) => typeof cell === 'string' && cell.toLowerCase() === tick
  if (!TICKS.has(tick) || present.length < MIN_TICKED_ROWS) return undefined
  const blanks = present.reduce<number>((sum, cell) => sum + (cell === null ? 1 : 0), 0)
  if (blanks === 0 || !present.every((cell) => cell === null || isTick(cell))) return undefined
  const values = present.map((cell) => cell !== null)
  return {
    column: { name, kind: 'boolean', values, malformed: [], malformedCount: 0 },
    notes: [
      `"${name}": ${values.length - blanks} of ${values.length} cells hold "${first}" and the others nothing; they are read as yes and no.`,
    ],
    read: (cell) => (isTick(cell) ? { value: true } : 'malformed'),
    missing: { value: false },
  }
}
