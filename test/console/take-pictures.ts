import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import t from 'tap'
import { until } from '../support/until.ts'
import { type OpenedConsole, openConsole, type TabOptions } from './console-fixture.ts'
import { fillPictures, type PictureIds } from './picture-stack.ts'
import { videoAgents } from './video-fixture.ts'

// Pictures of the screens of the console, of a real stack with rendered cameras: `node test/console/take-pictures.ts FOLDER [--all] [--only NAME,…]`. With
// `--all` each in the dark, and as telephones, tablets and wide screens show it too, for whoever changes one; with `--docs` those that docs/console.md shows, smaller.

const words = process.argv.slice(2)
const optionAt = words.indexOf('--only')
const only = optionAt < 0 ? undefined : words.splice(optionAt, 2)[1]?.split(',')
const [folder = 'pictures-of-the-console'] = words.filter((word) => !word.startsWith('--'))
const isForDocs = words.includes('--docs')
const LOOKS: Readonly<Record<string, TabOptions>> = words.includes('--all')
  ? {
      light: {},
      dark: { colorScheme: 'dark' },
      phone: { width: 390, height: 844 },
      tablet: { width: 768, height: 1024 },
      wide: { width: 1920, height: 1080 },
    }
  : { light: {} }
const SIZE = { width: 1280, height: 800 }
const SHOWN_WIDTH = 960
const MAX_BYTES = 100 * 1024
const PICTURE_TIMEOUT_MS = 60_000
const SHOT_TIMEOUT_MS = 15_000

interface Shot {
  readonly path: string
  /** Shown in docs/console.md: as it is by day, or in the dark. */
  readonly docs?: 'light' | 'dark'
  /** There when this is. */
  readonly awaited?: string
  /** Before the picture is taken. */
  readonly act?: (page: Page) => Promise<void>
}

function shotsOf(ids: PictureIds): Readonly<Record<string, Shot>> {
  return {
    tasks: { path: '/tasks', docs: 'light' },
    'tasks-empty': { path: '/tasks?label=team:nobody', awaited: '.empty' },
    'tasks-search': { path: '/tasks?q=acme-1' },
    'tasks-bulk': {
      path: '/tasks?label=team:north&status=failed',
      act: (page) => page.getByRole('button', { name: /^Retry/ }).click(),
    },
    task: { path: `/tasks/${ids.task}`, docs: 'dark', awaited: '.scrubber' },
    'task-retry': {
      path: `/tasks/${ids.task}`,
      awaited: '.scrubber',
      docs: 'light',
      act: async (page) => {
        await page.getByRole('button', { name: 'Retry…' }).click()
        await page
          .getByRole('dialog')
          .getByRole('textbox', { name: /^Input of convert/ })
          .fill('{\n  "payload": "4200 EUR"\n}')
      },
    },
    'task-waiting': { path: `/tasks/${ids.running}?step=publish`, awaited: '.why' },
    'task-list': {
      path: `/tasks/${ids.fanOut}?step=pages`,
      awaited: '.scrubber',
      act: (page) => page.getByRole('button', { name: 'Runs of pages' }).click(),
    },
    'task-missing': { path: '/tasks/tAAAAAAAAAAAAAAAAAAAAAA', awaited: '.error-panel, [role=alert]' },
    report: {
      path: `/tasks/${ids.report}/report?finding=i1&at=0`,
      docs: 'light',
      awaited: 'main :is(td, dd)',
      act: (page) =>
        page.frameLocator('iframe').getByRole('heading', { level: 1 }).waitFor({ state: 'attached' }),
    },
    submit: { path: '/submit?kind=report' },
    'submit-plan': { path: '/submit?kind=plan', docs: 'light', awaited: '.graph-node' },
    inbox: { path: '/inbox', docs: 'light', awaited: '.inbox-row' },
    cameras: { path: '/cameras', docs: 'dark', awaited: '.tile img', act: (page) => untilPictures(page, 2) },
    camera: { path: `/cameras/${ids.camera}`, awaited: 'main img', act: (page) => untilPictures(page, 1) },
    rules: {
      path: `/cameras/${ids.camera}/rules`,
      docs: 'light',
      awaited: '.canvas',
      act: (page) => untilPictures(page, 1),
    },
    review: { path: '/review?range=15m', docs: 'light', awaited: '.review-row' },
    agents: { path: '/agents?type=noop-a' },
    queues: { path: '/queues' },
    'dead-letters': { path: '/dead-letters' },
    'dead-letter': { path: '/dead-letters/1' },
    schedules: { path: '/schedules' },
    schedule: { path: '/schedules/nightly-report' },
    system: { path: '/system', docs: 'light' },
    palette: {
      path: '/tasks',
      act: async (page) => {
        await page.keyboard.press('Control+k')
        await page.getByRole('combobox', { name: /Search commands/ }).fill('re')
      },
    },
    keys: { path: '/tasks', act: (page) => page.keyboard.press('?') },
    'not-found': { path: '/no-such-screen', awaited: 'h1' },
  }
}

