import { existsSync } from 'node:fs'
import t from 'tap'
import { z } from 'zod'
import type { Plan } from '#schemas/plan.ts'
import { defineAgent, done, fail, retry } from '../../../services/sdk/index.ts'
import { createTestEnvironment, days, hours, TestEnvironmentError } from '../../../services/sdk/testing.ts'
import { planAgents, type Seen } from '../../support/plan-agents.ts'

const START_MS = Date.parse('2026-03-01T00:00:00Z')
const seen = (): Seen => ({ undone: [], runs: new Map() })
const open = (options = {}) =>
  createTestEnvironment({ agents: planAgents(seen()), startAt: '2026-03-01T00:00:00Z', ...options })
const text = (entry: { kind: string; text: string }) => `${entry.kind}: ${entry.text}`

t.test('a sleep of seven days takes milliseconds', async (t) => {
  const env = open()
  const plan: Plan = {
    steps: [
      { id: 'rest', sleep: { ms: days(7) } },
      { id: 'go', agent: 'double', needs: ['rest'], input: { n: 4 } },
    ],
  }
  const beganMs = performance.now()
  const result = await env.run(plan, {}, { deadlineMs: days(8) })
  t.ok(performance.now() - beganMs < 1000)
  t.match(result, {
    status: 'completed',
    output: { go: { n: 8 } },
    outputs: { rest: { atMs: START_MS + days(7) } },
  })
  t.equal(env.nowMs(), START_MS + days(7))
  t.match(await env.run(plan), { status: 'failed', error: { code: 'DEADLINE_EXCEEDED' } }, 'as in production')
})

t.test('time passes as far as it is told, and what is due on the way is done', async (t) => {
  const env = open()
  const steps = [
    { id: 'rest', sleep: { ms: hours(5) } },
    { id: 'more', needs: ['rest'], sleep: { ms: hours(5) } },
  ]
  const { id } = await env.submit({ plan: { steps }, deadlineMs: days(1) })
  await env.advance(hours(7))
  t.strictSame([env.task(id).steps.rest!.status, env.task(id).steps.more!.status], ['completed', 'sleeping'])
  t.equal(env.nowMs(), START_MS + hours(7))
  await env.advance(hours(3))
  t.equal(env.task(id).status, 'completed')
  t.equal(env.task(id).finishedAtMs, START_MS + hours(10))
  t.throws(() => env.advance(-1), RangeError)
})

t.test('handlers have virtual time: ctx.nowMs, ctx.sleep, their time-outs', async (t) => {
  const times: number[] = []
  const env = open().agent('slow', async ({ ms }: { ms: number }, ctx) => {
    times.push(ctx.nowMs())
    ctx.progress(0.5, 'half')
    await ctx.sleep(ms)
    times.push(ctx.nowMs())
    return { aborted: ctx.signal.aborted }
  })
  const plan = (ms: number): Plan => ({
    steps: [{ id: 's', agent: 'slow', input: { ms }, timeoutMs: 60_000, retry: { maxAttempts: 1 } }],
  })
  const good = await env.run(plan(59_000))
  t.strictSame([good.output, times.splice(0)], [{ s: { aborted: false } }, [START_MS, START_MS + 59_000]])
  t.ok(
    env
      .history(good.task.id)
      .some((entry) => entry.kind === 'progress' && entry.text === 's progress 50 %: half'),
  )
  t.ok(
    env.history(good.task.id).some((entry) => entry.kind === 'started'),
    'its start is told after a second',
  )
  const late = await env.run(plan(61_000))
  t.match(late, { status: 'failed', error: { code: 'STEP_TIMEOUT', stepId: 's' } })
  t.equal(late.task.finishedAtMs! - late.task.createdAtMs, 60_000)
  t.equal(times[1], env.nowMs(), 'its sleep ended with its signal')
})

t.test(
  'functions in the place of agents: outputs, outcomes, throws, and the schemas of the agent',
  async (t) => {
    const env = open()
    const run = (agent: string, input = {}) =>
      env.run({ steps: [{ id: 's', agent, input, retry: { maxAttempts: 2, initialDelayMs: 10 } }] })
    t.strictSame(((await env.agent('a', () => ({ any: 1 }))) && (await run('a'))).output, { s: { any: 1 } })
    t.strictSame(((await env.agent('a', () => {})) && (await run('a'))).output, { s: null })
    t.strictSame(((await env.agent('a', () => done(3))) && (await run('a'))).output, { s: 3 })
    t.match(((await env.agent('a', () => fail('NO', 'never'))) && (await run('a'))).error, { code: 'NO' })
    let times = 0
    env.agent('a', () => {
      if (++times === 1) throw new Error('not yet')
      return times
    })
    t.match(
      await run('a'),
      { output: { s: 2 }, task: { steps: { s: { attempt: 2 } } } },
      'what is thrown is tried again',
    )
    env.agent('double', () => ({ wrong: true }))
    t.match((await run('double', { n: 1 })).error, { code: 'INVALID_STEP_OUTPUT' })
    t.match((await run('double', { n: 'x' })).error, { code: 'INVALID_STEP_INPUT' })
    t.throws(() => env.agent('no agent', () => 1), TypeError)
    t.throws(
      () => createTestEnvironment({ agents: [...planAgents(seen()), ...planAgents(seen())] }),
      TypeError,
    )
  },
)

