import type { SystemStatus } from '#schemas/system-status.ts'
import type { Paint } from '../output/paint.ts'
import { count, formatDuration, progressBar, timeOfDay } from '../output/quantities.ts'
import { fillText, markText } from '../output/storage-text.ts'
import { type Cell, renderTable, type TableColumn } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'
import { renderSites } from './render-sites.ts'
import { renderVideo } from './render-video.ts'

interface RenderOptions {
  paint: Paint
  /** Columns of the terminal; unlimited when absent. */
  width?: number
}

/** One type of agent: what waits for it, and who works. */
interface AgentRow {
  type: string
  waiting: number
  inWork: number
  instances: number
  capacity: number
  inFlight: number
  /** Instances that an operator drains. */
  drained: number
}

const COLUMNS: readonly TableColumn[] = [
  { title: 'agent' },
  { title: 'waiting', align: 'right' },
  { title: 'in work', align: 'right' },
  { title: 'instances', align: 'right' },
  { title: 'busy', align: 'right' },
  { title: '' },
]
/** From here on, errors are more than a service level of 1 % allows. */
const TOO_MANY_ERRORS = 0.01

/** The whole system at one moment: service levels, tasks, then a line for each type of agent. Pure. */
export function renderStatus(status: SystemStatus, options: RenderOptions): string[] {
  const { paint } = options
  const rows = agentRows(status).map((row): Cell[] => agentCells(row))
  return [
    levelLine(status, paint),
    taskLine(status),
    ...storageLines(status, paint),
    '',
    ...(rows.length > 0 ? renderTable(COLUMNS, rows, options) : [paint.yellow('  No agents.')]),
    ...sitesOf(status, paint),
    ...videoOf(status, paint),
  ]
}

function videoOf(status: SystemStatus, paint: Paint): string[] {
  const lines = renderVideo(status, status.atMs, paint)
  return lines.length === 0 ? [] : ['', ...lines]
}

function sitesOf({ sites = [], atMs }: SystemStatus, paint: Paint): string[] {
  return sites.length === 0 ? [] : ['', ...renderSites(sites, atMs, paint)]
}

/** The same on one line, where nothing can be drawn again. */
export function renderStatusLine(status: SystemStatus, paint: Paint): string {
  const { waiting, inWork } = stepSums(status)
  return [
    levelLine(status, paint),
    `${activeTasks(status)} active`,
    `steps ${waiting} waiting, ${inWork} in work`,
  ].join(' · ')
}

/** Steps that wait for an agent, and that are in the hands of one. */
export function stepSums({ queues }: SystemStatus): { waiting: number; inWork: number } {
  const sum = (of: (step: SystemStatus['queues']['steps'][number]) => number) =>
    queues.steps.reduce((total, step) => total + of(step), 0)
  return { waiting: sum((step) => step.waiting), inWork: sum((step) => step.inWork) }
}

function levelLine({ serviceLevels: levels }: SystemStatus, paint: Paint): string {
  const { acceptedPerSecond, endedPerSecond, errorRate, latencyMs, windowS } = levels
  const errors = `${(errorRate * 100).toFixed(errorRate > 0 && errorRate < 0.1 ? 1 : 0)} %`
  const parts = [
    `accepted ${paint.bold(rate(acceptedPerSecond))}`,
    `ended ${paint.bold(rate(endedPerSecond))}`,
    `errors ${errorRate > TOO_MANY_ERRORS ? paint.red(errors) : paint.bold(errors)}`,
    ...(latencyMs
      ? (['p50', 'p95', 'p99'] as const).map(
          (name) => `${name} ${paint.bold(formatDuration(latencyMs[name]))}`,
        )
      : []),
  ]
  return `${parts.join('  ')}  ${paint.dim(`last ${formatDuration(windowS * 1000)}`)}`
}

function taskLine(status: SystemStatus): string {
  const { intake, tasks } = status.queues
  const byType = tasks
    .filter(({ active }) => active > 0)
    .toSorted((a, b) => b.active - a.active)
    .map(({ type, active }) => `${printable(type)} ${active}`)
  const types = byType.length > 0 ? ` (${byType.join(', ')})` : ''
  return `${count(activeTasks(status), 'active task')}${types}  intake ${intake.waiting} waiting, ${intake.inWork} in work`
}

/** The fullest, or all that are above one of their marks. */
function storageLines({ storage = [] }: SystemStatus, paint: Paint): string[] {
  const above = storage.filter(({ mark }) => mark > 0)
  const [fullest] = storage.filter(({ limitBytes }) => limitBytes > 0)
  if (above.length === 0) return fullest ? [paint.dim(`storage: the fullest is ${fillText(fullest)}`)] : []
  return above.map((level) => {
    const text = `storage: ${fillText(level)}, ${markText(level)} since ${timeOfDay(level.sinceMs)}`
    return level.mark > 1 || level.refuses ? paint.red(text) : paint.yellow(text)
  })
}

function activeTasks({ queues }: SystemStatus): number {
  return queues.tasks.reduce((sum, { active }) => sum + active, 0)
}

const NOTHING = { waiting: 0, inWork: 0, instances: 0, capacity: 0, inFlight: 0, drained: 0 }

function agentRows({ queues, agents }: SystemStatus): AgentRow[] {
  const rows = new Map<string, AgentRow>()
  const rowOf = (type: string): AgentRow => {
    const row = rows.get(type) ?? { type, ...NOTHING }
    rows.set(type, row)
    return row
  }
  for (const { type, instances, capacity, inFlight, drained = 0 } of agents)
    Object.assign(rowOf(type), { instances, capacity, inFlight, drained })
  for (const { agent, waiting, inWork } of queues.steps) {
    const row = rowOf(agent)
    row.waiting += waiting
    row.inWork += inWork
  }
  return [...rows.values()].toSorted((a, b) => (a.type < b.type ? -1 : 1))
}

function agentCells({ type, waiting, inWork, instances, capacity, inFlight, drained }: AgentRow): Cell[] {
  const isStuck = instances === 0 && waiting > 0
  return [
    { text: type, style: 'bold' },
    { text: String(waiting), ...(isStuck && { style: 'red' as const }) },
    { text: String(inWork) },
    {
      text: drained === 0 ? String(instances) : `${instances}, ${drained} drained`,
      ...(instances === 0 && { style: 'red' as const }),
      ...(drained > 0 && { style: 'yellow' as const }),
    },
    { text: capacity === 0 ? '' : `${inFlight}/${capacity}` },
    isStuck
      ? { text: 'nobody works on these', style: 'red' }
      : { text: capacity === 0 ? '' : progressBar(inFlight / capacity), style: 'cyan' },
  ]
}

function rate(perSecond: number): string {
  return `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)}/s`
}
