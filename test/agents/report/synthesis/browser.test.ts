/** Looks at the pages as a browser does. Needs a Chromium; without one it says so and is skipped. */

import { type Browser, chromium, type Page } from 'playwright-core'
import t from 'tap'
import type { Analysis } from '#schemas/analysis.ts'
import { buildReport } from '../../../../services/agents/report/synthesis/build-report.ts'
import { renderReport } from '../../../../services/agents/report/synthesis/html/render-report.ts'
import { findChromium } from '../../../support/find-chromium.ts'
import { emptyAnalysis } from './analysis-fixtures.ts'
import { climateAnalysis } from './climate-analysis.ts'
import { hostileAnalysis, manyColumns, onlyImages, onlyRejected } from './edge-analyses.ts'
import { storesAnalysis } from './stores-analysis.ts'

/** Page height matters not; 360 px is the narrowest telephone in use. */
const PHONE = { width: 360, height: 740 }

const CASES: Record<string, () => Analysis> = {
  ordinary: climateAnalysis,
  stores: storesAnalysis,
  hostile: hostileAnalysis,
  'many columns': manyColumns,
  'only images': onlyImages,
  'only rejected': onlyRejected,
  empty: () => emptyAnalysis,
}

/** A tab that collects what its pages complain about and ask for. */
async function openTab(browser: Browser) {
  const page = await browser.newPage({ viewport: PHONE })
  const stderrTail: string[] = []
  const requests: string[] = []
  page.on('console', (message) => stderrTail.push(message.text()))
  page.on('pageerror', (error) => stderrTail.push(error.message))
  page.on('request', (request) => {
    if (!request.url().startsWith('data:')) requests.push(request.url())
  })
  return {
    page,
    stderrTail,
    requests,
    /** Shows a page on a telephone, with everything unfolded. */
    async show(content: string, colorScheme: 'light' | 'dark') {
      stderrTail.length = 0
      requests.length = 0
      await page.setViewportSize(PHONE)
      await page.emulateMedia({ colorScheme })
      await page.setContent(content)
      await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true')
    },
  }
}

/** Texts with too little contrast: colour against the nearest opaque background, by WCAG 2. Runs in the page. */
const FAINT_TEXTS = `(() => {
  const parse = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number)
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((part) => part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const background = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const [r, g, b, a = 1] = parse(getComputedStyle(each).backgroundColor)
      if (a === 1) return [r, g, b]
    }
    return [255, 255, 255]
  }
  const faint = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement
    if (!node.data.trim() || element.closest('title')) continue
    const style = getComputedStyle(element)
    const colour = parse(element.closest('svg') ? style.fill : style.color).slice(0, 3)
    const [high, low] = [luminance(colour), luminance(background(element))].sort((a, b) => b - a)
    const contrast = (high + 0.05) / (low + 0.05)
    if (contrast < 4.5) faint.push(contrast.toFixed(2) + ' ' + node.data.trim().slice(0, 40))
  }
  return faint
})()`

/** Texts of pictures that reach beyond their picture. Runs in the page. */
const CUT_TEXTS = `[...document.querySelectorAll('svg')].flatMap((svg) => {
  const edge = svg.getBoundingClientRect()
  if (edge.width === 0) return []
  return [...svg.querySelectorAll('text')].flatMap((text) => {
    const box = text.getBoundingClientRect()
    const cut = box.left < edge.left - 1 || box.right > edge.right + 1 || box.top < edge.top - 2 || box.bottom > edge.bottom + 2
    return cut ? [text.textContent] : []
  })
})`

const inPage = (page: Page, script: string): Promise<unknown> => page.evaluate(script)

const executablePath = await findChromium()
const skip = executablePath === undefined && 'no Chromium was found on PATH or in the usual folders'

t.test('pages in a browser', { skip }, async (t) => {
  const browser = await chromium.launch({
    executablePath: executablePath!,
    args: ['--no-sandbox', '--disable-gpu'],
  })
  t.teardown(() => browser.close())
  const { page, stderrTail, requests, show } = await openTab(browser)
  for (const [name, make] of Object.entries(CASES)) {
    const content = renderReport(buildReport({ title: name, analysis: make(), nowMs: 1_790_000_000_000 }))
    for (const scheme of ['light', 'dark'] as const) {
      await t.test(`${name}, ${scheme}`, async (t) => {
        await show(content, scheme)
        t.same(stderrTail, [], 'the console stays silent')
        t.same(requests, [], 'nothing is requested')
        t.equal(
          await inPage(page, 'document.documentElement.scrollWidth'),
          PHONE.width,
          'nothing sticks out at 360 px',
        )
        t.same(await inPage(page, FAINT_TEXTS), [], 'every text has a contrast of 4.5')
        t.same(await inPage(page, CUT_TEXTS), [], 'no text of a picture is cut off')
        t.equal(await inPage(page, 'document.querySelectorAll("script").length'), 0)
        await page.setViewportSize({ width: 1200, height: 900 })
        t.same(await inPage(page, CUT_TEXTS), [], 'nor on a wide screen')
      })
    }
  }
})
