import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { BlobRef } from '../../schemas/blob.ts'
import { until } from '../support/until.ts'
import { accessibilityFaults, openConsole, whyNoConsole } from './console-fixture.ts'
import { get, sceneMonitor, startMonitor, untilAlerts, videoAgents } from './video-fixture.ts'

const skip = await whyNoConsole()
const RENDER = ['services/agents/video/scenes/main.ts', 'render', 'yard', '--seed', '1']

t.test('reviewing on a live stack', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-review-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const video = join(folder, 'yard.mp4')
  const rendered = spawnSync(process.execPath, [
    ...RENDER,
    '--width',
    '640',
    '--height',
    '360',
    '--out',
    video,
  ])
  t.equal(rendered.status, 0, rendered.stderr.toString())
  const web = await openConsole(t, {
    agents: videoAgents({ MURMUR_RECORDINGS_DIR: join(folder, 'recordings') })!,
  })
  const uploaded = await fetch(`${web.url}/v1/objects?name=yard.mp4`, {
    method: 'POST',
    headers: { 'content-type': 'video/mp4' },
    body: readFileSync(video),
  })
  const { object } = (await uploaded.json()) as { object: BlobRef }
  // A recording that is watched as a camera is, and kept: so there are clips.
  await startMonitor(
    web,
    sceneMonitor('yard', {
      source: { kind: 'file', blob: object },
      record: true,
      loop: true,
      model: 'starter',
    }),
  )
  await startMonitor(web, sceneMonitor('crossing', { camera: 'gate' }))
  await untilAlerts(web, 'yard', 2)
  await untilAlerts(web, 'gate', 1)

  await t.test('items on a timeline by camera, and in a list, live', async (t) => {
    const { page, logged, hosts } = await web.openTab({ path: '/review?range=15m' })
    await page.getByRole('region', { name: 'Timeline' }).getByText('yard').waitFor()
    await page.getByRole('region', { name: 'Timeline' }).getByText('gate').waitFor()
    t.ok((await page.locator('.bar').count()) >= 2)
    await page.locator('.review-row').first().waitFor()
    t.strictSame(await accessibilityFaults(page), [])
    await page.getByLabel('Camera').selectOption('gate')
    await until('one camera', async () => (await page.locator('.lane').count()) === 2)
    t.match(page.url(), /camera=gate/)
    await page.getByLabel('Severity').selectOption('critical')
    await page.getByText('Nothing was raised in that time').waitFor()
    t.strictSame(logged, [])
    t.strictSame([...hosts], [new URL(web.url).host])
  })

  await t.test('one item: its picture, its clip, why, who has seen it', async (t) => {
    const { page } = await web.openTab({ path: '/review?camera=yard' })
    await page.locator('.review-row').first().waitFor()
    await page.getByLabel('You are').fill('anna')
    await page.keyboard.press('Enter')
    await page.getByLabel('You are').blur()
    await page.keyboard.press('j')
    await page.getByRole('heading', { name: 'Why it was raised' }).waitFor()
    await page
      .getByText(/% sure/)
      .first()
      .waitFor()
    await page.locator('.clip img').waitFor()
    t.strictSame(await accessibilityFaults(page), [])
    const link = page.getByRole('link', { name: 'Export' })
    await link.waitFor({ timeout: 60_000 })
    const path = await link.getAttribute('href')
    const part = await fetch(`${web.url}${path}`, { headers: { range: 'bytes=4-7' } })
    t.equal(part.status, 206)
    t.equal(await part.text(), 'ftyp', 'it is an MP4 file')
    await page.getByRole('button', { name: 'Play the clip' }).click()
    await page.locator('video, .clip .camera-warning').first().waitFor()
    const item = new URL(page.url()).searchParams.get('item')
    await page.getByRole('button', { name: 'Mark as reviewed' }).click()
    await page.getByRole('button', { name: 'Reviewed', exact: true }).waitFor()
    type Answer = { review: { reviewedBy: { by: string }[] } }
    t.match((await get<Answer>(web, `/v1/reviews/${item}`)).review.reviewedBy, [{ by: 'anna' }])
    await page.getByRole('button', { name: 'Close what is chosen' }).click()
    await page.getByLabel('only what I have not reviewed').check()
    await page.locator(`[data-key="${item}"]`).waitFor({ state: 'detached' })
  })

  await t.test('bookmarks: of an item, of an alert, of a moment; found again, and taken away', async (t) => {
    const { page, logged } = await web.openTab({ path: '/review?camera=yard' })
    await page.locator('.review-row').first().waitFor()
    await page.getByLabel('You are').fill('anna')
    await page.keyboard.press('Enter')
    await page.getByLabel('You are').blur()
    await page.keyboard.press('j')
    await page.getByRole('heading', { name: 'Why it was raised' }).waitFor()
    await page.keyboard.press('b')
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Note').fill('The green van')
    t.strictSame(await accessibilityFaults(page), [])
    await dialog.getByRole('button', { name: 'Bookmark', exact: true }).click()
    const ofItem = page.getByRole('list', { name: 'Bookmarks of this item' })
    await ofItem.getByText('The green van').waitFor()
    await page.locator('.review-row').getByText('bookmarked').waitFor()
    await page.getByRole('button', { name: 'Bookmark this alert' }).click()
    await dialog.getByRole('button', { name: 'Bookmark', exact: true }).click()
    await page.locator('.review-row').getByText('2 bookmarks').waitFor()

    await page.getByRole('button', { name: 'Bookmarks 2' }).click()
    await page.getByRole('button', { name: 'Bookmark a moment' }).click()
    await dialog.getByLabel('Note').fill('Somebody at the fence')
    await dialog.getByRole('button', { name: 'Bookmark', exact: true }).click()
    await page.locator('.bookmark').getByText('Somebody at the fence').waitFor()
    type Answer = { bookmarks: { by: string; camera: string; note?: string; review?: string }[] }
    const { bookmarks } = await get<Answer>(web, '/v1/bookmarks?by=anna')
    t.match(bookmarks, [{ camera: 'yard', note: 'Somebody at the fence' }, {}, {}], 'the latest moment first')
    await page.getByLabel('In the note').fill('green')
    await until('one is left', async () => (await page.locator('.bookmark').count()) === 1)
    t.match(page.url(), /show=bookmarks.*text=green/)
    t.strictSame(await accessibilityFaults(page), [])
    await page.locator('.bookmark').getByRole('button', { name: 'Open' }).click()
    await page.getByRole('heading', { name: 'Why it was raised' }).waitFor()
    await ofItem.getByText('The green van').waitFor()
    await page.getByRole('button', { name: 'Bookmarks 3' }).click()
    await page.getByLabel('In the note').fill('fence')
    await page.getByRole('button', { name: 'Play what was recorded' }).click()
    await page.locator('.bookmark video, .bookmark .camera-warning').first().waitFor()
    await page.getByRole('button', { name: 'Take the bookmark of yard away' }).click()
    await page.getByText('No bookmark is like that').waitFor()
    t.equal((await get<Answer>(web, '/v1/bookmarks')).bookmarks.length, 2)
    t.strictSame(logged, [])
    for (const options of [{ colorScheme: 'dark' as const }, { width: 390, height: 800 }]) {
      const other = await web.openTab({ path: '/review?show=bookmarks', ...options })
      await other.page.locator('.bookmark').first().waitFor()
      t.strictSame(await accessibilityFaults(other.page), [])
      t.equal(await other.page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0)
    }
  })

  await t.test('many at once, and a table of them', async (t) => {
    const { page } = await web.openTab({ path: '/review?camera=gate' })
    await page.locator('.review-row').first().waitFor()
    const downloads = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export' }).click()
    const table = readFileSync((await (await downloads).path())!, 'utf8')
    t.match(table, /^review,alert,camera,rule/)
    t.match(table, /,gate,/)
    await page.keyboard.press('Control+a')
    await page.locator('.selection').getByRole('button', { name: 'Acknowledge' }).click()
    await page.getByText(/\d alerts? acknowledged/).waitFor()
    const { alerts } = await get<{ alerts: object[] }>(web, '/v1/alerts?camera=gate&status=acknowledged')
    t.ok(alerts.length >= 1)
  })

  await t.test('in the dark and on a telephone', async (t) => {
    for (const options of [{ colorScheme: 'dark' as const }, { width: 390, height: 800 }]) {
      const { page, logged } = await web.openTab({ path: '/review', ...options })
      await page.locator('.review-row').first().waitFor()
      t.strictSame(await accessibilityFaults(page), [])
      await page.locator('.review-row .inbox-open').first().click()
      await page.getByRole('heading', { name: 'Why it was raised' }).waitFor()
      t.strictSame(await accessibilityFaults(page), [])
      t.equal(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0)
      t.strictSame(logged, [])
    }
  })
})
