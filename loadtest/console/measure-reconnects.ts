import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import type { TaskState } from '../../schemas/task.ts'
import type { TaskEvent } from '../../schemas/task-event.ts'
import { LiveStream } from '../../services/console/data/live-stream.ts'
import { until } from '../bench/measure.ts'
import type { ConsoleStack } from './console-stack.ts'
import { startCutProxy } from './cut-proxy.ts'
import { chainOf } from './measure-updates.ts'

const END_TIMEOUT_MS = 60_000
const ROWS_TIMEOUT_MS = 20_000
const STEP_MS = 50

export interface ReconnectFigures {
  readonly cuts: number
  readonly connectionsCut: number
  /** Of the list: tasks that were run, and how many of them it had not, twice, or in another status than the API in the end. */
  readonly tasks: number
  readonly rowsLost: number
  readonly rowsDoubled: number
  readonly rowsWrong: number
  /** Of one task that was followed: events that it had, and which of them the stream did not tell, or told twice. */
  readonly events: number
  readonly eventsLost: number
  readonly eventsDoubled: number
}

/** Cuts all connections of a page several times while tasks run, and compares with what the API and the log say at the end. */
export async function measureReconnects(
  stack: ConsoleStack,
  { cuts, seconds, perSecond }: { cuts: number; seconds: number; perSecond: number },
): Promise<ReconnectFigures> {
  const proxy = await startCutProxy(stack.port)
  const label = `reconnect-${Date.now()}`
  const { page, close } = await stack.openTab()
  await page.goto(`http://127.0.0.1:${proxy.port}/tasks?label=bench:${label}`)
  await page.getByText('Live', { exact: true }).waitFor()
  // Each step is an event of the log, and so is its end.
  const naps = Math.round((seconds * 1000) / STEP_MS / 4)
  const long = await stack.ask<{ taskId: string }>('/v1/tasks', {
    type: 'plan',
    plan: {
      steps: Array.from({ length: Math.min(200, naps) }, (_, n) => ({
        id: `s${n}`,
        sleep: { ms: STEP_MS },
        ...(n > 0 && { needs: [`s${n - 1}`] }),
      })),
    },
  })
  const followed = follow(`http://127.0.0.1:${proxy.port}`, long.taskId)
  const ids: string[] = []
  let connectionsCut = 0
  let done = 0
  const startMs = performance.now()
  for (let n = 0; n < seconds * perSecond; n++) {
    const waitMs = startMs + (n * 1000) / perSecond - performance.now()
    if (waitMs > 0) await sleep(waitMs)
    ids.push((await stack.ask<{ taskId: string }>('/v1/tasks', chainOf(3, label))).taskId)
    if (n >= ((done + 1) * seconds * perSecond) / (cuts + 1) && done < cuts) {
      connectionsCut += proxy.cut()
      done++
    }
  }
  await until('the followed task', () => followed.isOver, END_TIMEOUT_MS)
  const rows = await rowsOf(page, ids.length)
  const wrong = await statusesWrong(stack, rows, ids)
  const { task } = await stack.ask<{ task: TaskState }>(`/v1/tasks/${long.taskId}`)
  await close()
  await proxy.close()
  return {
    cuts: done,
    connectionsCut,
    tasks: ids.length,
    rowsLost: ids.filter((id) => !rows.has(id)).length,
    rowsDoubled: [...rows.values()].filter(({ places }) => places.size > 1).length,
    rowsWrong: wrong,
    ...compare(followed, task.rev),
  }
}

interface Followed {
  /** Revision of the task in the first snapshot. */
  firstRev: number | undefined
  readonly told: TaskEvent[]
  isOver: boolean
}

/** Follows a task by the very stream that pages use. */
function follow(origin: string, taskId: string): Followed {
  const followed: Followed = { firstRev: undefined, told: [], isOver: false }
  new LiveStream({
    url: `${origin}/v1/tasks/${taskId}/events`,
    schedule: (run) => void setImmediate(run),
    connection: { streamIs: () => undefined, heard: () => undefined },
    onEvents: (events) => {
      for (const { event, data } of events) {
        if (event === 'event') followed.told.push(data as TaskEvent)
        if (event === 'snapshot') followed.firstRev ??= (data as { task: TaskState }).task.rev
      }
    },
    onEnd: () => {
      followed.isOver = true
    },
  })
  return followed
}

/** Each revision after the first snapshot is told by an event of its own; a later snapshot in the place of events counts as their loss. */
function compare(
  { firstRev = 0, told }: Followed,
  lastRev: number,
): Pick<ReconnectFigures, 'events' | 'eventsLost' | 'eventsDoubled'> {
  const keys = told.map(({ rev, kind, stepId }) => `${rev} ${kind} ${stepId ?? ''}`)
  const revs = new Set(told.flatMap(({ rev }) => rev ?? []))
  const missing = Array.from({ length: lastRev - firstRev }, (_, n) => firstRev + 1 + n).filter(
    (rev) => !revs.has(rev),
  )
  return {
    events: lastRev - firstRev,
    eventsLost: missing.length,
    eventsDoubled: keys.length - new Set(keys).size,
  }
}

/** Every row of the list, by its task: where it stands and its status. */
async function rowsOf(
  page: Page,
  wanted: number,
): Promise<Map<string, { status: string; places: Set<number> }>> {
  const count = () =>
    page.evaluate(() => Number(document.querySelector('[role=grid]')!.getAttribute('aria-rowcount')) - 1)
  // What never comes is told as lost.
  await until('all rows', async () => (await count()) >= wanted, ROWS_TIMEOUT_MS).catch(() => undefined)
  // The last change is told within this.
  await sleep(1000)
  const rows = new Map<string, { status: string; places: Set<number> }>()
  const found = await page.evaluate(async () => {
    const grid = document.querySelector('[role=grid]')!
    const all: [id: string, status: string, place: number][] = []
    for (let top = 0; ; top += 400) {
      grid.scrollTop = top
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
      for (const row of grid.querySelectorAll<HTMLElement>('.table-row[data-key]'))
        all.push([
          row.dataset.key!,
          row.querySelector('.badge')?.textContent?.replace(/[^a-z-]/g, '') ?? '',
          Number(row.dataset.index),
        ])
      if (top > grid.scrollHeight) return all
    }
  })
  for (const [id, status, place] of found) {
    const places = rows.get(id)?.places ?? new Set()
    rows.set(id, { status, places: places.add(place) })
  }
  return rows
}

async function statusesWrong(
  stack: ConsoleStack,
  rows: ReadonlyMap<string, { status: string }>,
  ids: readonly string[],
): Promise<number> {
  const statuses = await Promise.all(
    ids.map(async (id) => {
      const { task } = await stack.ask<{ task: { status: string } }>(`/v1/tasks/${id}`)
      return rows.get(id)?.status === task.status
    }),
  )
  return statuses.filter((isRight) => !isRight).length
}
