import type { Page } from 'playwright-core'
import t from 'tap'
import { until } from '../support/until.ts'
import { accessibilityFaults, openConsole, whyNoConsole } from './console-fixture.ts'
import { get, post } from './video-fixture.ts'

const skip = await whyNoConsole()

/** Opens the palette, types, and runs what is found first. */
async function command(page: Page, text: string): Promise<void> {
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: /Search commands/ }).fill(text)
  await page.getByRole('option').first().waitFor()
  await page.keyboard.press('Enter')
}

t.test('the palette has what the screen that is shown is there for', { skip }, async (t) => {
  const web = await openConsole(t)
  await post(web, '/v1/schedules', {
    ...{ name: 'nightly', cron: '0 3 * * *' },
    submission: { type: 'plan', plan: { steps: [{ id: 'a', agent: 'noop-a', input: { payload: 'x' } }] } },
  })
  const { page, logged } = await web.openTab({ path: '/queues' })
  await page
    .getByRole('button', { name: /Pause.*noop-a/ })
    .first()
    .waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('option', { name: 'Pause queue noop-a' }).waitFor()
  t.strictSame(await accessibilityFaults(page), [])
  await page.keyboard.press('Escape')
  await command(page, 'pause queue noop-a')
  const dialog = page.getByRole('dialog', { name: 'Pause noop-a?' })
  await dialog.getByRole('button', { name: 'Pause' }).click()
  await page.getByText('noop-a is paused').waitFor()
  await page
    .getByRole('button', { name: /Resume.*noop-a/ })
    .first()
    .waitFor()
  await command(page, 'resume queue noop-a')
  await page.getByText('noop-a goes on').waitFor()

  await command(page, 'go to schedules')
  await page.getByRole('link', { name: 'nightly' }).waitFor()
  await command(page, 'run schedule nightly now')
  await page.getByText('nightly runs').waitFor()
  type Tasks = { tasks: { status: string }[] }
  await until('its task', async () => (await get<Tasks>(web, '/v1/tasks?type=plan')).tasks.length === 1)

  await command(page, 'go to agents')
  await page.getByRole('button', { name: 'noop-a' }).first().waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('option', { name: 'Open agent noop-a' }).waitFor()
  t.equal(
    await page.getByRole('option', { name: /^Run schedule/ }).count(),
    0,
    'those of the screen before are gone',
  )
  await page.keyboard.press('Escape')
  await command(page, 'open agent noop-a')
  await page.getByRole('complementary', { name: 'Agent noop-a' }).waitFor()
  t.strictSame(logged, [])
})