t.test(
  'an agent that is not there says how it is added; a submission is refused as in production',
  async (t) => {
    const env = open()
    const steps = [{ id: 's', agent: 'api-caller' }]
    await t.rejects(env.submit({ plan: { steps } }), {
      code: 'UNKNOWN_AGENT',
      message: /"api-caller".*it has broken, count, double.*env\.agent\("api-caller", async \(input\) => …\)/,
    })
    await t.rejects(env.submit({ plan: { steps: [{ id: 'a', agent: 'double', needs: ['b'] }] } }), {
      code: 'PLAN_UNKNOWN_DEPENDENCY',
    })
    await t.rejects(env.submit({ plan: { steps: [] } }), { code: 'INVALID_SUBMISSION' })
    await t.rejects(env.submit({ type: 'report', input: {} }), {
      code: 'UNKNOWN_TASK_TYPE',
      message: /taskTypes/,
    })
    const plan = { steps: [{ id: 's', agent: 'double', input: { n: 1 } }] }
    const first = await env.submit({ plan, idempotencyKey: 'k' })
    t.equal((await env.submit({ plan, idempotencyKey: 'k' })).id, first.id)
    await t.rejects(env.submit({ plan, input: { other: 1 }, idempotencyKey: 'k' }), {
      code: 'IDEMPOTENCY_CONFLICT',
    })
    t.throws(() => env.task('never-was'), { code: 'TASK_NOT_FOUND' })
  },
)

