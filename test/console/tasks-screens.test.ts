import t from 'tap'
import { accessibilityFaults, openConsole, whyNoConsole } from './console-fixture.ts'

const skip = await whyNoConsole()
const step = (id: string, agent: string, more: object = {}) => ({
  id,
  agent,
  input: { payload: id },
  ...more,
})

t.test('tasks in the console', { skip }, async (t) => {
  const web = await openConsole(t)

  await t.test('filters stand in the URL, and the URL in the filters', async (t) => {
    await web.submit({ type: 'plan', labels: { team: 'north' }, plan: { steps: [step('a', 'noop-a')] } })
    const south = await web.submit({
      type: 'plan',
      labels: { team: 'south' },
      plan: { steps: [step('a', 'noop-a')] },
    })
    const { page } = await web.openTab({ path: '/tasks?label=team:south' })
    await page.locator(`[data-key="${south}"]`).waitFor()
    t.equal(await page.locator('[data-key]').count(), 1)
    await page.getByLabel('Status').selectOption('failed')
    await page.getByText('No task is like that').waitFor()
    t.match(page.url(), /status=failed/)
    await page.getByRole('button', { name: 'Clear the filter' }).click()
    await page.locator('[data-key]').nth(1).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type(south.slice(0, 12))
    await page.getByText('1 task found').waitFor()
    await page.getByText('searched all').waitFor()
    t.match(page.url(), new RegExp(`q=${south.slice(0, 12)}`))
    await page.goBack()
  })

  await t.test(
    'what a search finds is cancelled at once: counted first, then each with its result',
    async (t) => {
      const nap = {
        type: 'plan',
        labels: { bulk: 'yes' },
        plan: { steps: [{ id: 'nap', sleep: { ms: 600_000 } }] },
      }
      const ids = await Promise.all(Array.from({ length: 5 }, () => web.submit(nap)))
      // Found by the status, but not by the text.
      const other = await web.submit({ ...nap, labels: { bulk: 'no' } })
      const { page, logged } = await web.openTab({ path: '/tasks?q=bulk:YES&status=running' })
      await page.locator('[data-key]').nth(4).waitFor()
      await page.getByRole('button', { name: 'Cancel' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByText('As command').click()
      await dialog.getByText('murmur tasks cancel --status running --text bulk:YES').waitFor()
      await dialog.getByRole('button', { name: 'Cancel 5' }).click()
      await dialog.getByText(/5\s+cancelled/).waitFor()
      t.equal(
        await dialog.getByRole('list', { name: 'Result for each task' }).getByRole('listitem').count(),
        5,
      )
      t.strictSame(await accessibilityFaults(page), [])
      await dialog.getByRole('button', { name: 'Close' }).last().click()
      for (const id of ids)
        await page.locator(`[data-key="${id}"] .badge`, { hasText: 'cancelled' }).waitFor()
      const { task } = (await (await fetch(`${web.url}/v1/tasks/${other}`)).json()) as {
        task: { status: string }
      }
      t.equal(task.status, 'running')
      t.strictSame(logged, [])
    },
  )

  await t.test('End shows the oldest task, and what lies between is read when it is near', async (t) => {
    const nap = {
      type: 'plan',
      labels: { many: 'yes' },
      plan: { steps: [{ id: 'nap', sleep: { ms: 600_000 } }] },
    }
    for (let n = 0; n < 13; n++) await Promise.all(Array.from({ length: 20 }, () => web.submit(nap)))
    const asked = `${web.url}/v1/tasks?label=many:yes&order=oldest&limit=1`
    const { tasks } = (await (await fetch(asked)).json()) as { tasks: [{ id: string }] }
    const { page, logged } = await web.openTab({ path: '/tasks?label=many:yes' })
    // 260 as soon as the end is read, too, which may be at once.
    await page.getByText(/^(200\+|260) tasks$/).waitFor()
    await page.locator('[data-key]').first().focus()
    await page.keyboard.press('End')
    await page.locator(`[data-key="${tasks[0].id}"]`).waitFor()
    await page.getByText(/^260 tasks$/).waitFor()
    t.equal(await page.getByRole('grid').getAttribute('aria-rowcount'), '261', 'no more is guessed')
    t.strictSame(logged, [])
  })

  await t.test('a task: its plan, its time and its log in step, and a scrubber that says why', async (t) => {
    const id = await web.submit({
      type: 'plan',
      plan: { steps: [step('first', 'noop-a'), step('second', 'noop-b', { needs: ['first'] })] },
    })
    const { page, logged } = await web.openTab({ path: `/tasks/${id}` })
    await page.getByRole('heading', { name: /plan/ }).getByText('completed').waitFor()
    const graph = page.getByRole('region', { name: 'Plan' })
    await graph.getByRole('button', { name: /^first\s+noop-a\s+completed$/ }).click()
    await page.getByRole('region', { name: 'Step first' }).waitFor()
    t.match(page.url(), /step=first/)
    await page
      .getByRole('region', { name: 'Events' })
      .getByText('completed: all its steps are done')
      .waitFor()
    const slider = page.getByRole('slider', { name: 'Event of the log' })
    await slider.focus()
    await page.keyboard.press('Home')
    await page.getByText('as it was').waitFor()
    await page.getByRole('region', { name: 'History' }).getByText('it was accepted').waitFor()
    await graph.getByRole('button', { name: /^second\s+noop-b\s+waiting$/ }).waitFor()
    t.strictSame(await accessibilityFaults(page), [])
    await page.getByRole('button', { name: 'Now' }).click()
    await graph.getByRole('button', { name: /^second\s+noop-b\s+completed$/ }).waitFor()
    t.strictSame(logged, [])
  })

  await t.test('why is it waiting: nobody is there; and what is cancelled ends', async (t) => {
    const steps = [{ id: 'ask', approval: { title: 'Go on?' } }, step('after', 'noop-a', { needs: ['ask'] })]
    const id = await web.submit({ type: 'plan', plan: { steps } })
    const { page } = await web.openTab({ path: `/tasks/${id}?step=ask`, colorScheme: 'dark' })
    await page.getByText('Somebody has to approve it.').waitFor()
    await page
      .getByRole('region', { name: 'Plan' })
      .getByRole('button', { name: /^after/ })
      .click()
    await page.getByText('It begins when ask is done.').waitFor()
    t.strictSame(await accessibilityFaults(page), [])
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('The task is paused').waitFor()
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the task' }).click()
    await page.getByRole('heading', { name: /plan/ }).getByText('cancelled').waitFor()
  })

  await t.test('it is run again from a step on, with another input', async (t) => {
    const id = await web.submit({
      type: 'plan',
      plan: { steps: [step('one', 'noop-a'), step('two', 'noop-b', { needs: ['one'] })] },
    })
    const { page } = await web.openTab({ path: `/tasks/${id}?step=two` })
    await page.getByRole('button', { name: 'Retry from here' }).click()
    const input = page.getByRole('textbox', { name: /^Input of two/ })
    await input.fill('{"payload": ')
    await page.getByText(/is no JSON/).waitFor()
    await input.fill('{"payload": "edited"}')
    await page.getByRole('dialog').getByRole('button', { name: 'Retry', exact: true }).click()
    await page.waitForURL((url) => !url.pathname.endsWith(id))
    await page.getByRole('heading', { name: /plan/ }).getByText('completed').waitFor()
    await page.getByText('retry of').waitFor()
    const { task } = (await (await fetch(`${web.url}/v1${new URL(page.url()).pathname}`)).json()) as {
      task: { plan: { steps: { input: unknown }[] }; retryOf: string }
    }
    t.match(task, { retryOf: id, plan: { steps: [{}, { input: { payload: 'edited' } }] } })
  })

  await t.test(
    'a step that failed is run again with another input, and others keep their results',
    async (t) => {
      const id = await web.submit({
        type: 'plan',
        input: { text: 'hello' },
        plan: {
          steps: [
            { id: 'one', agent: 'noop-a', input: { payload: { $from: 'input.text' } } },
            { id: 'two', agent: 'noop-b', needs: ['one'], input: { payload: 7 } },
          ],
        },
      })
      const { page } = await web.openTab({ path: `/tasks/${id}` })
      await page.getByRole('heading', { name: /plan/ }).getByText('failed').waitFor()
      await page.getByRole('button', { name: 'Retry…' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByText('two runs again; one keeps its result').waitFor()
      await dialog.getByText('It failed with').waitFor()
      await dialog
        .getByRole('textbox', { name: /^Input of two/ })
        .fill('{"payload": {"$from": "steps.one.output.payload"}}')
      await dialog.getByRole('group', { name: 'What is changed in the input of two' }).waitFor()
      t.equal(
        await dialog.getByRole('button', { name: 'With the values that it had' }).count(),
        0,
        'it had none',
      )
      t.strictSame(await accessibilityFaults(page), [])
      await dialog.getByLabel('Run again').selectOption('one')
      await dialog.getByText('one and two run again').waitFor()
      await dialog.getByRole('button', { name: 'With the values that it had' }).click()
      t.match(await dialog.getByRole('textbox', { name: /^Input of one/ }).inputValue(), /"payload": "hello"/)
      await dialog.getByLabel('Run again').selectOption('')
      await dialog.getByRole('textbox', { name: /^Input of two/ }).fill('{"payload": "mended"}')
      await dialog.getByRole('button', { name: 'Retry', exact: true }).click()
      await page.waitForURL((url) => !url.pathname.endsWith(id))
      await page.getByRole('heading', { name: /plan/ }).getByText('completed').waitFor()
    },
  )

  await t.test('submitted in the console: checked as it is written', async (t) => {
    const { page, logged } = await web.openTab({ path: '/submit?kind=plan' })
    const plan = page.locator('.plan-editor')
    await plan.fill('{"steps":[{"id":"x","agent":"no-such-agent"}]}')
    await page.getByText('UNKNOWN_AGENT').waitFor()
    await plan.fill(JSON.stringify({ steps: [step('x', 'noop-a'), step('y', 'noop-b', { needs: ['x'] })] }))
    await page.getByText('would be taken').waitFor()
    await page.getByText('2 steps in 2 stages').waitFor()
    t.strictSame(await accessibilityFaults(page), [])
    await page.getByRole('button', { name: 'Submit', exact: true }).click()
    await page.waitForURL('**/tasks/*')
    await page.getByRole('heading', { name: /plan/ }).getByText('completed').waitFor()
    // The browser writes down each answer that is a refusal, as the one of the unknown agent was.
    t.ok(
      logged.every((line) => /status of 400/.test(line)),
      logged.join('\n'),
    )
  })

  await t.test('on a telephone nothing is wider than the screen', async (t) => {
    const id = await web.submit({
      type: 'plan',
      plan: { steps: [step('a', 'noop-a'), step('b', 'noop-b', { needs: ['a'] })] },
    })
    for (const path of ['/tasks', `/tasks/${id}`, '/submit?kind=report']) {
      const { page } = await web.openTab({ path, width: 390, height: 844 })
      await page.getByRole('heading', { level: 1 }).waitFor()
      t.strictSame(await accessibilityFaults(page), [], path)
      t.equal(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0, path)
    }
  })
})
