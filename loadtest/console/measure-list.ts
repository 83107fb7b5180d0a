import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { middleOf, round } from '../bench/measure.ts'
import { type ConsoleStack, untilDrawn } from './console-stack.ts'

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
