import t from 'tap'
import { z } from 'zod'
import { type Clock, systemClock } from '../../services/platform/clock/clock.ts'
import { type AgentContext, defineAgent, done, retry } from '../../services/sdk/index.ts'
import { SUBJECTS } from '../../subjects/subjects.ts'
import { startAgents } from '../support/agent-process.ts'
import { openBus } from '../support/bus.ts'
import { FakeOrchestrator } from '../support/fake-orchestrator.ts'
import { withServers } from '../support/servers.ts'
import { until } from '../support/until.ts'

t.setTimeout(120_000)

/** An agent whose steps end when the test says so. */
function heldAgent(name: string, about: { concurrency?: number; interruptible?: boolean } = {}) {
  const running = new Map<string, { ctx: AgentContext; end: (how?: 'done' | 'retry') => void }>()
  const began: string[] = []
  const agent = defineAgent({
    name,
    input: z.object({ short: z.boolean().optional() }),
    output: z.object({ by: z.string() }),
    limits: { concurrency: about.concurrency ?? 4 },
    ...(about.interruptible && { interruptible: true }),
    async handle({ short }, ctx) {
      began.push(ctx.taskId)
      if (short) return done({ by: ctx.taskId })
      const { promise, resolve } = Promise.withResolvers<'done' | 'retry'>()
      const end = (how: 'done' | 'retry' = 'done') => {
        running.delete(ctx.taskId)
        resolve(how)
      }
      running.set(ctx.taskId, { ctx, end })
      const how = await promise
      return how === 'done' ? done({ by: ctx.taskId }) : retry('told to')
    },
  })
  return { agent, running, began }
}

