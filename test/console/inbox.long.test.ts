import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { until } from '../support/until.ts'
import { accessibilityFaults, openConsole, whyNoConsole } from './console-fixture.ts'
import { get, sceneMonitor, startMonitor, untilAlerts, videoAgents } from './video-fixture.ts'

const skip = await whyNoConsole()
const PAYMENT = {
  type: 'plan',
  plan: {
    steps: [
      {
        id: 'release',
        approval: {
          title: 'Pay 4,200 EUR to ACME?',
          description: 'The invoice of May.',
          subject: { to: 'ACME', sum: 4200 },
          editable: true,
          assignees: ['finance'],
          escalation: [{ afterMs: 3_600_000, assignees: ['board'] }],
          form: [
            { name: 'account', type: 'choice', choices: ['north', 'south'], required: true },
            { name: 'days', label: 'Days to pay', type: 'integer', required: true },
            { name: 'urgent', type: 'boolean' },
          ],
        },
      },
    ],
  },
}

t.test('the inbox on a live stack', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-inbox-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const web = await openConsole(t, { agents: videoAgents({ MURMUR_RECORDINGS_DIR: folder })! })
  await startMonitor(web, sceneMonitor('yard'))
  const paid = await web.submit(PAYMENT)
  const pushedBack = await web.submit(PAYMENT)
  await untilAlerts(web, 'yard', 3)
  const outputOf = async (taskId: string) => {
    type Task = { task: { steps: Record<string, { status: string; output?: object }> } }
    const { task } = await get<Task>(web, `/v1/tasks/${taskId}`)
    return task.steps.release
  }

  await t.test('approvals and alerts stand in one list, with a badge', async (t) => {
    const { page, logged, hosts } = await web.openTab({ path: '/inbox' })
    await page.getByText('Pay 4,200 EUR to ACME?').first().waitFor()
    await page.locator('.inbox-row .badge.bad').first().waitFor()
    const badge = page.getByRole('link', { name: /Inbox/ }).locator('.nav-badge')
    await until(
      'a badge of 5 or more',
      async () => Number.parseInt((await badge.textContent()) ?? '', 10) >= 5,
    )
    t.strictSame(await accessibilityFaults(page), [])
    t.strictSame(logged, [])
    t.strictSame([...hosts], [new URL(web.url).host])
  })

  await t.test('a question is answered with its form and a changed subject', async (t) => {
    const { page } = await web.openTab({ path: '/inbox?tab=approvals' })
    await page.locator(`[data-key^="${paid}"] .inbox-open`).click()
    await page.getByText('Escalates to board').waitFor()
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.getByText('account is needed').waitFor()
    t.strictSame(await accessibilityFaults(page), [])
    await page.getByLabel('account').selectOption('south')
    await page.getByLabel('Days to pay').fill('soon')
    await page.getByText('Days to pay must be a number').waitFor()
    await page.getByLabel('Days to pay').fill('14')
    await page.getByLabel('urgent').check()
    await page.getByRole('button', { name: 'Change it' }).click()
    await page.getByLabel('Changed, as JSON').fill('{"to":"ACME","sum":4000}')
    await page.getByLabel('Comment').fill('less')
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.locator(`[data-key^="${paid}"]`).waitFor({ state: 'detached' })
    await until('the answer', async () => (await outputOf(paid))?.status === 'completed')
    t.match((await outputOf(paid))?.output, {
      decision: 'approved',
      values: { account: 'south', days: 14, urgent: true },
      subject: { to: 'ACME', sum: 4000 },
      comment: 'less',
    })
  })

  await t.test('a question is pushed back with a comment', async (t) => {
    const { page } = await web.openTab({ path: '/inbox' })
    await page.locator(`[data-key^="${pushedBack}"] .inbox-open`).click()
    await page.getByLabel('Comment').fill('wrong account')
    await page.getByRole('button', { name: 'Push back' }).click()
    await until('the answer', async () => (await outputOf(pushedBack))?.status !== 'awaiting-approval')
    t.pass()
  })

  await t.test('alerts by keys: J and K move, R reviews, A acknowledges, E resolves', async (t) => {
    const { page } = await web.openTab({ path: '/inbox?tab=alerts' })
    await page.getByLabel('You are').fill('anna')
    await page.keyboard.press('Enter')
    await page.locator('.inbox-row').nth(2).waitFor()
    const current = () => page.locator('.inbox-row[aria-current]').getAttribute('data-key')
    await page.keyboard.press('j')
    const first = await current()
    await page.keyboard.press('j')
    t.not(await current(), first)
    await page.keyboard.press('k')
    t.equal(await current(), first)
    await page.getByRole('heading', { name: 'Why it was raised' }).waitFor()
    await page
      .getByText(/% sure/)
      .first()
      .waitFor()
    t.strictSame(await accessibilityFaults(page), [])
    await page.keyboard.press('a')
    type Answer = { alert: { status: string; changedBy: string; review: string } }
    const alertOf = async () => (await get<Answer>(web, `/v1/alerts/${first}`)).alert
    await until('acknowledged', async () => (await alertOf()).status === 'acknowledged')
    t.equal((await alertOf()).changedBy, 'anna')
    await page.locator(`[data-key="${first}"] .inbox-open`).click()
    await page.keyboard.press('e')
    await until('resolved', async () => (await alertOf()).status === 'resolved')
    await page.locator(`[data-key="${first}"]`).waitFor({ state: 'detached' })
    const second = await page.locator('.inbox-row').first().getAttribute('data-key')
    await page.locator(`[data-key="${second}"] .inbox-open`).click()
    await page.keyboard.press('r')
    await page.locator(`[data-key="${second}"]`).waitFor({ state: 'detached' })
    const reviews = await get<{ reviews: object[] }>(web, '/v1/reviews?reviewedBy=anna')
    t.ok(reviews.reviews.length >= 1)
    t.strictSame((await get<{ reviews: object[] }>(web, '/v1/reviews?reviewedBy=bert')).reviews, [])
  })

  await t.test('a camera is snoozed until a time, and told of again', async (t) => {
    const { page } = await web.openTab({ path: '/inbox?tab=alerts&reviewed=yes' })
    await page.locator('.inbox-open').first().click()
    await page.keyboard.press('s')
    await page.getByRole('dialog', { name: 'Snooze yard' }).waitFor()
    await page.getByRole('combobox', { name: 'What' }).selectOption('camera')
    await page.getByRole('button', { name: '8 h' }).click()
    await page.getByLabel('Reason').fill('painting')
    t.strictSame(await accessibilityFaults(page), [])
    await page.getByRole('dialog').getByRole('button', { name: 'Snooze', exact: true }).click()
    await page.getByText('1 snooze holds: yard').click()
    await page.getByText('painting').waitFor()
    await page.getByRole('button', { name: 'End it' }).click()
    await page.getByText('1 snooze holds: yard').waitFor({ state: 'detached' })
    const { snoozes } = await get<{ snoozes: object[] }>(web, '/v1/snoozes')
    t.strictSame(snoozes, [])
  })

  await t.test('many at once; in the dark and on a telephone', async (t) => {
    for (const options of [{ colorScheme: 'dark' as const }, { width: 390, height: 800 }]) {
      const { page, logged } = await web.openTab({ path: '/inbox?reviewed=yes', ...options })
      await page.locator('.inbox-row').first().waitFor()
      t.strictSame(await accessibilityFaults(page), [])
      t.equal(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0)
      await page.locator('.inbox-open').first().click()
      await page.getByRole('heading', { name: 'Why it was raised' }).waitFor()
      t.strictSame(await accessibilityFaults(page), [])
      t.strictSame(logged, [])
    }
    const { page } = await web.openTab({ path: '/inbox?tab=alerts&reviewed=yes' })
    await page.locator('.inbox-row').first().waitFor()
    await page.keyboard.press('Control+a')
    await page.locator('.selection').getByRole('button', { name: 'Resolve' }).click()
    await page.getByText(/\d alerts? resolved/).waitFor()
  })
})
