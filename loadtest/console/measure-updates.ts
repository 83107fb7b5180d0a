import { setTimeout as sleep } from 'node:timers/promises'
import type { TaskEvent } from '../../schemas/task-event.ts'
import { parseTaskEventSubject } from '../../subjects/subjects.ts'
import { percentileOrNaN, round, watchOwnDelay } from '../bench/measure.ts'
import type { ConsoleStack } from './console-stack.ts'
import { type FrameFigures, frameFigures } from './verdicts.ts'

export interface UpdateFigures {
  /** Events a second that there were, of all kinds. */
  readonly eventsPerSecond: number
  /** Ends of tasks that were seen in the list. */
  readonly seen: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly maxMs: number
  readonly frames: FrameFigures
  /** Of the main thread, longer than 50 ms: how many, and the longest. Milliseconds. */
  readonly longTasks: { readonly count: number; readonly maxMs: number }
  /** Of the generator itself; above 10 the run is void. */
  readonly generatorDelayP99Ms: number
}

/** Events of a task of three steps: three ends of steps, and its own. */
const EVENTS_PER_TASK = 4
const TAIL_MS = 1500
const AGENTS = ['noop-a', 'noop-b', 'noop-c']

/** A task of so many steps, one after the other, with a label of its own. */
export function chainOf(steps: number, label: string) {
  return {
    type: 'plan',
    labels: { bench: label },
    plan: {
      steps: Array.from({ length: steps }, (_, at) => ({
        id: `s${at}`,
        agent: AGENTS[at % AGENTS.length],
        input: { payload: 'x' },
        ...(at > 0 && { needs: [`s${at - 1}`] }),
      })),
    },
  }
}

/** Tasks of three steps at a fixed rate, and how long after each end of a task the list shows it. */
export async function measureUpdates(
  stack: ConsoleStack,
  { eventsPerSecond, seconds }: { eventsPerSecond: number; seconds: number },
): Promise<UpdateFigures> {
  const { page, close } = await stack.openTab()
  await page.goto(`${stack.url}/tasks`)
  await page.locator('.table-row[data-key]').first().waitFor()
  await page.getByText('Live', { exact: true }).waitFor()
  const happenedMs = new Map<string, number>()
  let events = 0
  const end = stack.bus.subscribe('tasks.events.plan.*.*', ({ subject, data }) => {
    events++
    if (subject.endsWith('.completed'))
      happenedMs.set(
        parseTaskEventSubject(subject)!.taskId,
        (JSON.parse(Buffer.from(data).toString()) as TaskEvent).atMs,
      )
  })
  const own = watchOwnDelay()
  await page.evaluate(() => {
    window.probe.isCounting = true
  })
  const rate = eventsPerSecond / EVENTS_PER_TASK
  const startMs = performance.now()
  const answers: Promise<unknown>[] = []
  for (let n = 0; n < rate * seconds; n++) {
    const waitMs = startMs + (n * 1000) / rate - performance.now()
    if (waitMs > 0) await sleep(waitMs)
    answers.push(stack.ask('/v1/tasks', chainOf(3, 'updates')))
  }
  await Promise.all(answers)
  const took = (performance.now() - startMs) / 1000
  const generatorDelayP99Ms = round(own.p99Ms())
  await sleep(TAIL_MS)
  end()
  const { seen, gaps, longTasks } = await page.evaluate(() => window.probe)
  await close()
  const latencies = seen
    .filter(({ status }) => status === 'completed')
    .flatMap(({ id, atMs }) => {
      const at = happenedMs.get(id)
      return at === undefined ? [] : [atMs - at]
    })
    .toSorted((a, b) => a - b)
  return {
    eventsPerSecond: round(events / took),
    seen: latencies.length,
    p50Ms: round(percentileOrNaN(latencies, 0.5)),
    p95Ms: round(percentileOrNaN(latencies, 0.95)),
    maxMs: round(latencies.at(-1) ?? Number.NaN),
    frames: frameFigures(gaps),
    longTasks: { count: longTasks.length, maxMs: round(Math.max(0, ...longTasks)) },
    generatorDelayP99Ms,
  }
}
