import t from 'tap'
import type { Plan } from '#schemas/plan.ts'
import { fail } from '../../../services/sdk/index.ts'
import { createTestEnvironment, days, hours } from '../../../services/sdk/testing.ts'

const START_MS = Date.parse('2026-03-01T00:00:00Z')
const open = () => createTestEnvironment({ startAt: START_MS })
const kinds = (env: ReturnType<typeof open>, id: string) => env.history(id).map(({ kind }) => kind)

t.test('a pause: nothing begins, what is due waits, and the deadline stands still', async (t) => {
  const env = open().agent('a', () => 'A')
  const plan: Plan = {
    steps: [
      { id: 's', sleep: { ms: hours(1) } },
      { id: 'a', agent: 'a', needs: ['s'] },
    ],
  }
  const task = await env.submit({ plan, deadlineMs: hours(2) })
  await env.pause(task.id, 'lunch')
  await env.advance(hours(5))
  t.match(task.state(), { status: 'paused', steps: { s: { status: 'sleeping' }, a: { status: 'waiting' } } })
  await env.resume(task.id)
  t.match(task.state(), { status: 'completed', output: { a: 'A' }, deadlineAtMs: START_MS + hours(7) })
  t.strictSame(kinds(env, task.id).slice(0, 6), [
    'accepted',
    'step-waiting',
    'control',
    'paused',
    'control',
    'resumed',
  ])
  const forgotten = await env.submit({ plan })
  await env.pause(forgotten.id)
  await env.advance(days(31))
  t.match(forgotten.state(), { status: 'failed', error: { code: 'DEADLINE_EXCEEDED' } })
})

t.test('a cancel ends handlers that are at work, child tasks, and undoes what was done', async (t) => {
  const reasons: string[] = []
  const undone: unknown[] = []
  const env = open()
    .agent('book', () => ({ booking: 7 }))
    .agent('undo', (input) => void undone.push(input))
    .agent('slow', async (_input, ctx) => {
      await ctx.sleep(hours(1))
      reasons.push(String((ctx.signal.reason as Error).message))
    })
  const compensate = { agent: 'undo', input: { $from: 'output.booking' } }
  const inner = { steps: [{ id: 'slow', agent: 'slow', timeoutMs: hours(2) }] }
  const steps = [
    { id: 'hotel', agent: 'book', compensate },
    { id: 'slow', agent: 'slow', needs: ['hotel'], timeoutMs: hours(2) },
    { id: 'child', needs: ['hotel'], task: { type: 'plan', plan: inner } },
  ]
  const task = await env.submit({ plan: { steps }, deadlineMs: days(1) })
  await env.advance(hours(0.5))
  await env.cancel(task.id, 'enough')
  t.match(await task.result(), { status: 'cancelled', error: { code: 'CANCELLED' } })
  t.strictSame([reasons.length, undone], [2, [7]])
  t.match(reasons, [/attempt is over/, /attempt is over/])
  t.match(env.children(task.id), [{ status: 'cancelled' }])
  t.equal(env.nowMs(), START_MS + hours(0.5), 'nobody was waited for')
  t.match(task.state().steps, { hotel: { compensated: 'completed' }, slow: { status: 'cancelled' } })
})

t.test('delayed starts, and several tasks in one time', async (t) => {
  const times: [string, number][] = []
  const env = open().agent('a', (_input, ctx) => void times.push([ctx.taskId, ctx.nowMs() - START_MS]))
  const plan = (ms: number): Plan => ({
    steps: [
      { id: 's', sleep: { ms } },
      { id: 'a', agent: 'a', needs: ['s'] },
    ],
  })
  const late = await env.submit({ plan: plan(50), delayMs: 100 })
  const early = await env.submit({ plan: plan(10) })
  await late.result()
  t.strictSame(times, [
    [early.id, 10],
    [late.id, 150],
  ])
  t.equal(early.state().status, 'completed', 'it was on the way')
})

t.test('ten thousand items, a thousand child tasks: fast, and in order', async (t) => {
  const env = open().agent('list', (count: number) => Array.from({ length: count }, (_, n) => n))
  env.agent('double', (n: number) => (n === 13 ? fail('UNLUCKY', 'it is 13') : 2 * n))
  const list = (count: number) => ({ id: 'list', agent: 'list', input: count })
  const forEach = {
    items: { $from: 'steps.list.output' },
    concurrency: 100,
    onItemFailure: 'continue' as const,
  }
  const input = { $from: 'item' }
  const many = await env.run({
    steps: [list(10_000), { id: 'map', needs: ['list'], agent: 'double', input, forEach }],
  })
  const outputs = many.outputs.map as unknown[]
  t.strictSame([outputs.length, outputs[9999]], [10_000, 19_998])
  t.match(outputs[13], { error: { code: 'UNLUCKY' } })
  const plan = {
    steps: [{ id: 'x', agent: 'double', input: { $from: 'input.n' } }],
    output: { $from: 'steps.x.output' },
  }
  const task = { type: 'plan', plan, input: { n: { $from: 'item' } } }
  const children = await env.run({ steps: [list(1000), { id: 'map', needs: ['list'], task, forEach }] })
  t.equal((children.outputs.map as number[])[999], 1998)
})

t.test('a large output travels as a reference, and is loaded wherever it is named', async (t) => {
  const env = open()
    .agent('big', () => 'x'.repeat(200_000))
    .agent('lengths', (texts: string[]) => texts.map((text) => text.length))
  const input = Array.from({ length: 8 }, () => ({ $from: 'steps.big.output' }))
  const result = await env.run({
    steps: [
      { id: 'big', agent: 'big' },
      { id: 'a', needs: ['big'], agent: 'lengths', input },
    ],
  })
  t.strictSame(result.output, { a: Array(8).fill(200_000) })
  t.match(result.task.steps.big!.output, { $json: { size: 200_002 } })
})
