import type { EpochView, PartitionsView } from '#schemas/partition-epochs.ts'
import type { Paint } from '../output/paint.ts'
import { count, formatDuration } from '../output/quantities.ts'
import { type Cell, renderTable } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'

const COLUMNS = [
  { title: 'partitions' },
  { title: 'how many', align: 'right' },
  { title: 'active tasks', align: 'right' },
  { title: '', flexible: true },
] as const

/** All of it, a line for each epoch. Pure. */
export function renderPartitions(
  view: PartitionsView,
  { paint, width, nowMs }: { paint: Paint; width?: number | undefined; nowMs: number },
): string[] {
  const rows = view.epochs.map((epoch): Cell[] => [
    { text: namesOf(epoch), style: 'bold' },
    { text: String(epoch.count) },
    { text: String(epoch.active) },
    { text: roleOf(epoch, nowMs), style: epoch.state === 'current' ? 'green' : 'dim' },
  ])
  const table = renderTable(COLUMNS, rows, { paint, ...(width !== undefined && { width }) })
  return [...table, ...unawareLines(view, paint)]
}

/** The same on one line, where something is to be said: while tasks of several epochs are under way. Pure. */
export function partitionsLine({ partitions, epochs }: PartitionsView, paint: Paint): string | undefined {
  if (epochs.length < 2) return undefined
  const others = epochs
    .filter(({ state }) => state !== 'current')
    .map(({ count: n, state, active }) =>
      state === 'next' ? `${n} are used soon` : `${count(active, 'active task')} in ${n} from before`,
    )
  return `${paint.bold(String(partitions))} partitions, ${others.join(', ')}`
}

function namesOf({ first, count: n }: EpochView): string {
  return n === 1 ? `p${first}` : `p${first} to p${first + n - 1}`
}

function roleOf({ state, fromMs, active }: EpochView, nowMs: number): string {
  switch (state) {
    case 'next':
      return `new tasks go here in ${formatDuration(Math.max(0, (fromMs ?? nowMs) - nowMs))}`
    case 'current':
      return fromMs === undefined
        ? 'new tasks go here'
        : `new tasks go here, for ${formatDuration(Math.max(0, nowMs - fromMs))}`
    case 'ending':
      return active > 0
        ? 'tasks from before end here'
        : 'all tasks have ended; not used any more when the log and history are through with them'
  }
}

function unawareLines({ unaware }: PartitionsView, paint: Paint): string[] {
  if (unaware.length === 0) return []
  const names = unaware.map(printable).join(', ')
  return [
    '',
    paint.yellow(
      `  Of a release that knows of no epochs: ${names}. There can't be more partitions before they are updated.`,
    ),
  ]
}
