import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import t from 'tap'
import { buryLetters } from '../edge/conformance/dead-letter-cases.ts'
import { type OpenedConsole, openConsole, type TabOptions } from './console-fixture.ts'

// Pictures of the operating screens of the console, of a real stack: `node test/console/take-pictures.ts FOLDER [--all]`. With `--all` each in the dark
// and as a telephone shows it too, for whoever changes one.

const [folder = 'pictures-of-the-console'] = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const LOOKS: Readonly<Record<string, TabOptions>> = process.argv.includes('--all')
  ? { light: {}, dark: { colorScheme: 'dark' }, phone: { width: 390, height: 844 } }
  : { light: {} }
const SIZE = { width: 1280, height: 800 }
const SHOWN_WIDTH = 960
const MAX_BYTES = 60 * 1024

t.setTimeout(600_000)
await t.test('pictures', async (t) => {
  const web = await openConsole(t, {
    agents: [
      'loadtest/bench/noop-agents.ts',
      'services/agents/report-agents.ts',
      'services/agents/report/ingest/main.ts',
    ],
    edge: {
      MURMUR_EDGE_GRAFANA_URL: 'http://127.0.0.1:3000',
      MURMUR_EDGE_JAEGER_URL: 'http://127.0.0.1:16686',
    },
  })
  const reportId = await fillStack(web)
  const SCREENS: Readonly<Record<string, string>> = {
    agents: '/agents?type=noop-a',
    queues: '/queues',
    'dead-letters': '/dead-letters',
    'dead-letter': '/dead-letters/1',
    schedules: '/schedules',
    schedule: '/schedules/nightly-report',
    system: '/system',
    report: `/tasks/${reportId}/report?finding=i1&at=0`,
  }
  mkdirSync(folder, { recursive: true })
  for (const [name, path] of Object.entries(SCREENS))
    for (const [look, options] of Object.entries(LOOKS)) {
      const { page, context } = await web.openTab({ ...SIZE, ...options, path })
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.locator('.spinner').first().waitFor({ state: 'detached' })
      // A report is in a frame; what is asked for twice a minute and more is there once a row is.
      if (name === 'report')
        await page.frameLocator('iframe').getByRole('heading', { level: 1 }).waitFor({ state: 'attached' })
      await page
        .locator('main :is(td, meter, [role=meter], [role=gridcell], dd)')
        .first()
        .waitFor({ state: 'attached' })
      const file = join(folder, look === 'light' ? `${name}.webp` : `${name}-${look}.webp`)
      const { size } = await sharp(await page.screenshot())
        .resize({ width: Math.min(SHOWN_WIDTH, options.width ?? SIZE.width) })
        .webp({ quality: 70 })
        .toFile(file)
      t.ok(size <= MAX_BYTES, `${file}: ${size} bytes`)
      await context.close()
    }
})

/** Something of everything. @returns the id of a report */
async function fillStack({ url, bus, submit }: OpenedConsole): Promise<string> {
  const post = (path: string, body: object) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const step = (agent: string) => ({
    type: 'plan',
    plan: { steps: [{ id: 'a', agent, input: { payload: 'x' } }] },
  })
  await buryLetters(bus)
  await Promise.all(Array.from({ length: 60 }, () => submit(step('noop-b'))))
  await post('/v1/agent-policies/noop-a', { set: { strategy: 'least-loaded', weights: { acme: 3 } } })
  await post('/v1/agent-policies/noop-c', { set: { paused: true } })
  await Promise.all(Array.from({ length: 12 }, () => submit(step('noop-c'))))
  const submission = { type: 'report', input: { sources: [{ name: 'a.md', text: '# A' }] } }
  await post('/v1/schedules', {
    name: 'nightly-report',
    cron: '30 2 * * *',
    timezone: 'Europe/Berlin',
    submission,
  })
  await post('/v1/schedules', { name: 'poll', everyMs: 900_000, submission: step('noop-a') })
  await post('/v1/schedules/poll/pause', { reason: 'the source is moved' })
  const rows = Array.from({ length: 60 }, (_, at) => {
    const day = new Date(Date.UTC(2026, 0, at + 1)).toISOString().slice(0, 10)
    return `${day},${at === 16 ? 9400 : 200 + at * 3 + ((at * 37) % 50)},${['north', 'south'][at % 2]}`
  })
  const id = await submit({
    type: 'report',
    input: {
      title: 'Sales of two months',
      sources: [{ name: 'sales.csv', text: ['day,amount,shop', ...rows].join('\n') }],
    },
  })
  await fetch(`${url}/v1/tasks/${id}/events`).then((response) => response.text())
  return id
}
