import { parseLabelFilter } from '#schemas/label-filter.ts'
import type { TaskSummary } from '#schemas/task.ts'
import type { ChangeTasksRequest } from '#schemas/task-controls.ts'
import { isTerminal, TASK_STATUSES, type TaskStatus } from '#schemas/task-status.ts'
import { hasTaskText } from '#schemas/task-text.ts'

/** What a list of tasks is picked by, as it stands in the URL. */
export const FILTER_NAMES = ['status', 'type', 'label', 'from', 'before', 'q'] as const

export interface TaskFilter {
  readonly status?: TaskStatus | undefined
  readonly type?: string | undefined
  /** `name:value`, as the API takes them. */
  readonly labels: readonly string[]
  /** A date, or a span until now as `24h`, `7d`, `15m`. */
  readonly from?: string | undefined
  readonly before?: string | undefined
  /** Looked for by the server in all tasks: ids, types, statuses, labels, errors. */
  readonly text?: string | undefined
}

/** As `LIMITS.searchChars`. */
const MAX_TEXT = 200
const SPANS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Of what stands in the URL; what is no status is none. Pure. */
export function filterOf(
  state: Readonly<Record<(typeof FILTER_NAMES)[number], readonly string[]>>,
): TaskFilter {
  const one = (name: (typeof FILTER_NAMES)[number]) => state[name][0]
  return {
    status: TASK_STATUSES.find((status) => status === one('status')),
    type: one('type'),
    labels: state.label.filter((label) => parseLabelFilter(label) !== undefined),
    from: one('from'),
    before: one('before'),
    text: one('q')?.trim() || undefined,
  }
}

/** Unix milliseconds of a bound; undefined for what is none. Pure. */
export function boundMs(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined
  const [, count, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? []
  if (count !== undefined) return nowMs - Number(count) * SPANS[unit!]!
  const atMs = /^\d{10,16}$/.test(text) ? Number(text) : Date.parse(text)
  return Number.isFinite(atMs) ? atMs : undefined
}

/** The query of `GET /v1/tasks`. Pure. */
export function queryOf(filter: TaskFilter, nowMs: number): Record<string, string | string[]> {
  const from = boundMs(filter.from, nowMs)
  const before = boundMs(filter.before, nowMs)
  return {
    ...(filter.status && { status: filter.status }),
    ...(filter.type && { type: filter.type }),
    ...(filter.labels.length > 0 && { label: [...filter.labels] }),
    ...(filter.text && { text: filter.text.slice(0, MAX_TEXT) }),
    ...(from !== undefined && { createdFrom: String(from) }),
    ...(before !== undefined && { createdBefore: String(before) }),
  }
}

/** As `change-many` takes it. */
export type BulkFilter = NonNullable<ChangeTasksRequest['filter']>

/** The filter of `change-many`; undefined where it would find every task, which the API refuses. Pure. */
export function bulkFilterOf(filter: TaskFilter, nowMs: number): BulkFilter | undefined {
  const from = boundMs(filter.from, nowMs)
  const before = boundMs(filter.before, nowMs)
  const labels = filter.labels.flatMap((label) => parseLabelFilter(label) ?? [])
  const found = {
    ...(filter.status && { status: filter.status }),
    ...(filter.type && { type: filter.type }),
    ...(labels.length > 0 && { labels: Object.fromEntries(labels.map(({ name, value }) => [name, value])) }),
    ...(filter.text && { text: filter.text.slice(0, MAX_TEXT) }),
    ...(from !== undefined && { createdFromMs: from }),
    ...(before !== undefined && { createdBeforeMs: before }),
  }
  return Object.keys(found).length > 0 ? found : undefined
}

/** Whether the API would list it. Pure. */
export function matches(task: TaskSummary, filter: TaskFilter, nowMs: number): boolean {
  if (filter.status && task.status !== filter.status) return false
  if (filter.type && task.type !== filter.type) return false
  const from = boundMs(filter.from, nowMs)
  const before = boundMs(filter.before, nowMs)
  if (from !== undefined && task.createdAtMs < from) return false
  if (before !== undefined && task.createdAtMs >= before) return false
  if (filter.text !== undefined && !hasTaskText(task, filter.text)) return false
  return filter.labels.every((text) => {
    const label = parseLabelFilter(text)
    return label === undefined || task.labels?.[label.name] === label.value
  })
}

export type BulkAction = 'cancel' | 'pause' | 'resume' | 'retry'

/** What may be done with a task in this status. Pure. */
export function actionsFor(status: TaskStatus): BulkAction[] {
  if (isTerminal(status)) return ['retry']
  if (status === 'paused') return ['resume', 'cancel']
  return status === 'compensating' ? [] : ['pause', 'cancel']
}
