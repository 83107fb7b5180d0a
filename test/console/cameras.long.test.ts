import t from 'tap'
import { until } from '../support/until.ts'
import { accessibilityFaults, openConsole, type Tab, whyNoConsole } from './console-fixture.ts'
import { get, sceneMonitor, startMonitor, videoAgents } from './video-fixture.ts'

const skip = await whyNoConsole()

/** Waits until a tile shows a picture with pixels. */
async function untilPicture({ page }: Tab, camera: string): Promise<void> {
  const width = `document.querySelector('[data-camera="${camera}"] img')?.naturalWidth ?? 0`
  // Not waitForFunction: that evaluates text in the page, whose policy forbids it.
  await until(`a picture of ${camera}`, async () => (await page.evaluate<number>(width)) > 100, 60_000)
}

t.test('a wall of cameras on a live stack', { skip }, async (t) => {
  const web = await openConsole(t, {
    agents: videoAgents({ MURMUR_VIDEO_NETWORKS: '127.0.0.0/8', MURMUR_CAPTURE_CAMERAS: '3' })!,
  })
  await startMonitor(web, sceneMonitor('yard'))
  const crossing = await startMonitor(web, sceneMonitor('crossing', { camera: 'gate' }))

  await t.test('live pictures with what is seen, state and figures', async (t) => {
    const tab = await web.openTab({ path: '/cameras' })
    const { page, logged, hosts } = tab
    await page.getByText('2 cameras', { exact: true }).waitFor()
    for (const camera of ['gate', 'yard']) {
      await untilPicture(tab, camera)
      await page.locator(`[data-camera="${camera}"]`).getByText('live').waitFor()
      await page
        .locator(`[data-camera="${camera}"]`)
        .getByText(/\d fps/)
        .waitFor()
    }
    await page.locator('[data-camera="yard"] .track').first().waitFor({ state: 'attached', timeout: 60_000 })
    t.ok((await page.locator('[data-camera="yard"] .zone').count()) >= 1, 'zones are drawn over it')
    t.strictSame(logged, [])
    t.strictSame([...hosts], [new URL(web.url).host])
    t.strictSame(await accessibilityFaults(page), [])
  })

  await t.test('the order is changed with keys and with the mouse, groups too, and kept', async (t) => {
    const { page } = await web.openTab({ path: '/cameras' })
    const names = () =>
      page.evaluate<string[]>("[...document.querySelectorAll('.tile')].map((tile) => tile.dataset.camera)")
    await page.locator('.tile').nth(1).waitFor()
    t.strictSame(await names(), ['gate', 'yard'])
    await page.getByRole('link', { name: 'Open gate' }).focus()
    await page.keyboard.press('Alt+ArrowRight')
    t.strictSame(await names(), ['yard', 'gate'])
    await page.locator('[data-camera="gate"]').dragTo(page.locator('[data-camera="yard"]'))
    t.strictSame(await names(), ['gate', 'yard'])
    await page.getByLabel('Actions for yard').click()
    await page.locator('[data-camera="yard"]').getByLabel('Group').fill('outside')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'outside' }).waitFor()
    t.strictSame(await names(), ['yard', 'gate'])
    await page.reload()
    await page.getByRole('heading', { name: 'outside' }).waitFor()
    await page.getByRole('button', { name: 'outside' }).click()
    await until('one group', async () => (await names()).length === 1)
    t.strictSame(await accessibilityFaults(page), [])
  })

  await t.test('no picture is fetched while the page is hidden', async (t) => {
    const tab = await web.openTab({ path: '/cameras' })
    const { page } = tab
    await untilPicture(tab, 'yard')
    await page.evaluate(
      `Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' })`,
    )
    let asked = 0
    page.on('request', (request) => {
      if (request.url().includes('/frame')) asked++
    })
    await page.evaluate('new Promise((resolve) => setTimeout(resolve, 3000))')
    t.ok(asked <= 2, `${asked} pictures: those that waited for their turn already`)
  })

  await t.test(
    'one camera: large, with names, facts and rules; in the dark and on a telephone',
    async (t) => {
      for (const options of [{}, { colorScheme: 'dark' as const }, { width: 390, height: 800 }]) {
        const { page, logged } = await web.openTab({ path: `/cameras/${crossing}`, ...options })
        await page.getByRole('img', { name: 'What gate sees' }).waitFor()
        await page.getByText('starter').waitFor()
        await page
          .getByText(/vehicles? cross|cross/)
          .first()
          .waitFor()
        t.strictSame(await accessibilityFaults(page), [])
        t.equal(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0)
        t.strictSame(logged, [])
      }
    },
  )

  await t.test('a monitor is started and stopped', async (t) => {
    const { page } = await web.openTab({ path: '/cameras' })
    await page.getByRole('button', { name: 'Watch a camera' }).click()
    await page.getByRole('combobox', { name: 'Source' }).selectOption('scene')
    await page.getByRole('combobox', { name: 'Scene' }).selectOption('street')
    await page.getByLabel('Name of the camera').fill('street')
    t.strictSame(await accessibilityFaults(page), [])
    await page.getByRole('button', { name: 'Watch', exact: true }).click()
    await page.locator('[data-camera="street"]').waitFor()
    await page.locator('[data-camera="street"]').getByText('live').waitFor({ timeout: 60_000 })
    await page.getByLabel('Actions for street').click()
    await page.locator('[data-camera="street"]').getByRole('button', { name: 'Stop' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click()
    await page.locator('[data-camera="street"]').waitFor({ state: 'detached', timeout: 60_000 })
    const { tasks } = await get<{ tasks: { status: string }[] }>(web, '/v1/monitors?status=running')
    t.equal(tasks.length, 2)
  })

  await t.test('cameras without a picture have a place too, with their state and why', async (t) => {
    // Nothing listens there.
    const nowhere = { kind: 'url', url: 'rtsp://127.0.0.1:554/main' } as const
    const substream = { ...nowhere, url: 'rtsp://127.0.0.1:554/sub' }
    const { rules, zones, lines } = sceneMonitor('yard')
    await startMonitor(web, {
      ...{ source: nowhere, detectSource: substream, camera: 'dock', model: 'starter' },
      ...{ rules: rules!, zones: zones!, lines: lines! },
    })
    type Cameras = { cameras: { camera: string; status: string }[] }
    await until('a camera that is away', async () =>
      (await get<Cameras>(web, '/v1/cameras?camera=dock')).cameras.some(({ status }) => status === 'offline'),
    )
    // One more than there are places.
    await startMonitor(web, sceneMonitor('loiterer', { camera: 'barn' }))
    for (const options of [{}, { colorScheme: 'dark' as const }, { width: 390, height: 800 }]) {
      const { page, logged } = await web.openTab({ path: '/cameras', ...options })
      await page.getByText('4 cameras', { exact: true }).waitFor()
      const [barn, dock, yard] = ['barn', 'dock', 'yard'].map((name) =>
        page.locator(`[data-camera="${name}"]`),
      )
      await barn!.locator('.badge').getByText('waiting').waitFor()
      await barn!
        .getByText(/waiting for a place: 3 of 3 taken/)
        .first()
        .waitFor()
      await dock!.locator('.badge').getByText('offline').waitFor()
      await dock!.getByText(/substream/).waitFor()
      await dock!.getByText(/main stream offline/).waitFor()
      await yard!.getByText(/960 × 540 · software · starter/).waitFor()
      await yard!.getByText(/still \d+ %/).waitFor()
      t.strictSame(await accessibilityFaults(page), [])
      t.equal(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0)
      t.strictSame(logged, [])
      await page.getByRole('button', { name: 'waiting 1' }).click()
      await dock!.waitFor({ state: 'detached' })
      t.ok(await barn!.isVisible())
    }
    const { page } = await web.openTab({ path: '/cameras?status=live' })
    await page.getByRole('link', { name: 'Open yard' }).click()
    await page.getByText('Detection reads').waitFor()
    await page.getByText('main stream, 960 × 540').waitFor()
    await page.getByText('Nothing moved in').waitFor()
  })
})
