import type { Page } from 'playwright-core'
import { middleOf, round, until } from '../bench/measure.ts'
import type { ConsoleStack } from './console-stack.ts'
import { frameFigures } from './verdicts.ts'

const ROW = '.table-row[data-key]'
/** Places of the scroll bar that are dragged to, one after the other: far from each other, and near. */
const DRAGS = [0.5, 0.1, 0.9, 0.3, 0.31, 0.7, 0.02, 0.98, 0.6, 0.45] as const
const GIVEN_UP_MS = 10_000
const SCROLLED_MS = 5000
/** A turn of the wheel each frame. Pixels. */
const WHEEL_PX = 240

export interface LongListFigures {
  /** Rows that the scroll bar stands for. */
  readonly rows: number
  /** From the key End in a list that was just opened until the oldest task is drawn. Milliseconds. */
  readonly endMs: number
  /** Whether the last row is the oldest task. */
  readonly isOldest: boolean
  /** From a drag until all that is seen is drawn. Milliseconds. */
  readonly dragsMs: { readonly median: number; readonly max: number }
  /** How far the tasks that were shown are from where the drag went, by the time they were created. Share of the whole. */
  readonly offBy: number
  readonly homeMs: number
  /** Pages that were asked for, all in all. */
  readonly pages: number
  readonly heapMb: number
  readonly elements: number
  /** While it is scrolled through, past what is loaded. */
  readonly frames: ReturnType<typeof frameFigures>
}

/** Opens the list of all tasks, goes to its end, to places between and back, and scrolls. */
export async function measureLongList(stack: ConsoleStack): Promise<LongListFigures> {
  const { page, cdp, close } = await stack.openTab()
  let pages = 0
  page.on('request', (request) => {
    if (/\/v1\/tasks\?/.test(request.url())) pages++
  })
  const oldest = await edgeOf(stack, 'oldest')
  const newest = await edgeOf(stack, 'newest')
  await page.goto(`${stack.url}/tasks`)
  await page.locator(ROW).first().waitFor()
  // The end is read right after the start.
  const rowCount = () =>
    page.evaluate<number>('Number(document.querySelector("[role=grid]").ariaRowCount) - 1')
  await until('the end of the list', async () => (await rowCount()) > 1000, GIVEN_UP_MS)
  await page.locator(ROW).first().focus()
  const endMs = await untilShown(page, () => page.keyboard.press('End'))
  const isOldest = (await lastKey(page)) === oldest.id
  const drags: number[] = []
  const offBy: number[] = []
  for (const share of DRAGS) {
    drags.push(await untilShown(page, () => drag(page, share)))
    const { createdAtMs } = await taskOf(stack, (await middleKey(page))!)
    const wanted = newest.createdAtMs - share * (newest.createdAtMs - oldest.createdAtMs)
    offBy.push(Math.abs(createdAtMs - wanted) / (newest.createdAtMs - oldest.createdAtMs))
  }
  const gaps = await scroll(page)
  const homeMs = await untilShown(page, async () => {
    await page.locator(ROW).first().focus()
    await page.keyboard.press('Home')
  })
  await cdp.send('HeapProfiler.enable')
  await cdp.send('HeapProfiler.collectGarbage')
  const { usedSize } = await cdp.send('Runtime.getHeapUsage')
  const figures = {
    rows: await rowCount(),
    endMs: round(endMs, 0),
    isOldest,
    dragsMs: { median: round(middleOf(drags), 0), max: round(Math.max(...drags), 0) },
    offBy: round(Math.max(...offBy), 4),
    homeMs: round(homeMs, 0),
    pages,
    heapMb: round(usedSize / 1e6),
    elements: await page.evaluate<number>('document.querySelectorAll("*").length'),
    frames: frameFigures(gaps),
  }
  await close()
  return figures
}

interface ListedTask {
  id: string
  createdAtMs: number
}

async function edgeOf(stack: ConsoleStack, order: 'newest' | 'oldest'): Promise<ListedTask> {
  const { tasks } = await stack.ask<{ tasks: ListedTask[] }>(`/v1/tasks?order=${order}&limit=1`)
  return tasks[0]!
}

async function taskOf(stack: ConsoleStack, id: string): Promise<ListedTask> {
  return (await stack.ask<{ task: ListedTask }>(`/v1/tasks/${id}`)).task
}

function drag(page: Page, share: number): Promise<void> {
  return page.evaluate((to) => {
    const grid = document.querySelector('[role=grid]')!
    grid.scrollTop = (grid.scrollHeight - grid.clientHeight) * to
  }, share)
}

/** Does something, and waits until all rows that are seen have their tasks. Milliseconds; NaN: they had not. */
async function untilShown(page: Page, act: () => Promise<void>): Promise<number> {
  const beforeMs = performance.now()
  await act()
  const waitedMs = await page.evaluate(
    (limitMs) =>
      new Promise<number>((resolve) => {
        const fromMs = performance.now()
        const poll = () => {
          const grid = document.querySelector('[role=grid]')!.getBoundingClientRect()
          const seen = [...document.querySelectorAll('.table-row')].filter((row) => {
            const { top, bottom } = row.getBoundingClientRect()
            return top > grid.top + 32 && bottom <= grid.bottom
          })
          const isShown = seen.length > 5 && seen.every((row) => row.hasAttribute('data-key'))
          if (isShown) requestAnimationFrame(() => resolve(performance.now() - fromMs))
          else if (performance.now() - fromMs > limitMs) resolve(Number.NaN)
          else requestAnimationFrame(poll)
        }
        requestAnimationFrame(() => requestAnimationFrame(poll))
      }),
    GIVEN_UP_MS,
  )
  return Number.isNaN(waitedMs) ? waitedMs : performance.now() - beforeMs
}

function lastKey(page: Page): Promise<string | null> {
  return page.evaluate(() => {
    const rows = [...document.querySelectorAll('.table-row')]
    const index = (row: Element) => Number(row.getAttribute('data-index'))
    return rows.toSorted((a, b) => index(b) - index(a))[0]!.getAttribute('data-key')
  })
}

function middleKey(page: Page): Promise<string | null> {
  return page.evaluate(() => {
    const { top, bottom } = document.querySelector('[role=grid]')!.getBoundingClientRect()
    const row = document.elementFromPoint(400, (top + bottom) / 2)?.closest('.table-row')
    return row?.getAttribute('data-key') ?? null
  })
}

/** Turns the wheel for some seconds. @returns times between frames, milliseconds */
function scroll(page: Page): Promise<number[]> {
  return page.evaluate(
    ([forMs, px]) =>
      new Promise<number[]>((resolve) => {
        const grid = document.querySelector('[role=grid]')!
        const gaps: number[] = []
        const endMs = performance.now() + forMs!
        let last: number | undefined
        const turn = (nowMs: number) => {
          if (last !== undefined) gaps.push(nowMs - last)
          last = nowMs
          grid.scrollTop += px!
          if (performance.now() > endMs) resolve(gaps)
          else requestAnimationFrame(turn)
        }
        requestAnimationFrame(turn)
      }),
    [SCROLLED_MS, WHEEL_PX],
  )
}