t.setTimeout(600_000)
await t.test('pictures', async (t) => {
  const web = await openConsole(t, {
    agents: [
      'loadtest/bench/noop-agents.ts',
      'services/agents/report-agents.ts',
      'services/agents/report/ingest/main.ts',
      ...videoAgents()!,
    ],
    edge: {
      MURMUR_EDGE_GRAFANA_URL: 'http://127.0.0.1:3000',
      MURMUR_EDGE_JAEGER_URL: 'http://127.0.0.1:16686',
    },
  })
  const shots = Object.entries(shotsOf(await fillPictures(web)))
  mkdirSync(folder, { recursive: true })
  for (const [name, shot] of shots) {
    if ((only && !only.includes(name)) || (isForDocs && !shot.docs)) continue
    const looks = isForDocs ? { light: shot.docs === 'dark' ? { colorScheme: 'dark' as const } : {} } : LOOKS
    for (const [look, options] of Object.entries(looks)) {
      const file = join(folder, look === 'light' ? `${name}.webp` : `${name}-${look}.webp`)
      const fault = await take(web, shot, options, file).catch((error: Error) => error.message)
      if (typeof fault === 'string') t.fail(`${file}: ${fault}`)
      else t.ok(fault <= MAX_BYTES, `${file}: ${fault} bytes`)
    }
  }
})

/** @returns the bytes of the picture */
async function take(web: OpenedConsole, shot: Shot, options: TabOptions, file: string): Promise<number> {
  const { page, context } = await web.openTab({ ...SIZE, ...options, path: shot.path })
  page.setDefaultTimeout(SHOT_TIMEOUT_MS)
  try {
    await page.getByRole('heading', { level: 1 }).or(page.getByRole('alert')).first().waitFor()
    await page.locator('.spinner').first().waitFor({ state: 'detached' })
    const rows = 'main :is(td, meter, [role=meter], [role=gridcell], dd, .field)'
    await page
      .locator(shot.awaited ?? rows)
      .first()
      .waitFor({ state: 'attached' })
    await shot.act?.(page)
    // What comes live has come, and what moves stands still.
    await page.evaluate('new Promise((resolve) => setTimeout(resolve, 800))')
    const { size } = await sharp(await page.screenshot())
      .resize({ width: isForDocs ? SHOWN_WIDTH : (options.width ?? SIZE.width) })
      .webp({ quality: 70 })
      .toFile(file)
    return size
  } catch (error) {
    await page.screenshot({ path: file.replace(/\.webp$/, '-fault.png') })
    throw error
  } finally {
    await context.close()
  }
}

async function untilPictures(page: Page, count: number): Promise<void> {
  const shown = `[...document.querySelectorAll('main img')].filter((one) => one.naturalWidth > 100).length`
  await until(
    `${count} pictures`,
    async () => (await page.evaluate<number>(shown)) >= count,
    PICTURE_TIMEOUT_MS,
  )
}
