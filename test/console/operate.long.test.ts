import t, { type Test } from 'tap'
import { buryLetters } from '../edge/conformance/dead-letter-cases.ts'
import { accessibilityFaults, openConsole, type Tab, whyNoConsole } from './console-fixture.ts'

const skip = await whyNoConsole()
t.setTimeout(480_000)

t.test('agents, queues, dead letters, schedules and the system', { skip }, async (t) => {
  const links = {
    MURMUR_EDGE_GRAFANA_URL: 'http://127.0.0.1:3000/grafana',
    MURMUR_EDGE_JAEGER_URL: 'http://127.0.0.1:16686',
  }
  const web = await openConsole(t, { edge: links })
  const submit = () =>
    web.submit({ type: 'plan', plan: { steps: [{ id: 'a', agent: 'noop-a', input: { payload: 'x' } }] } })
  await submit()

  /** Nothing was complained about, by the page or by axe. */
  const isClean = async (t: Test, { page, logged }: Tab) => {
    t.strictSame(await accessibilityFaults(page), [])
    t.strictSame(logged, [])
  }

  await t.test('an agent type: its instances, another strategy, drained and taken up again', async (t) => {
    const tab = await web.openTab({ path: '/agents' })
    const { page } = tab
    await page.getByRole('button', { name: 'noop-a', exact: true }).click()
    const detail = page.getByRole('complementary', { name: 'Agent noop-a' })
    await detail.getByText('version').first().waitFor()
    await page.waitForURL('**/agents?type=noop-a')
    await detail.getByLabel('Strategy').selectOption('least-loaded')
    await page
      .getByRole('row', { name: /noop-a/ })
      .getByText('least-loaded')
      // With a detail beside it, a window of this width has no room for the column.
      .waitFor({ state: 'attached' })
    await detail.getByRole('button', { name: 'Drain', exact: true }).click()
    const dialog = page.getByRole('dialog', { name: 'Drain noop-a?' })
    t.strictSame(await accessibilityFaults(page), [])
    await dialog.getByRole('button', { name: 'Drain' }).click()
    await detail.getByText('Nothing runs and nothing is sent').waitFor()
    await isClean(t, tab)

    const taskId = await submit()
    await page.getByRole('link', { name: 'Queues', exact: true }).first().click()
    const row = page.getByRole('row', { name: /noop-a/ })
    await row.getByText('paused').waitFor()
    await row.getByRole('img', { name: /^Steps that are waiting: default 100 %, 1$/ }).waitFor()
    await row
      .getByRole('cell', { name: /^\d+(\.\d)? m?s$/ })
      .first()
      .waitFor()
    await row.getByRole('strong').filter({ hasText: /^1$/ }).waitFor()
    await isClean(t, tab)
    await row.getByRole('button', { name: 'Resume' }).click()
    await row.getByRole('button', { name: 'Pause' }).waitFor()
    await page.goto(`${web.url}/tasks`)
    await page.locator(`[data-key="${taskId}"]`).getByText('completed').waitFor()
  })

  await t.test(
    'an instance is drained with a reason; steps wait for it and say so; it is let go on',
    async (t) => {
      const tab = await web.openTab({ path: '/agents?type=noop-a' })
      const { page } = tab
      const detail = page.getByRole('complementary', { name: 'Agent noop-a' })
      const instance = detail.getByRole('listitem').filter({ hasText: 'noop-a' })
      await instance.getByRole('button', { name: /^Drain / }).click()
      const dialog = page.getByRole('dialog', { name: /^Drain .*noop-a\?$/ })
      await dialog.getByText('No other instance of noop-a takes steps').waitFor()
      await dialog.getByLabel('Reason (optional)').fill('more memory')
      await dialog.getByText('As command').click()
      await dialog.getByText(/^murmur agents drain \S+ --agent noop-a --reason 'more memory'$/).waitFor()
      await dialog.getByText(/^curl .*instances.*\/drain .*"drain":true,"reason":"more memory"/).waitFor()
      await dialog.getByText(/^nats req murmur\.agents\.set-drain /).waitFor()
      t.strictSame(await accessibilityFaults(page), [])
      await dialog.getByRole('button', { name: 'Drain', exact: true }).click()
      await instance.getByText('it can be stopped').waitFor()
      await instance.getByText(/Drained .*: more memory\./).waitFor()
      await page
        .getByRole('row', { name: /noop-a/ })
        .getByText('1 drained')
        .waitFor()
      await isClean(t, tab)

      const taskId = await submit()
      await page.goto(`${web.url}/tasks/${taskId}`)
      await page
        .getByText(/No instance of noop-a takes steps: \S+ is drained by an operator/)
        .first()
        .waitFor()
      await page.goto(`${web.url}/agents?type=noop-a`)
      await instance.getByRole('button', { name: /take steps again/ }).click()
      await instance.getByRole('button', { name: /^Drain / }).waitFor()
      await page.goto(`${web.url}/tasks`)
      await page.locator(`[data-key="${taskId}"]`).getByText('completed').waitFor()
      await isClean(t, tab)
    },
  )

  await t.test('a type of tasks is paused with a reason, and goes on', async (t) => {
    await web.submit({ type: 'plan', delayMs: 3_600_000, plan: { steps: [{ id: 'a', agent: 'noop-a' }] } })
    const { page } = await web.openTab({ path: '/queues' })
    const row = page.getByRole('region', { name: 'Tasks by type' }).getByRole('row', { name: /plan/ })
    await row.getByRole('button', { name: 'Pause' }).click()
    await page.getByLabel('Reason (optional)').fill('the warehouse moves')
    await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click()
    await row.getByText('the warehouse moves').waitFor()
    await row.getByRole('button', { name: 'Resume' }).click()
    await row.getByText('the warehouse moves').waitFor({ state: 'detached' })
    t.pass('it was paused and goes on')
  })

  await t.test('a letter is read, edited and replayed; many are, after a dry run', async (t) => {
    await buryLetters(web.bus)
    const tab = await web.openTab({ path: '/dead-letters?agent=noop-a' })
    const { page } = tab
    const grid = page.getByRole('grid', { name: 'Dead letters' })
    await grid.getByRole('row', { name: /noop-a/ }).waitFor()
    t.equal(await grid.getByRole('row').count(), 2, 'one letter of this tenant, and the head')
    await isClean(t, tab)
    await grid.getByRole('row', { name: /noop-a/ }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('it took its process down').first().waitFor()
    const input = page.getByLabel('Input of the step')
    await input.fill('{')
    t.ok(await page.getByRole('button', { name: 'Replay with this input' }).isDisabled())
    await input.fill('{"payload":"mended"}')
    await page.getByRole('button', { name: 'Replay with this input' }).click()
    const link = page.getByRole('status').getByRole('link', { name: /^task/ })
    await link.waitFor()
    await isClean(t, tab)
    const id = (await link.getAttribute('href'))!.split('/').at(-1)!
    const { task } = (await (await fetch(`${web.url}/v1/tasks/${id}`)).json()) as { task: unknown }
    t.match(JSON.stringify(task), /mended/, 'the task has the input that was typed')

    await page.goto(`${web.url}/dead-letters`)
    await page.getByRole('button', { name: 'Replay all' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/letters would be run once more/).waitFor()
    await dialog.getByRole('button', { name: 'Replay 5' }).click()
    await dialog.getByText('5 replayed.').waitFor()
    const results = dialog.getByRole('list', { name: 'Result for each letter' })
    t.equal(await results.getByRole('link', { name: /^task/ }).count(), 5, 'each has a task of its own')
    t.strictSame(await accessibilityFaults(page), [])
  })

  await t.test('a schedule is made with a preview, changed, paused, run and deleted', async (t) => {
    const { page } = await web.openTab({ path: '/schedules' })
    await page.getByRole('button', { name: 'New schedule' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('nightly')
    await dialog.getByLabel('Time zone').fill('Europe/Berlin')
    const preview = dialog.getByRole('status', { name: 'Next runs' })
    await dialog.getByLabel('Cron', { exact: true }).fill('61 2 * * *')
    await preview.getByText('Invalid value for minute: 61').waitFor()
    await dialog.getByLabel('Cron', { exact: true }).fill('30 2 * * *')
    await preview.getByText('02:30').first().waitFor()
    t.equal(await preview.getByRole('listitem').count(), 5)
    const plan = { plan: { steps: [{ id: 'a', agent: 'noop-a', input: { payload: 'x' } }] } }
    await dialog.getByLabel('What each submits (JSON)').fill(JSON.stringify(plan))
    t.strictSame(await accessibilityFaults(page), [])
    await dialog.getByRole('button', { name: 'Make it' }).click()
    await page.getByRole('link', { name: 'nightly' }).click()
    await page.getByRole('heading', { name: 'nightly' }).waitFor()
    t.strictSame(await accessibilityFaults(page), [])

    await page.getByRole('button', { name: 'Change', exact: true }).click()
    await dialog.getByLabel('at an interval').check()
    await dialog.getByLabel('How many').fill('20')
    await dialog.getByRole('button', { name: 'Change' }).click()
    await page.getByText('every 20 min').first().waitFor()

    await page.getByRole('button', { name: 'Pause' }).click()
    await dialog.getByLabel('Reason (optional)').fill('moving')
    await dialog.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('None while it is paused: moving.').waitFor()
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByRole('listitem').filter({ hasText: 'in ' }).first().waitFor()

    await page.getByRole('button', { name: 'Run now' }).click()
    await page.waitForURL('**/tasks/*')
    await page.goto(`${web.url}/schedules/nightly`)
    await page.getByRole('button', { name: 'Delete' }).click()
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await page.waitForURL('**/schedules')
    await page.getByText('No schedule yet').waitFor()
    t.strictSame(await (await fetch(`${web.url}/v1/schedules`)).json(), { schedules: [] })
  })

  await t.test('the system says how it is, with storage, budget and partitions', async (t) => {
    const tab = await web.openTab({ path: '/system' })
    const { page } = tab
    await page.getByRole('region', { name: 'Service levels' }).getByText('Error budget').waitFor()
    await page.getByRole('meter', { name: 'log: how full' }).waitFor()
    await page.getByRole('region', { name: 'Partitions of the log' }).getByText('current').waitFor()
    const integrity = page.getByRole('region', { name: 'Integrity of the log' })
    await integrity.getByText('0 lost, 0 doubled').waitFor()
    await integrity.getByText('no rule was broken').waitFor()
    await page.getByRole('list', { name: 'Parts of the system' }).getByText('Orchestrators').waitFor()
    t.equal(
      await page.getByRole('link', { name: 'Grafana' }).getAttribute('href'),
      'http://127.0.0.1:3000/grafana/d/murmuration-overview',
    )
    t.match(await page.getByRole('link', { name: 'Jaeger' }).getAttribute('href'), /16686\/search/)
    await isClean(t, tab)
  })

  await t.test('all of them in the dark and on a telephone', async (t) => {
    for (const path of ['/agents?type=noop-a', '/queues', '/dead-letters', '/dead-letters/1', '/system'])
      for (const about of [{ colorScheme: 'dark' as const }, { width: 390, height: 800 }]) {
        const tab = await web.openTab({ ...about, path })
        await tab.page.getByRole('heading', { level: 1 }).waitFor()
        await tab.page.locator('.spinner').first().waitFor({ state: 'detached' })
        await isClean(t, tab)
        const wider = await tab.page.evaluate('document.documentElement.scrollWidth - innerWidth')
        t.equal(wider, 0, `${path}: nothing is wider than the screen`)
        await tab.context.close()
      }
  })
})
