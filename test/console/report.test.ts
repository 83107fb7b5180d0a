import type { Page } from 'playwright-core'
import t from 'tap'
import { accessibilityFaults, openConsole, whyNoConsole } from './console-fixture.ts'

/** Of the page around the report, whose own page is held to the same elsewhere: in a frame without scripts axe may wait for ever. */
async function faultsAround(page: Page): Promise<string[]> {
  await page.evaluate("document.querySelector('iframe')?.remove()")
  return accessibilityFaults(page)
}

const skip = await whyNoConsole()
t.setTimeout(480_000)
/** One month stands far out. */
const ODD_ROW = 17
const ODD_AMOUNT = 9400

t.test('a report, from its findings down to the row of the file', { skip }, async (t) => {
  const web = await openConsole(t, {
    agents: ['services/agents/report-agents.ts', 'services/agents/report/ingest/main.ts'],
  })
  const amounts = Array.from({ length: 40 }, (_, at) =>
    at + 1 === ODD_ROW ? ODD_AMOUNT : 200 + ((at * 37) % 50),
  )
  const csv = ['day,amount,shop', ...amounts.map((amount, at) => `2026-01-${at + 1},${amount},north`)]
  csv.forEach((line, at) => {
    // Forty days are more than January has.
    if (at > 31) csv[at] = line.replace(/2026-01-\d+/, `2026-02-${at - 31}`)
  })
  const bytes = `${csv.join('\n')}\n`
  const upload = await fetch(`${web.url}/v1/objects?name=sales.csv`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: bytes,
  })
  const { object } = (await upload.json()) as { object: object }
  const id = await web.submit({
    type: 'report',
    input: { title: 'Sales', sources: [{ name: 'sales.csv', blob: object }] },
  })
  const { page, logged, hosts } = await web.openTab({ path: `/tasks/${id}/report` })
  await page.getByRole('heading', { name: 'Sales', level: 1 }).waitFor({ timeout: 60_000 })

  await t.test('the page that was made is shown, as it was made, and can do nothing', async (t) => {
    const frame = page.frameLocator('iframe')
    await frame.getByRole('heading', { name: 'Sales', level: 1 }).waitFor()
    const margin = await frame.locator('body').evaluate((body) => getComputedStyle(body).margin)
    t.not(margin, '8px', 'it has its own style')
    const html = await page.getByTitle('Report: Sales').getAttribute('src')
    const answer = await fetch(`${web.url}${html}`)
    t.match(answer.headers.get('content-security-policy'), /^sandbox (?!.*allow-scripts).*default-src 'none'/)
    t.match(answer.headers.get('content-disposition'), /^inline/)
    const plain = await fetch(`${web.url}${html!.split('?')[0]}`)
    t.match(plain.headers.get('content-disposition'), /^attachment/, 'anything else is a download')
    t.equal((await fetch(`${web.url}${html!.split('?')[0]}?display=odd`)).status, 400)
  })

  await t.test('a finding leads to the row in the file', async (t) => {
    await page
      .getByRole('button', { name: `sales.csv › amount › row ${ODD_ROW}` })
      .first()
      .click()
    const source = page.getByRole('region', { name: 'Source sales.csv' })
    const row = source.locator('tr[aria-current]')
    await row.waitFor()
    t.equal(await row.count(), 1)
    t.match(
      await row.textContent(),
      new RegExp(`^${ODD_ROW + 1}.*${ODD_AMOUNT}`),
      'its line, behind the head',
    )
    t.equal(await row.locator('td[data-meant]').textContent(), String(ODD_AMOUNT))
    t.match(page.url(), /finding=i\d+/, 'a link to the page is a link to the finding')
    t.strictSame(await faultsAround(page), [])
    await page.reload()
    await row.waitFor()
    await source.getByRole('button', { name: 'Close the source' }).click()
    await source.waitFor({ state: 'detached' })
  })

  await t.test('in the dark, and on a telephone with one beside the other', async (t) => {
    for (const about of [{ colorScheme: 'dark' as const }, { width: 390, height: 800 }]) {
      const tab = await web.openTab({ ...about, path: `/tasks/${id}/report` })
      await tab.page.getByRole('heading', { name: 'Sales', level: 1 }).waitFor()
      if ('width' in about) await tab.page.getByRole('button', { name: 'Findings' }).click()
      await tab.page.getByRole('list', { name: 'Findings' }).waitFor()
      t.strictSame(await faultsAround(tab.page), [])
      t.equal(await tab.page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0)
      await tab.context.close()
    }
  })

  await t.test('a task without a report says so', async (t) => {
    const other = await web.submit({
      type: 'plan',
      delayMs: 3_600_000,
      plan: { steps: [{ id: 'a', agent: 'ingest' }] },
    })
    const tab = await web.openTab({ path: `/tasks/${other}/report` })
    await tab.page.getByText('There is no report yet').waitFor()
    t.strictSame(await accessibilityFaults(tab.page), [])
  })
  t.strictSame(logged, [])
  t.strictSame([...hosts], [new URL(web.url).host])
})
