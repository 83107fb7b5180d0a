import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { consoleFolder, consoleHash } from '../../deploy/local/console/ensure-console.ts'
import { accessibilityFaults, openConsole, whyNoConsole } from './console-fixture.ts'

const skip = await whyNoConsole()
/** What a browser fetches before it shows the first screen. Bytes, gzip -9. */
const MAX_FIRST_ROUTE = 150 * 1024

t.test('the console on a live stack', { skip }, async (t) => {
  const web = await openConsole(t)

  await t.test('the list of tasks is shown, live, without a word from anywhere else', async (t) => {
    const { page, logged, hosts } = await web.openTab()
    await page.getByRole('heading', { name: 'Tasks', exact: true }).waitFor()
    await page.getByText('No tasks yet').waitFor()
    await page.getByText('Live', { exact: true }).waitFor()
    const taskId = await web.submit({
      type: 'plan',
      labels: { team: 'north' },
      plan: { steps: [{ id: 'a', agent: 'noop-a', input: { payload: 'x' } }] },
    })
    const row = page.locator(`[data-key="${taskId}"]`)
    await row.waitFor()
    await row.getByText('completed').waitFor()
    await row.getByText('team: north').waitFor()
    t.strictSame(logged, [])
    t.strictSame([...hosts], [new URL(web.url).host])
    t.strictSame(await accessibilityFaults(page), [])
  })

  await t.test('the same in the dark and on a telephone', async (t) => {
    for (const tab of [{ colorScheme: 'dark' as const }, { width: 390, height: 800 }]) {
      const { page, logged } = await web.openTab(tab)
      await page.getByRole('row').nth(1).waitFor()
      t.strictSame(await accessibilityFaults(page), [])
      const width = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
      t.equal(width, 0, 'nothing is wider than the screen')
      t.strictSame(logged, [])
    }
  })

  await t.test('keys: the palette, help, and going to a screen', async (t) => {
    const { page } = await web.openTab()
    await page.getByRole('heading', { name: 'Tasks', exact: true }).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: /Search commands/ }).fill('submit')
    t.strictSame(await accessibilityFaults(page), [])
    await page.keyboard.press('Enter')
    await page.waitForURL('**/submit')
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('g')
    await page.keyboard.press('t')
    await page.waitForURL('**/tasks')
  })

  await t.test('what a browser fetches first fits the budget', async (t) => {
    const { page } = await web.openTab()
    const sizes = new Map<string, number>()
    page.on('response', (response) => {
      const { pathname } = new URL(response.url())
      if (!pathname.startsWith('/v1/')) sizes.set(pathname, 0)
    })
    await page.reload()
    await page.getByRole('row').nth(1).waitFor()
    const folder = consoleFolder(await consoleHash())
    const bytes = [...sizes.keys()].map((path) => {
      const name = path === '/' ? 'index.html' : path.slice(1)
      return gzipSync(readFileSync(join(folder, name)), { level: 9 }).length
    })
    const total = bytes.reduce((sum, each) => sum + each, 0)
    t.comment(`first route: ${(total / 1024).toFixed(1)} KiB gzip in ${bytes.length} files`)
    t.ok(total > 20_000 && total <= MAX_FIRST_ROUTE, `${total} bytes`)
  })
})