t.test('a task that waits for somebody says for what, instead of running into its deadline', async (t) => {
  const env = open()
  const inner = { steps: [{ id: 'ok', approval: { title: 'Fine?' } }] }
  const paid = { id: 'paid', waitFor: { signal: 'payment' } }
  const { id } = await env.submit({
    plan: { steps: [paid, { id: 'child', task: { type: 'plan', plan: inner } }] },
  })
  const stuck = await env.result(id).catch((error: unknown) => error)
  t.ok(stuck instanceof TestEnvironmentError)
  t.match(
    (stuck as Error).message,
    /step "paid" awaits signal "payment": send it with env\.signal\("task-1", "payment"/,
  )
  t.match(
    (stuck as Error).message,
    /in child task "t.*" of step "child", step "ok" awaits an approval \("Fine\?"\)/,
  )
  await env.signal(id, 'payment', { sum: 3 })
  const [question] = env.inbox()
  t.match(question, { stepId: 'ok', title: 'Fine?', assignees: [], sinceMs: START_MS })
  await env.approve(question!.taskId, 'ok', { by: 'me' })
  t.match(await env.result(id), {
    status: 'completed',
    output: { paid: { payload: { sum: 3 } }, child: { ok: { decision: 'approved', by: 'me' } } },
  })
  const other = await env.submit({ plan: { steps: [paid] } })
  await env.pause(other.id)
  await t.rejects(other.result(), /it is paused: go on with env\.resume\("task-2"\)/)
  await env.resume(other.id)
  await env.advance(hours(1))
  t.match(
    await other.result(),
    { status: 'failed', error: { code: 'DEADLINE_EXCEEDED' } },
    'when time is told to pass',
  )
})

t.test('a handler that hangs in real time is named', async (t) => {
  const env = open({ realTimeoutMs: 50 }).agent('hangs', () => new Promise(() => {}))
  await t.rejects(env.run({ steps: [{ id: 'it', agent: 'hangs' }] }), {
    name: 'TestEnvironmentError',
    message:
      /step "it" of task "task-1" \(agent "hangs", attempt 1\) has not ended within 50 ms of real time.*ctx\.sleep/,
  })
})

t.test('large outputs lie in the object store, and results have them in their places', async (t) => {
  const env = open()
  const list = { id: 'list', agent: 'numbers', input: { count: 300, pad: 100 } }
  const next = {
    id: 'next',
    agent: 'double',
    needs: ['list'],
    input: { n: { $from: 'steps.list.output.list.299.n' } },
  }
  const result = await env.run({ steps: [list, next], output: { $from: 'steps.list.output' } })
  t.match(result.task.output, { $json: { size: Number } })
  t.equal((result.output as { list: unknown[] }).list.length, 300)
  t.strictSame(result.outputs.next, { n: 598 })
  let path = ''
  env.agent('file', async (_input, ctx) => {
    const ref = await ctx.blobs.put(Buffer.from('one two'), { contentType: 'text/plain' })
    path = (await ctx.blobs.file(ref)).path
    return { size: ref.size }
  })
  t.strictSame((await env.run({ steps: [{ id: 's', agent: 'file' }] })).output, { s: { size: 7 } })
  t.notOk(existsSync(path), 'files are gone with their step')
})

t.test('locks keep steps apart in virtual time', async (t) => {
  const times: number[] = []
  const env = open().agent('alone', (_input, ctx) =>
    ctx.locks.withLock('one', {}, async () => {
      times.push(ctx.nowMs() - START_MS)
      await ctx.sleep(5000)
      return 'done'
    }),
  )
  const steps = ['a', 'b'].map((id) => ({ id, agent: 'alone' }))
  t.match(await env.run({ steps }), { output: { a: 'done', b: 'done' } })
  t.equal(times[0], 0)
  t.ok(times[1]! >= 5000 && times[1]! < 7000, `${times[1]}`)
})

t.test('the same seed gives the same history, however long handlers really take', async (t) => {
  const play = async (realMs: number[], seed?: string) => {
    const env = createTestEnvironment(seed === undefined ? {} : { seed })
    for (const [n, name] of ['x', 'y'].entries())
      env.agent(name, async (_input, ctx) => {
        await new Promise((resolve) => setTimeout(resolve, realMs[n]))
        return ctx.attempt < 3 ? retry('not yet') : name
      })
    const result = await env.run({ steps: ['x', 'y'].map((name) => ({ id: name, agent: name })) })
    return env.history(result.task.id).map((entry) => `${entry.at} ${text(entry)}`)
  }
  const first = await play([1, 20])
  t.strictSame(await play([20, 1]), first)
  t.not(
    JSON.stringify(await play([1, 1], 'other')),
    JSON.stringify(first),
    'the spread of retries is another',
  )
})

t.test('controls that come to nothing are errors, and say why', async (t) => {
  const env = open()
  const { id } = await env.submit({ plan: { steps: [{ id: 'w', waitFor: { signal: 'go' } }] } })
  await t.rejects(env.resume(id), { code: 'TASK_STATE_CONFLICT', message: /no-change.*is running/ })
  await t.rejects(env.signal(id, 'not a name'), { code: 'INVALID_REQUEST' })
  await env.signal(id, 'other', 1, { id: 'same' })
  await env.signal(id, 'other', 1, { id: 'same' })
  t.equal(env.task(id).signals?.length, 1, 'one that came before changes nothing')
  await env.cancel(id, 'enough')
  t.match(await env.result(id), { status: 'cancelled', error: { code: 'CANCELLED', message: 'enough' } })
  await t.rejects(env.cancel(id), { code: 'TASK_ALREADY_FINISHED' })
  await t.rejects(env.signal('never-was', 'go'), { code: 'TASK_NOT_FOUND' })
})

t.test('agents are started once, and stopped', async (t) => {
  const calls: string[] = []
  const agent = defineAgent({
    name: 'model',
    input: z.object({}),
    output: z.null(),
    start: async () => void calls.push('start'),
    stop: async () => void calls.push('stop'),
    handle: async (_input, ctx) => {
      ctx.log.info({ at: 1 }, 'here')
      return done(null)
    },
  })
  const env = createTestEnvironment({ agents: [agent] })
  await env.run({ steps: ['a', 'b'].map((id) => ({ id, agent: 'model' })) })
  await env.close()
  t.strictSame(calls, ['start', 'stop'])
  t.match(env.logged, [
    { taskId: 'task-1', stepId: 'a', level: 'info', fields: { at: 1 }, message: 'here' },
    {},
  ])
})

t.test('handlers may submit and signal; calls that are not waited for come in their order', async (t) => {
  const env = open()
  env.agent('pays', async (_input, ctx) => {
    const other = await env.submit({ plan: { steps: [{ id: 's', agent: 'double', input: { n: 1 } }] } })
    await ctx.sleep(hours(0.1))
    await env.signal(ctx.taskId, 'paid', env.task(other.id).output)
    await ctx.sleep(1)
    return null
  })
  const steps = [
    { id: 'pay', agent: 'pays', timeoutMs: hours(1) },
    { id: 'paid', waitFor: { signal: 'paid' } },
  ]
  const task = await env.submit({ plan: { steps } })
  const result = task.result()
  t.match(await result, { status: 'completed', outputs: { paid: { payload: { s: { n: 2 } } } } })
  const waits = await env.submit({ plan: { steps: [{ id: 'w', waitFor: { signal: 'go' } }] } })
  const end = waits.result()
  await env.signal(waits.id, 'go')
  t.match(await end, { status: 'completed' })
})

t.test('options that are none', async (t) => {
  t.throws(() => createTestEnvironment({ startAt: 'soon' }), /startAt "soon" is no moment/)
  t.throws(() => createTestEnvironment({ seed: 'a b' }), TypeError)
  const taskTypes = {
    twice: (input: object) => ({ steps: [{ id: 's', agent: 'double', input: input as never }] }),
  }
  const env = open({ taskTypes })
  const steps = [{ id: 'c', task: { type: 'twice', input: { n: 3 } } }]
  t.strictSame((await env.run({ steps })).output, { c: { s: { n: 6 } } }, 'types of tasks of one’s own')
  t.equal(env.children('task-1').length, 1)
})
