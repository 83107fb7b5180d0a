import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { middleOf, round } from '../bench/measure.ts'
import { type ConsoleStack, untilDrawn } from './console-stack.ts'
import { frameFigures } from './verdicts.ts'

const ROW = '.table-row[data-key]'
const HEADING = 'h1'

/** What a browser fetches before it shows the first screen: files of the console, gzip -9. Bytes. */
export async function measureFirstRoute(stack: ConsoleStack): Promise<{ bytes: number; files: number }> {
  const tab = await stack.openTab()
  const paths = new Set<string>()
  tab.page.on('response', (response) => {
    const { pathname } = new URL(response.url())
    if (!pathname.startsWith('/v1/')) paths.add(pathname)
  })
  await tab.page.goto(`${stack.url}/tasks`)
  await tab.page.locator(ROW).first().waitFor()
  await tab.close()
  const sizes = [...paths].map((path) => {
    const name = path === '/' || path === '/tasks' ? 'index.html' : path.slice(1)
    return gzipSync(readFileSync(join(stack.folder, name)), { level: 9 }).length
  })
  return { bytes: sizes.reduce((sum, size) => sum + size, 0), files: sizes.length }
}

/** From the address until the first rows are drawn, in tabs that have nothing cached. Milliseconds. */
export async function measureFirstPicture(
  stack: ConsoleStack,
  rounds: number,
): Promise<{ medianMs: number; maxMs: number; frameMs: number; listMs: number }> {
  const rows: number[] = []
  const frames: number[] = []
  const answers: number[] = []
  for (let n = 0; n < rounds; n++) {
    const tab = await stack.openTab([ROW, HEADING])
    await tab.page.goto(`${stack.url}/tasks`)
    await untilDrawn(tab.page, [ROW, HEADING])
    rows.push(await tab.page.evaluate((selector) => window.probe.drawn[selector]!, ROW))
    frames.push(await tab.page.evaluate((selector) => window.probe.drawn[selector]!, HEADING))
    answers.push(
      await tab.page.evaluate(() => {
        const [asked] = performance
          .getEntriesByType('resource')
          .filter(({ name }) => /\/v1\/tasks\?/.test(name))
        return asked?.duration ?? Number.NaN
      }),
    )
    await tab.close()
  }
  return {
    medianMs: round(middleOf(rows), 0),
    maxMs: round(Math.max(...rows), 0),
    frameMs: round(middleOf(frames), 0),
    listMs: round(middleOf(answers), 0),
  }
}

/** Scrolls to the end of what is loaded until so many rows are, or the time is up; then jumps within them. */
export async function measureLongList(
  stack: ConsoleStack,
  wanted: number,
  limitMs: number,
): Promise<{
  rows: number
  seconds: number
  heapMb: number
  elements: number
  jumpsMs: { start: number; end: number; middle: number }
  frames: ReturnType<typeof frameFigures>
}> {
  const { page, cdp, close } = await stack.openTab()
  await page.goto(`${stack.url}/tasks`)
  await page.locator(ROW).first().waitFor()
  const startedMs = performance.now()
  const count = () =>
    page.evaluate(() => Number(document.querySelector('[role=grid]')!.getAttribute('aria-rowcount')) - 1)
  let rows = await count()
  await page.evaluate(() => {
    window.probe.isCounting = true
  })
  while (rows < wanted && performance.now() - startedMs < limitMs) {
    // As fast as pages come: to the end of what there is, again and again.
    await page.evaluate(
      (atMost) =>
        new Promise<void>((resolve) => {
          const grid = document.querySelector('[role=grid]')!
          const endMs = performance.now() + 2000
          const go = () => {
            grid.scrollTop = grid.scrollHeight
            const known = Number(grid.getAttribute('aria-rowcount')) - 1
            if (performance.now() > endMs || known >= atMost) resolve()
            else requestAnimationFrame(go)
          }
          go()
        }),
      wanted,
    )
    rows = await count()
  }
  const seconds = round((performance.now() - startedMs) / 1000)
  const gaps = await page.evaluate(() => window.probe.gaps)
  const jump = (share: number) =>
    page.evaluate(
      (to) =>
        new Promise<number>((resolve) => {
          const grid = document.querySelector('[role=grid]')!
          const fromMs = performance.now()
          grid.scrollTop = (grid.scrollHeight - grid.clientHeight) * to
          const { top, bottom } = grid.getBoundingClientRect()
          // Drawn when what is in the middle of the frame is a row that has its task.
          const poll = () => {
            const middle = document.elementFromPoint(400, (top + bottom) / 2)?.closest('.table-row')
            if (performance.now() - fromMs > 20 && middle?.hasAttribute('data-key'))
              requestAnimationFrame(() => resolve(performance.now() - fromMs))
            else if (performance.now() - fromMs > 10_000) resolve(Number.NaN)
            else requestAnimationFrame(poll)
          }
          requestAnimationFrame(poll)
        }),
      share,
    )
  const jumpsMs = {
    start: round(await jump(0), 0),
    end: round(await jump(1), 0),
    middle: round(await jump(0.5), 0),
  }
  await cdp.send('HeapProfiler.enable')
  await cdp.send('HeapProfiler.collectGarbage')
  const { usedSize } = await cdp.send('Runtime.getHeapUsage')
  const elements = await page.evaluate(() => document.querySelectorAll('*').length)
  await close()
  return { rows, seconds, heapMb: round(usedSize / 1e6), elements, jumpsMs, frames: frameFigures(gaps) }
}
