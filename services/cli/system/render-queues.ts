import type { QueueLoad, QueueLoads } from '#schemas/queue-load.ts'
import type { Paint } from '../output/paint.ts'
import { formatDuration } from '../output/quantities.ts'
import { type Cell, renderTable } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'

const COLUMNS = [
  { title: 'agent' },
  { title: 'held', align: 'right' },
  { title: 'queued', align: 'right' },
  { title: 'in work', align: 'right' },
  { title: 'oldest', align: 'right' },
  { title: 'tenants: waiting + out', flexible: true },
] as const
/** Tenants that have room on a line. */
const SHOWN_TENANTS = 5

/** All of it, a line for each agent type. Pure. */
export function renderQueues(
  { queues }: QueueLoads,
  { paint, width }: { paint: Paint; width?: number | undefined },
): string[] {
  if (queues.length === 0) return [paint.yellow('  No agents.')]
  const rows = queues.map((load): Cell[] => [
    { text: load.agent, style: 'bold' },
    { text: String(load.held) },
    { text: String(load.queued) },
    { text: String(load.inWork) },
    { text: load.oldestAgeMs === undefined ? '' : formatDuration(load.oldestAgeMs) },
    { text: tenantsText(load) },
  ])
  return renderTable(COLUMNS, rows, { paint, ...(width !== undefined && { width }) })
}

/** `acme 100 + 12, default 15 + 6, 3 others 5 + 2` */
function tenantsText({ tenants, others = { tenants: 0, waiting: 0, out: 0 } }: QueueLoad): string {
  const shown = tenants.slice(0, SHOWN_TENANTS)
  const rest = tenants.slice(SHOWN_TENANTS)
  const count = rest.length + others.tenants
  const waiting = rest.reduce((sum, one) => sum + one.waiting, others.waiting)
  const out = rest.reduce((sum, one) => sum + one.out, others.out)
  return [
    ...shown.map((one) => `${printable(one.tenant)} ${one.waiting} + ${one.out}`),
    ...(count > 0 ? [`${count} others ${waiting} + ${out}`] : []),
  ].join(', ')
}
