import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { type Plan, planSchema } from '#schemas/plan.ts'
import { fail, retry } from '../../../services/sdk/index.ts'
import { createTestEnvironment, days, hours, type TestEnvironment } from '../../../services/sdk/testing.ts'
import { agentsOf } from '../../../services/workflow/plan/check-plan.ts'

const START = '2026-03-01T00:00:00.000Z'
type Handlers = Record<string, (input: never) => unknown>

/** An environment in which each agent of a plan answers with null, or as it is told; and what was called, in order. */
function open(plan: Plan, handlers: Handlers = {}): { env: TestEnvironment; ran: [string, unknown][] } {
  const env = createTestEnvironment({ startAt: START })
  const ran: [string, unknown][] = []
  for (const name of agentsOf(plan))
    env.agent(name, (input, ctx) => {
      ran.push([`${ctx.stepId}:${ctx.attempt}`, input])
      return handlers[name]?.(input) ?? null
    })
  return { env, ran }
}

async function play(plan: Plan, handlers: Handlers = {}, input = {}) {
  const { env, ran } = open(plan, handlers)
  const result = await env.run(plan, input, { deadlineMs: days(30) })
  return { ...result, env, ran, names: ran.map(([name]) => name) }
}

/** What each plan of docs/plans.md does in a test environment, by its heading. */
const EXAMPLES: Record<string, (t: Test, plan: Plan) => Promise<void>> = {
  Agent: async (t, plan) => {
    const { ran, status } = await play(plan, { ingest: () => ({ text: 'one two' }) }, { name: 'a.txt' })
    t.strictSame(ran, [
      ['read:1', { name: 'a.txt' }],
      ['count:1', { text: 'one two' }],
    ])
    t.equal(status, 'completed')
  },
  Conditions: async (t, plan) => {
    const scored = (score: number) => play(plan, { 'fraud-check': () => ({ score }) })
    t.strictSame((await scored(0.9)).names, ['check:1', 'review:1', 'note:1', 'ship:1'])
    const { names, task } = await scored(0.1)
    t.strictSame(names, ['check:1', 'ship:1'])
    t.match(task.steps, { review: { status: 'skipped' }, note: { status: 'skipped' } })
    t.match(await play(plan), { status: 'failed', error: { code: 'EXPRESSION_FAILED' } })
  },
  'For each item of a list': async (t, plan) => {
    const { outputs, task } = await play(plan, {
      lister: () => ({ files: ['a', 'b', 'c'] }),
      resizer: ({ file }: { file: string }) =>
        file === 'b' ? fail('BROKE', 'it broke') : file.toUpperCase(),
    })
    t.match(outputs.resize, ['A', { error: { code: 'BROKE' } }, 'C'])
    t.match(task.steps.resize!.items, { total: 3, completed: 2, failed: 1 })
    t.strictSame((await play(plan, { lister: () => ({ files: [] }) })).outputs.resize, [])
    t.match((await play(plan, { lister: () => ({ files: 7 }) })).error, { code: 'ITEMS_INVALID' })
  },
  'Again until a condition holds': async (t, plan) => {
    let polls = 0
    const status = () => ({ state: ++polls === 3 ? 'done' : 'busy', cursor: polls })
    const { ran, output, task } = await play(plan, { 'job-status': status }, { job: 'j' })
    t.strictSame(ran.at(-1), ['poll.3:1', { job: 'j', cursor: 2, time: 3 }])
    t.match(output, { poll: { state: 'done' } })
    t.equal(task.finishedAtMs! - task.createdAtMs, 2000, 'a second between them')
    t.match((await play(plan, { 'job-status': () => ({ state: 'busy' }) })).error, {
      code: 'REPEAT_EXHAUSTED',
    })
  },
  'Child task': async (t, plan) => {
    const { output, env, task } = await play(
      plan,
      { converter: ({ file }: { file: string }) => `${file}.pdf` },
      { file: 'f' },
    )
    t.strictSame(output, { convert: { inner: 'f.pdf' } })
    t.match(env.children(task.id), [{ status: 'completed', parent: { taskId: task.id, depth: 1 } }])
    const lost = await play(plan, { converter: () => fail('BROKE', 'it broke') })
    t.match(lost, { status: 'failed', error: { code: 'BROKE', message: /child task .* failed/ } })
    t.equal(lost.names.length, 1, 'it is tried once')
  },
  Sleep: async (t, plan) => {
    const notBefore = new Date(Date.parse(START) + days(9)).toISOString()
    const { outputs, env } = await play(plan, {}, { notBefore })
    t.strictSame(outputs['cool-down'], { atMs: Date.parse(START) + days(7) })
    t.equal(env.nowMs(), Date.parse(notBefore))
  },
  'Wait for a signal': async (t, plan) => {
    const { env, ran } = open(plan)
    const task = await env.submit({ plan, deadlineMs: days(2) })
    await env.advance(500)
    await env.signal(task.id, 'payment', { sum: 3 }, { id: 'p-1' })
    t.match(await task.result(), { status: 'completed' })
    t.strictSame(task.state().steps.paid!.output, {
      id: 'p-1',
      payload: { sum: 3 },
      atMs: Date.parse(START) + 500,
    })
    t.equal(ran.at(-1)![0], 'ship:1')
    const { env: later, ran: unpaid, task: timedOut } = await play(plan)
    t.match(timedOut.steps, { paid: { output: null }, ship: { status: 'skipped' } })
    t.strictSame([unpaid.length, later.nowMs() - Date.parse(START)], [1, days(1)])
  },
  Approval: async (t, plan) => {
    const { env, ran } = open(plan, { pricing: () => ({ price: 10 }) })
    const task = await env.submit({ plan, deadlineMs: days(2) })
    t.match(env.inbox(), [{ stepId: 'approve', subject: { price: 10 }, assignees: ['sales'] }])
    await env.advance(hours(1))
    t.match(env.inbox(), [{ assignees: ['sales', 'head-of-sales'] }], 'escalated')
    await t.rejects(env.approve(task.id, 'approve', { values: { channel: 'fax' } }), {
      code: 'INVALID_REQUEST',
      message: /values\.channel has to be one of.*values\.discount is required/,
    })
    await env.approve(task.id, 'approve', { values: { discount: 2 }, subject: { price: 8 } })
    t.match(await task.result(), { status: 'completed' })
    t.strictSame(ran.at(-1), ['send:1', { offer: { price: 8 } }])
    await t.rejects(env.approve(task.id, 'approve'), {
      code: 'APPROVAL_NOT_OPEN',
      message: /is completed, and asks nothing/,
    })
    const no = await env.submit({ plan, deadlineMs: days(2) })
    await env.reject(no.id, 'approve', { by: 'boss', comment: 'too cheap' })
    t.match(await no.result(), {
      status: 'failed',
      error: { code: 'APPROVAL_REJECTED', message: /boss: too cheap/ },
    })
    t.match(await play(plan), {
      status: 'failed',
      error: { code: 'APPROVAL_REJECTED', message: /nobody decided/ },
    })
  },
  'Retries by code': async (t, plan) => {
    const always = (code: string) => play(plan, { 'api-caller': () => retry('not now', { code }) })
    const [other, limited, bad] = await Promise.all([
      always('OTHER'),
      always('RATE_LIMITED'),
      always('BAD_ADDRESS'),
    ])
    t.strictSame([other.ran.length, limited.ran.length, bad.ran.length], [2, 4, 1])
    // 1, 2 and 4 seconds, each ± 20 %.
    const tookMs = limited.task.finishedAtMs! - limited.task.createdAtMs
    t.ok(tookMs >= 0.8 * 7000 && tookMs <= 1.2 * 7000, `${tookMs} ms`)
    t.equal((await play(plan, { 'api-caller': () => fail('NO', 'never') })).ran.length, 1)
  },
  Fallback: async (t, plan) => {
    const handlers = {
      translator: () => retry('down', { code: 'UPSTREAM_ERROR' }),
      dictionary: () => 'word by word',
    }
    const { names, ran, task } = await play(plan, handlers, { text: 'hallo' })
    t.strictSame(names, ['translate:1', 'translate:2', 'translate.fallback:1', 'print:1'])
    t.strictSame(ran[2]![1], { text: 'hallo', why: 'UPSTREAM_ERROR' })
    t.match(task.steps.translate, { viaFallback: true, error: { code: 'UPSTREAM_ERROR' } })
  },
  'Going on after a failure': async (t, plan) => {
    const { ran, status } = await play(plan, { enricher: () => fail('BROKE', 'it broke') })
    t.strictSame([ran.at(-1), status], [['report:1', { error: 'BROKE' }], 'completed'])
  },
  Compensation: async (t, plan) => {
    const handlers = {
      hotel: () => ({ booking: 'h-1' }),
      payment: () => fail('BROKE', 'it broke'),
      'flight-cancel': () => fail('BROKE', 'it broke'),
    }
    const { names, ran, error } = await play(plan, handlers)
    t.strictSame(names, ['hotel:1', 'flight:1', 'pay:1', 'flight.compensate:1', 'hotel.compensate:1'])
    t.strictSame(ran.at(-1)![1], { booking: 'h-1' })
    t.match(error, { code: 'BROKE', stepId: 'pay', message: /not undone: flight/ })
  },
}

const text = readFileSync(new URL('../../../docs/plans.md', import.meta.url), 'utf8')
const plans = text
  .split(/^## /m)
  .slice(1)
  .flatMap((section) =>
    [...section.matchAll(/^```json\n(.*?)^```$/gms)].map(([, json]) => ({
      heading: section.slice(0, section.indexOf('\n')),
      plan: planSchema.parse(JSON.parse(json!)),
    })),
  )

t.test('each plan of docs/plans.md is played here', async (t) => {
  t.strictSame(plans.map(({ heading }) => heading).sort(), Object.keys(EXAMPLES).sort())
})

for (const { heading, plan } of plans) t.test(`${heading}: as it says`, (t) => EXAMPLES[heading]!(t, plan))
