import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import type { MonitorRequest } from '../../schemas/monitor-request.ts'
import { until } from '../support/until.ts'
import { accessibilityFaults, openConsole, whyNoConsole } from './console-fixture.ts'
import { get, sceneMonitor, startMonitor, untilAlerts, videoAgents } from './video-fixture.ts'

const skip = await whyNoConsole()

/** Clicks at shares of the picture. */
async function clickAt(page: Page, points: readonly (readonly [number, number])[]): Promise<void> {
  const box = (await page.locator('.canvas').boundingBox())!
  for (const [x, y] of points) await page.mouse.click(box.x + x * box.width, box.y + y * box.height)
}

t.test('zones and rules are drawn on a live picture', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-rules-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const web = await openConsole(t, { agents: videoAgents({ MURMUR_RECORDINGS_DIR: folder })! })
  const monitor = await startMonitor(web, sceneMonitor('yard'))
  const requestOf = async (id: string) =>
    (await get<{ task: { input: MonitorRequest } }>(web, `/v1/tasks/${id}`)).task.input
  const before = await requestOf(monitor)
  await untilAlerts(web, 'yard', 2)

  await t.test('with the mouse: a zone, and one whose edges cross is refused', async (t) => {
    const { page, logged } = await web.openTab({ path: `/cameras/${monitor}/rules`, height: 1000 })
    await page.getByRole('img', { name: 'What yard sees' }).waitFor()
    await page.getByRole('button', { name: 'Draw a zone' }).click()
    await clickAt(page, [
      [0.2, 0.2],
      [0.4, 0.4],
      [0.4, 0.2],
      [0.2, 0.4],
    ])
    await page.keyboard.press('Enter')
    await page.getByText(/Not closed: its edges .* cross/).waitFor()
    await page.keyboard.press('Escape')
    await clickAt(page, [
      [0.2, 0.2],
      [0.4, 0.2],
      [0.4, 0.4],
      [0.2, 0.4],
      [0.2, 0.2],
    ])
    await page.getByLabel('Name of the zone zone-1').fill('corner')
    t.equal(await page.locator('.handle').count(), 4)
    t.strictSame(await accessibilityFaults(page), [])
    // A corner is dragged over the opposite edge: refused while it is so.
    const box = (await page.locator('.canvas').boundingBox())!
    await page.mouse.move(box.x + 0.2 * box.width, box.y + 0.2 * box.height)
    await page.mouse.down()
    await page.mouse.move(box.x + 0.6 * box.width, box.y + 0.3 * box.height, { steps: 4 })
    await page.mouse.up()
    await page.getByRole('alert').getByText(/cross/).waitFor()
    t.ok(await page.getByRole('button', { name: 'Save' }).isDisabled())
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('alert').waitFor({ state: 'detached' })
    t.strictSame(logged, [])
  })

  await t.test(
    'with the keyboard: a line, its direction, a rule, what it would have raised, saved',
    async (t) => {
      const { page, logged } = await web.openTab({ path: `/cameras/${monitor}/rules`, height: 1000 })
      await page.getByRole('img', { name: 'What yard sees' }).waitFor()
      await page.getByRole('button', { name: 'Draw a line' }).focus()
      await page.keyboard.press('Enter')
      // From the middle of the picture to its upper and to its lower end.
      for (let i = 0; i < 20; i++) await page.keyboard.press('Shift+ArrowUp')
      await page.keyboard.press(' ')
      for (let i = 0; i < 40; i++) await page.keyboard.press('Shift+ArrowDown')
      await page.keyboard.press(' ')
      const name = page.getByLabel(/^Name of the line line-1/)
      await name.waitFor()
      await page.getByRole('button', { name: 'Corner 2 of 2', exact: false }).focus()
      await page.keyboard.press('ArrowLeft')
      await page.getByRole('button', { name: 'Turn line-1 round' }).click()
      await page.getByLabel('Add a rule').selectOption('line-crossing')
      const rule = page.locator('.rule', { hasText: 'line-crossing-1' })
      await rule.getByLabel('Line').selectOption('line-1')
      await rule.getByLabel('Severity').selectOption('high')
      await rule.getByLabel('at certain times only').check()
      await rule.getByLabel('From').fill('00:00')
      await rule.getByLabel('To', { exact: true }).fill('00:00')
      t.strictSame(await accessibilityFaults(page), [])
      await page.getByRole('button', { name: 'Try them' }).click()
      await page.getByText(/times that a rule came true/).waitFor({ timeout: 60_000 })
      const events = await page.getByRole('list', { name: 'Events' }).getByRole('listitem').count()
      t.ok(events >= 1, `${events} events`)
      t.strictSame(await accessibilityFaults(page), [])
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('button', { name: 'End and start anew' }).click()
      await page.waitForURL((url) => /\/cameras\/[^/]+$/.test(url.pathname), { timeout: 60_000 })
      const after = new URL(page.url()).pathname.split('/').at(-1)!
      t.not(after, monitor)
      const request = await requestOf(after)
      t.match(request.lines.at(-1), { id: 'line-1' })
      t.ok(request.lines.at(-1)!.from[1] > request.lines.at(-1)!.to[1], 'it was turned round')
      t.match(request.rules.at(-1), { kind: 'line-crossing', severity: 'high', schedule: { from: '00:00' } })
      t.equal(request.rules.length, before.rules.length + 1)
      await until('the old one is over', async () => {
        const { task } = await get<{ task: { status: string } }>(web, `/v1/tasks/${monitor}`)
        return task.status === 'completed'
      })
      t.strictSame(logged, [])
    },
  )

  await t.test('in the dark and on a telephone', async (t) => {
    for (const options of [{ colorScheme: 'dark' as const }, { width: 390, height: 800 }]) {
      const { page } = await web.openTab({ path: `/cameras/${monitor}/rules`, ...options })
      await page.getByRole('button', { name: 'Draw a zone' }).waitFor()
      t.strictSame(await accessibilityFaults(page), [])
      t.equal(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0)
    }
  })
})
