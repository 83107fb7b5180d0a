import type { TaskState } from '../../schemas/task.ts'
import { fanOutSubmission } from '../bench/fan-out-submission.ts'
import { middleOf, round, until } from '../bench/measure.ts'
import { type ConsoleStack, untilDrawn } from './console-stack.ts'

const END_TIMEOUT_MS = 120_000
const NODE = '.graph-node .number'
const BAR = '.waterfall-lane .bar'
const HISTORY = '.scrubber'
const CONCURRENCY = 200

export interface FanOutFigures {
  readonly items: number
  /** From the address until plan and waterfall are drawn, in tabs that have nothing cached. Milliseconds. */
  readonly openMs: number
  /** The same until its history can be gone through. */
  readonly historyMs: number
  /** Until its runs are shown, one by one, after the click that asks for them. */
  readonly unfoldMs: number
  /** The longest that the page stood still meanwhile. */
  readonly longestTaskMs: number
  readonly heapMb: number
}

/** Runs one step for each of so many items, and opens the task. */
export async function measureFanOut(
  stack: ConsoleStack,
  items: number,
  rounds: number,
): Promise<FanOutFigures> {
  const submission = fanOutSubmission(items, CONCURRENCY)
  const { taskId } = await stack.ask<{ taskId: string }>('/v1/tasks', submission)
  await until(
    'the task',
    async () => {
      const { task } = await stack.ask<{ task: TaskState }>(`/v1/tasks/${taskId}`)
      if (task.status === 'failed') throw new Error(task.error?.message)
      return task.status === 'completed'
    },
    END_TIMEOUT_MS,
  )
  const figures: { open: number; history: number; unfold: number; longest: number; heap: number }[] = []
  for (let n = 0; n < rounds; n++) figures.push(await openOnce(stack, taskId))
  const middle = (name: keyof (typeof figures)[number]) => round(middleOf(figures.map((of) => of[name])), 0)
  return {
    items,
    openMs: middle('open'),
    historyMs: middle('history'),
    unfoldMs: middle('unfold'),
    longestTaskMs: Math.max(...figures.map(({ longest }) => longest)),
    heapMb: middle('heap'),
  }
}

async function openOnce(stack: ConsoleStack, taskId: string) {
  const { page, cdp, close } = await stack.openTab([NODE, BAR, HISTORY])
  await page.addInitScript(() => {
    window.probe.isCounting = true
  })
  await page.goto(`${stack.url}/tasks/${taskId}`)
  await untilDrawn(page, [NODE, BAR, HISTORY])
  const drawn = await page.evaluate(() => window.probe.drawn)
  const unfold = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const fromMs = performance.now()
        document.querySelector<HTMLElement>('button.waterfall-fold')!.click()
        const poll = () =>
          document.querySelectorAll('.waterfall-row').length > 10
            ? requestAnimationFrame(() => resolve(performance.now() - fromMs))
            : requestAnimationFrame(poll)
        poll()
      }),
  )
  const longest = await page.evaluate(() => Math.max(0, ...window.probe.longTasks))
  await cdp.send('HeapProfiler.enable')
  await cdp.send('HeapProfiler.collectGarbage')
  const { usedSize } = await cdp.send('Runtime.getHeapUsage')
  await close()
  return {
    open: Math.max(drawn[NODE]!, drawn[BAR]!),
    history: drawn[HISTORY]!,
    unfold,
    longest: round(longest, 0),
    heap: usedSize / 1e6,
  }
}
