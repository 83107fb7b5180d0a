import t from 'tap'
import { until } from '../support/until.ts'
import { accessibilityFaults, openConsole, whyNoConsole } from './console-fixture.ts'
import { get } from './video-fixture.ts'

const skip = await whyNoConsole()
const DISCOUNT = {
  type: 'plan',
  plan: {
    steps: [
      {
        id: 'ask',
        approval: {
          title: 'Give ACME 30 %?',
          subject: { customer: 'ACME', discount: 0.3 },
          assignees: ['sales'],
          escalation: [{ afterMs: 3_600_000, assignees: ['board'] }],
        },
      },
    ],
  },
}

t.test('a question is handed on to others, with a reason, and they see it', { skip }, async (t) => {
  const web = await openConsole(t)
  const task = await web.submit(DISCOUNT)
  type Answer = { approvals: { assignees: string[]; handedOn?: { to: string[]; reason?: string }[] }[] }
  const openFor = async (name: string) =>
    (await get<Answer>(web, `/v1/approvals?taskId=${task}&assignee=${name}`)).approvals
  await until('it is asked', async () => (await openFor('sales')).length === 1)
  const { page, logged } = await web.openTab({ path: '/inbox' })
  await page.getByText('No alerting service runs').waitFor()
  t.equal(await page.locator('.inbox-list .spinner').count(), 0, 'nobody waits for what nobody can answer')
  await page.locator(`[data-key^="${task}"] .inbox-open`).click()
  await page.getByRole('heading', { name: 'Give ACME 30 %?' }).waitFor()
  await page.keyboard.press('h')
  const dialog = page.getByRole('dialog', { name: 'Hand it on' })
  t.ok(await dialog.getByRole('button', { name: 'Hand on' }).isDisabled(), 'to nobody')
  await dialog.getByRole('combobox', { name: 'To' }).fill('head of sales, legal')
  await dialog.getByLabel('Reason').fill('more than I may decide')
  t.strictSame(await accessibilityFaults(page), [])
  await dialog.getByRole('button', { name: 'Hand on' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('list', { name: 'Handed on' }).getByText('more than I may decide').waitFor()
  await page.locator('.chip').getByText('legal').waitFor()
  t.equal(await page.locator('.chip').getByText('sales', { exact: true }).count(), 0, 'not for them any more')
  t.strictSame(await openFor('sales'), [])
  t.match(await openFor('legal'), [{ handedOn: [{ to: ['head of sales', 'legal'] }] }])

  await page.getByRole('button', { name: 'Hand on' }).click()
  await dialog.getByRole('combobox', { name: 'To' }).fill('board')
  await dialog.getByLabel('Whom it is for now may answer, too').check()
  await dialog.getByRole('button', { name: 'Hand on' }).click()
  await page.locator('.chip').getByText('board').waitFor()
  t.match(await openFor('legal'), [{ assignees: ['head of sales', 'legal', 'board'] }])
  t.strictSame(await accessibilityFaults(page), [])
  // Nobody answers about alerts here: of approvals nothing is to be complained about.
  t.strictSame(
    logged.filter((line) => !/status of 503/.test(line)),
    [],
  )

  for (const options of [{ colorScheme: 'dark' as const }, { width: 390, height: 800 }]) {
    const other = await web.openTab({
      path: new URL(page.url()).pathname + new URL(page.url()).search,
      ...options,
    })
    await other.page.getByRole('list', { name: 'Handed on' }).waitFor()
    t.strictSame(await accessibilityFaults(other.page), [])
    t.equal(await other.page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0)
  }
  await page.goto(`${web.url}/tasks/${task}`)
  await page
    .getByText(/handed on to head of sales, legal by .*: more than I may decide/)
    .first()
    .waitFor()
  await page.goto(`${web.url}/inbox`)
  await page.locator(`[data-key^="${task}"] .inbox-open`).click()
  await page.getByRole('button', { name: 'Approve' }).click()
  await until('it is decided', async () => (await openFor('board')).length === 0)
})
