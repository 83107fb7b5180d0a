import { buryLetters } from '../edge/conformance/dead-letter-cases.ts'
import { until } from '../support/until.ts'
import type { OpenedConsole } from './console-fixture.ts'
import { get, post, sceneMonitor, startMonitor, untilAlerts } from './video-fixture.ts'

/** Where screens are that need something of the stack. */
export interface PictureIds {
  readonly task: string
  readonly running: string
  readonly fanOut: string
  readonly report: string
  readonly camera: string
}

const TEAMS = ['north', 'south', 'east', 'west']
const step = (id: string, agent: string, more: object = {}) => ({
  id,
  agent,
  input: { payload: `${id} of the invoices of May` },
  ...more,
})

/** A stack with something of everything, as it might be on a working day. Cameras are rendered scenes. */
export async function fillPictures(web: OpenedConsole): Promise<PictureIds> {
  const camera = await startMonitor(web, sceneMonitor('yard'))
  await startMonitor(web, sceneMonitor('crossing', { camera: 'gate' }))
  await buryLetters(web.bus)
  const [task, running, fanOut, report] = [
    await failedTask(web),
    await runningTask(web),
    await longList(web),
    await reportTask(web),
  ]
  await Promise.all(
    Array.from({ length: 40 }, (_, n) =>
      web.submit({
        type: 'plan',
        labels: { team: TEAMS[n % TEAMS.length], customer: `acme-${n}` },
        plan: {
          steps: [
            step('fetch', 'noop-a'),
            {
              ...step('transform', 'noop-b', { needs: ['fetch'] }),
              ...(n % 9 === 4 && { input: { payload: n } }),
            },
          ],
        },
      }),
    ),
  )
  await payment(web)
  await operate(web)
  await Promise.all([untilAlerts(web, 'yard', 2), untilAlerts(web, 'gate', 1)])
  return { task, running, fanOut, report, camera }
}

/** A task whose third step was tried twice and failed. */
async function failedTask(web: OpenedConsole): Promise<string> {
  const id = await web.submit({
    type: 'plan',
    labels: { team: 'north', customer: 'acme' },
    input: { invoice: 'INV-2026-0417', currency: 'EUR' },
    plan: {
      steps: [
        { id: 'fetch', agent: 'noop-a', input: { payload: { $from: 'input.invoice' } } },
        step('extract', 'noop-b', { needs: ['fetch'] }),
        step('classify', 'noop-c', { needs: ['fetch'] }),
        { id: 'settle', sleep: { ms: 400 }, needs: ['extract'] },
        {
          id: 'convert',
          agent: 'noop-a',
          input: { payload: { amount: 4200 } },
          needs: ['extract', 'classify', 'settle'],
        },
        step('publish', 'noop-b', { needs: ['convert'] }),
        step('archive', 'noop-c', { needs: ['publish'] }),
      ],
    },
  })
  await fetch(`${web.url}/v1/tasks/${id}/events`).then((response) => response.text())
  return id
}

/** One that waits for an agent that is not there, and for somebody. */
function runningTask(web: OpenedConsole): Promise<string> {
  return web.submit({
    type: 'plan',
    labels: { team: 'south' },
    plan: {
      steps: [
        step('fetch', 'noop-a'),
        { id: 'ask', approval: { title: 'Publish the figures of May?' }, needs: ['fetch'] },
        step('publish', 'noop-b', { needs: ['ask'] }),
        { id: 'cool-down', sleep: { ms: 3_600_000 }, needs: ['fetch'] },
      ],
    },
  })
}

function longList(web: OpenedConsole): Promise<string> {
  return web.submit({
    type: 'plan',
    labels: { team: 'east' },
    input: { list: Array.from({ length: 400 }, (_, n) => `page ${n}`) },
    plan: {
      steps: [
        step('list', 'noop-a'),
        {
          id: 'pages',
          agent: 'noop-b',
          needs: ['list'],
          input: { payload: { $from: 'item' } },
          forEach: { items: { $from: 'input.list' }, concurrency: 20 },
        },
        step('join', 'noop-c', { needs: ['pages'] }),
      ],
    },
  })
}

async function reportTask(web: OpenedConsole): Promise<string> {
  const rows = Array.from({ length: 60 }, (_, at) => {
    const day = new Date(Date.UTC(2026, 0, at + 1)).toISOString().slice(0, 10)
    return `${day},${at === 16 ? 9400 : 200 + at * 3 + ((at * 37) % 50)},${['north', 'south'][at % 2]}`
  })
  const id = await web.submit({
    type: 'report',
    input: {
      title: 'Sales of two months',
      sources: [{ name: 'sales.csv', text: ['day,amount,shop', ...rows].join('\n') }],
    },
  })
  await fetch(`${web.url}/v1/tasks/${id}/events`).then((response) => response.text())
  return id
}

/** What waits for somebody: with a form, editable, with an escalation. */
async function payment(web: OpenedConsole): Promise<void> {
  const approval = {
    title: 'Pay 4,200 EUR to ACME?',
    description: 'The invoice of May.',
    subject: { to: 'ACME', sum: 4200, invoice: 'INV-2026-0417' },
    editable: true,
    assignees: ['finance'],
    escalation: [{ afterMs: 3_600_000, assignees: ['board'] }],
    form: [
      { name: 'account', type: 'choice', choices: ['north', 'south'], required: true },
      { name: 'days', label: 'Days to pay', type: 'integer', required: true },
      { name: 'urgent', type: 'boolean' },
    ],
  }
  await web.submit({ type: 'plan', plan: { steps: [{ id: 'release', approval }] } })
  await until('the approval', async () => {
    const { approvals } = await get<{ approvals: object[] }>(web, '/v1/approvals')
    return approvals.length >= 2
  })
}

/** Policies, pauses and schedules, as operators make them. */
async function operate(web: OpenedConsole): Promise<void> {
  const one = (agent: string) => ({
    type: 'plan',
    labels: { team: 'west', customer: 'globex' },
    plan: { steps: [step('a', agent)] },
  })
  await post(web, '/v1/agent-policies/noop-a', { set: { strategy: 'least-loaded', weights: { acme: 3 } } })
  await post(web, '/v1/agent-policies/noop-c', { set: { paused: true } })
  await Promise.all(Array.from({ length: 12 }, () => web.submit(one('noop-c'))))
  await post(web, '/v1/schedules', {
    name: 'nightly-report',
    cron: '30 2 * * *',
    timezone: 'Europe/Berlin',
    submission: { type: 'report', input: { sources: [{ name: 'a.md', text: '# A' }] } },
  })
  await post(web, '/v1/schedules', { name: 'poll', everyMs: 900_000, submission: one('noop-a') })
  await post(web, '/v1/schedules/poll/pause', { reason: 'the source is moved' })
}
