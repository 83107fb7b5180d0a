import { round } from '../bench/measure.ts'
import type { ContenderName } from './contenders.ts'
import type { Run } from './run-contender.ts'

/** One contender's line: the middle of its runs. */
export interface Line {
  name: ContenderName
  what: string
  status: Run['status']
  reason?: string
  runs: number
  seconds?: number
  /** Of all threads; beside `seconds` it tells how many cores were at work. */
  cpuSeconds?: number
  /** Resident memory, the highest of all runs. */
  peakMib?: number
  rowsRead?: number
  /** It did not read every row of the file. */
  isPart?: boolean
  rowsPerSecond?: number
  /** Seconds of the steps within. */
  steps?: Record<string, number>
  /** As a multiple of what `murmuration` takes. */
  timesOurs?: { seconds: number; cpuSeconds: number; peakMib: number }
  versions?: Record<string, string>
  said?: string
}

/** What the runs of a contender come to: the one of median time, with the highest peak; the first fault where there is one. Pure. */
export function lineOf(
  { name, what }: { name: ContenderName; what: string },
  runs: readonly Run[],
  rows: number,
): Line {
  const done = runs.filter((run) => run.status === 'done')
  const fault = runs.find((run) => run.status !== 'done')
  if (fault || done.length === 0) {
    const { reason = 'it was not run', status = 'skipped', wallSeconds, usage } = fault ?? {}
    return {
      name,
      what,
      status,
      reason,
      runs: runs.length,
      ...(wallSeconds !== undefined && { seconds: round(wallSeconds, 2) }),
      ...(usage && { cpuSeconds: round(usage.cpuSeconds, 2), peakMib: round(usage.peakMib, 0) }),
    }
  }
  const middle = done.toSorted((a, b) => a.wallSeconds - b.wallSeconds)[Math.floor((done.length - 1) / 2)]!
  return {
    name,
    what,
    status: 'done',
    runs: done.length,
    seconds: round(middle.wallSeconds, 2),
    cpuSeconds: round(middle.usage.cpuSeconds, 2),
    peakMib: round(Math.max(...done.map(({ usage }) => usage.peakMib)), 0),
    rowsRead: middle.rowsRead,
    ...(middle.rowsRead < rows && { isPart: true }),
    rowsPerSecond: Math.round(middle.rowsRead / middle.wallSeconds),
    steps: Object.fromEntries(Object.entries(middle.steps).map(([step, value]) => [step, round(value, 2)])),
    versions: middle.versions,
    ...(middle.said !== undefined && { said: middle.said }),
  }
}

/** Each line with how it compares to ours, where both read the same rows. Pure. */
export function compared(lines: readonly Line[]): Line[] {
  const ours = lines.find(({ name }) => name === 'murmuration')
  return lines.map((line) => {
    if (!ours || line === ours || line.status !== 'done' || line.rowsRead !== ours.rowsRead) return line
    const ratio = (key: 'seconds' | 'cpuSeconds' | 'peakMib') => round(line[key]! / ours[key]!, 2)
    const timesOurs = {
      seconds: ratio('seconds'),
      cpuSeconds: ratio('cpuSeconds'),
      peakMib: ratio('peakMib'),
    }
    return { ...line, timesOurs }
  })
}

const HEADS = ['', 's', 'CPU s', 'peak MiB', 'rows', 'rows/s', '× our time', '× our memory']

/** The lines as a table of text. Pure. */
export function resultTable(lines: readonly Line[]): string {
  const cells = [HEADS, ...lines.map(cellsOf)]
  const widths = HEADS.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)))
  const drawn = cells.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  )
  const reasons = lines.flatMap(({ name, status, reason }) =>
    reason ? [`${name}: ${status}, ${reason}`] : [],
  )
  return [...drawn, ...reasons].join('\n')
}

function cellsOf({ name, status, isPart, timesOurs, ...line }: Line): string[] {
  const number = (value: number | undefined) => (value === undefined ? '' : value.toLocaleString('en'))
  return [
    status === 'done' ? name : `${name} (${status})`,
    number(line.seconds),
    number(line.cpuSeconds),
    number(line.peakMib),
    line.rowsRead === undefined ? '' : `${number(line.rowsRead)}${isPart ? ' (part)' : ''}`,
    number(line.rowsPerSecond),
    number(timesOurs?.seconds),
    number(timesOurs?.peakMib),
  ]
}