t.test('the runner on a real NATS', async (t) => {
  const servers = await withServers(t)
  const bus = await openBus(t, servers.natsUrl)
  const orchestrator = await FakeOrchestrator.start(t, bus)
  // Of these tasks, attempts are over; the others may run.
  orchestrator.verdictOf = ({ taskId }) =>
    taskId === 'dropped1' || taskId === 'again2'
      ? { verdict: 'drop', reason: 'task-finished' }
      : { verdict: 'run' }
  // Nearly all the time is waiting, for ack waits above all: each has an agent type of its own, and all run at the same time.
  t.jobs = 9

  t.test(
    'a short step: its result, and nobody is asked whether it may run',
    { buffered: true },
    async (t) => {
      const { agent } = heldAgent('short')
      const { stop } = await startAgents(t, servers.natsUrl, [agent])
      await orchestrator.dispatch({ taskId: 'short1', agent: 'short', input: { short: true } })
      await until('its result is there', () => orchestrator.resultOf('short1') !== undefined)
      t.strictSame(orchestrator.resultOf('short1')?.outcome, { kind: 'done', output: { by: 'short1' } })
      await until('its message has left the queue', async () => {
        const depth = await bus.consumers.depth('STEPS', 'short-p1')
        return depth?.waiting === 0 && depth.inWork === 0
      })
      // On a machine that is slow today it may be told to be running (heartbeat-loop.test.ts says when).
      t.strictSame(
        orchestrator.startsOf('short1').filter(({ running }) => !running),
        [],
      )
      await stop()
      const lastBeat = () => orchestrator.beats.filter(({ type }) => type === 'short').at(-1)
      // It comes over another connection.
      await until('it says that it has stopped', () => lastBeat()?.status === 'stopped', 2000)
    },
  )

  t.test(
    'a long one is told to be running, and stays in its hands beyond the ack wait',
    { buffered: true },
    async (t) => {
      const { agent, began, running } = heldAgent('long')
      await startAgents(t, servers.natsUrl, [agent])
      await orchestrator.dispatch({ taskId: 'long1', agent: 'long' })
      await until('it is told', () => orchestrator.startsOf('long1').length > 0)
      const untilMs = performance.now() + 5500
      await until('the ack wait is over', () => performance.now() > untilMs)
      // Once where the answer comes in time (heartbeat-loop.test.ts); never as one that came again.
      for (const start of orchestrator.startsOf('long1'))
        t.match(start, { running: true, deliveries: 1, alone: false, attempt: 1 })
      t.strictSame(began, ['long1'])
      running.get('long1')!.end()
      await until('its result is there', () => orchestrator.resultOf('long1') !== undefined)
    },
  )

  t.test('a verdict ends one that runs', { buffered: true }, async (t) => {
    const { agent, running } = heldAgent('dropped')
    await startAgents(t, servers.natsUrl, [agent])
    await orchestrator.dispatch({ taskId: 'dropped1', agent: 'dropped' })
    await until('it runs', () => running.has('dropped1'))
    const { ctx, end } = running.get('dropped1')!
    await until('its signal is aborted', () => ctx.signal.aborted)
    t.match((ctx.signal.reason as Error).message, 'the attempt is over')
    await until('its message has left the queue', async () => {
      const depth = await bus.consumers.depth('STEPS', 'dropped-p1')
      return depth?.waiting === 0 && depth.inWork === 0
    })
    end()
  })

  t.test('what is over by the clock of the broker never runs', { buffered: true }, async (t) => {
    const { agent, began } = heldAgent('expired')
    await orchestrator.dispatch({
      taskId: 'expired1',
      agent: 'expired',
      expiresAtMs: Date.now() - 10_000,
      input: { short: true },
    })
    await startAgents(t, servers.natsUrl, [agent])
    await until('its result is there', () => orchestrator.resultOf('expired1') !== undefined)
    t.match(orchestrator.resultOf('expired1')?.outcome, {
      kind: 'retry',
      error: { code: 'QUEUE_TIMEOUT', message: /no instance of agent "expired" was free/ },
    })
    t.strictSame(began, [])
  })

  t.test(
    'those that came again more than once are asked about, and run one after the other, alone',
    { buffered: true },
    async (t) => {
      const { agent, began, running } = heldAgent('again')
      const names = ['again1', 'again2', 'again3']
      await orchestrator.makeQueues('again')
      for (const taskId of names) await orchestrator.dispatch({ taskId, agent: 'again' })
      for (const _ of [2, 3]) await orchestrator.handOutInVain('again', 3)
      await startAgents(t, servers.natsUrl, [agent])
      await orchestrator.dispatch({ taskId: 'again-new', agent: 'again', input: { short: true } })
      for (let ended = 0; ended < 2; ended++) {
        await until('one of them runs', () => running.size > 0)
        t.equal(running.size, 1, 'alone')
        t.notOk(began.includes('again-new'))
        const [only] = running.values()
        only!.end()
      }
      await until('all is settled', () => orchestrator.isQueueEmpty('again'))
      t.notOk(began.includes('again2'), 'what is over does not run')
      t.match(orchestrator.startsOf('again1'), [{ deliveries: 3, alone: true, running: false }])
      t.strictSame(orchestrator.startsOf('again-new'), [])
      t.ok(orchestrator.resultOf('again-new'), 'the others went on')
    },
  )

  t.test('those that came again once are asked about, and run together', { buffered: true }, async (t) => {
    const { agent, running } = heldAgent('once')
    const names = ['once1', 'once2', 'once3']
    await orchestrator.makeQueues('once')
    for (const taskId of names) await orchestrator.dispatch({ taskId, agent: 'once' })
    await orchestrator.handOutInVain('once', 3)
    await startAgents(t, servers.natsUrl, [agent])
    await until('all of them run', () => running.size === 3)
    for (const taskId of names)
      t.match(orchestrator.startsOf(taskId), [{ deliveries: 2, alone: false, running: false }])
    for (const only of running.values()) only.end()
    await until('all is settled', () => orchestrator.isQueueEmpty('once'))
  })

  t.test(
    'nobody says whether it may run: it is kept, asked about again, and given back at the end',
    { buffered: true },
    async (t) => {
      const { agent, began } = heldAgent('asking')
      await orchestrator.makeQueues('asking')
      await orchestrator.dispatch({ taskId: 'asking1', agent: 'asking', input: { short: true } })
      await orchestrator.handOutInVain('asking', 1)
      let isAnswered = false
      orchestrator.answersStarts = (instance) => isAnswered || !instance.includes('asking')
      const first = await startAgents(t, servers.natsUrl, [agent])
      const takenAtMs = performance.now()
      await until('longer than the ack wait', () => performance.now() - takenAtMs > 5000)
      t.strictSame(began, [])
      t.equal((await bus.consumers.depth('STEPS', 'asking-p1'))?.inWork, 1, 'it is still in its hands')
      const stoppingAtMs = performance.now()
      await first.stop()
      t.ok(performance.now() - stoppingAtMs < 2000)
      t.ok(orchestrator.released.some(({ taskId }) => taskId === 'asking1'))
      isAnswered = true
      await startAgents(t, servers.natsUrl, [agent])
      await until('another has run it', () => orchestrator.resultOf('asking1') !== undefined, 5000)
    },
  )

  t.test(
    'what comes again while it is in hand is not run twice, and what is done is not run again',
    { buffered: true },
    async (t) => {
      const { agent, began, running } = heldAgent('twice')
      await startAgents(t, servers.natsUrl, [agent])
      const step = await orchestrator.dispatch({ taskId: 'twice1', agent: 'twice' })
      await until('it runs', () => running.has('twice1'))
      // The same attempt as another message, as after an outage that was longer than the ack wait.
      const again = () =>
        bus.publisher.publish(SUBJECTS.step('twice', 1), JSON.stringify(step), { msgId: `${Math.random()}` })
      await again()
      await until(
        'it was taken too',
        async () => (await bus.consumers.depth('STEPS', 'twice-p1'))?.inWork === 2,
      )
      running.get('twice1')!.end()
      await until('its result is there', () => orchestrator.resultOf('twice1') !== undefined)
      await again()
      await until(
        'nothing waits',
        async () => (await bus.consumers.depth('STEPS', 'twice-p1'))?.waiting === 0,
      )
      t.strictSame(began, ['twice1'])
      t.equal(orchestrator.results.filter(({ taskId }) => taskId === 'twice1').length, 1)
    },
  )

  t.test(
    'a slot is free when the handler has ended, not when its time is up',
    { buffered: true },
    async (t) => {
      const { agent, began, running } = heldAgent('slow', { concurrency: 1 })
      let aheadMs = 0
      const clock: Clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + aheadMs }
      const { agents, hopeless, metrics } = await startAgents(t, servers.natsUrl, [agent], { clock })
      await orchestrator.dispatch({ taskId: 'slow1', agent: 'slow', timeoutMs: 100 })
      await orchestrator.dispatch({ taskId: 'slow2', agent: 'slow', input: { short: true } })
      await until('its time is up', () => orchestrator.resultOf('slow1') !== undefined)
      t.match(orchestrator.resultOf('slow1')?.outcome, { kind: 'retry', error: { code: 'STEP_TIMEOUT' } })
      t.ok(agents.checks()['agent slow']?.ok)
      aheadMs = 11_000
      t.match(agents.checks()['agent slow'], {
        ok: false,
        detail: /1 handlers ignore their signal.*task slow1/,
      })
      t.match(await metrics.expose(), /murmur_agent_stuck_handlers\{agent="slow"\} 1/)
      t.match(await metrics.expose(), /murmur_dead_letters_total\{agent="slow"\} 0/, 'before the first')
      await until('its heartbeats say so', () =>
        orchestrator.beats.some(({ type, stuck }) => type === 'slow' && stuck === 1),
      )
      t.strictSame(began, ['slow1'], 'nothing else has begun')
      t.strictSame(hopeless, [])
      aheadMs = 75_000
      await until('the process gives up', () => hopeless.length > 0)
      t.match(hopeless, [/all 1 slots are held/])
      running.get('slow1')!.end()
      await until('the next one runs', () => orchestrator.resultOf('slow2') !== undefined)
    },
  )

  t.test('the task has ended: its handler is told', { buffered: true }, async (t) => {
    const { agent, running } = heldAgent('ended')
    await startAgents(t, servers.natsUrl, [agent])
    await orchestrator.dispatch({ taskId: 'ended1', agent: 'ended' })
    await until('it runs', () => running.has('ended1'))
    bus.publishCore(SUBJECTS.event('plan', 'ended1', 'cancelled'), '{}')
    const { ctx, end } = running.get('ended1')!
    await until('its signal is aborted', () => ctx.signal.aborted)
    t.match((ctx.signal.reason as Error).message, 'the task has ended')
    end()
  })
})
