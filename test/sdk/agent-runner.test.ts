import t from 'tap'
import { z } from 'zod'
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
      running.set(ctx.taskId, { ctx, end: (how = 'done') => resolve(how) })
      const how = await promise
      running.delete(ctx.taskId)
      return how === 'done' ? done({ by: ctx.taskId }) : retry('told to')
    },
  })
  return { agent, running, began }
}

t.test('the runner on a real NATS', async (t) => {
  const servers = await withServers(t)
  const bus = await openBus(t, servers.natsUrl)
  const orchestrator = await FakeOrchestrator.start(t, bus)

  t.test('a short step: its result, and not one question', async (t) => {
    const { agent } = heldAgent('short')
    const { stop } = await startAgents(t, servers.natsUrl, [agent])
    await orchestrator.dispatch({ taskId: 'short1', agent: 'short', input: { short: true } })
    await until('its result is there', () => orchestrator.resultOf('short1') !== undefined)
    t.strictSame(orchestrator.resultOf('short1')?.outcome, { kind: 'done', output: { by: 'short1' } })
    await until('its message has left the queue', async () => {
      const depth = await bus.consumerDepth('STEPS', 'short-p1')
      return depth?.waiting === 0 && depth.inWork === 0
    })
    t.strictSame(orchestrator.startsOf('short1'), [])
    await stop()
    t.equal(orchestrator.beats.filter(({ type }) => type === 'short').at(-1)?.status, 'stopped')
  })

  t.test('a long one is told to be running, once, and stays in its hands beyond the ack wait', async (t) => {
    const { agent, running } = heldAgent('long')
    await startAgents(t, servers.natsUrl, [agent])
    await orchestrator.dispatch({ taskId: 'long1', agent: 'long' })
    await until('it is told', () => orchestrator.startsOf('long1').length > 0)
    const untilMs = performance.now() + 5500
    await until('the ack wait is over', () => performance.now() > untilMs)
    t.match(orchestrator.startsOf('long1'), [{ running: true, deliveries: 1, alone: false, attempt: 1 }])
    t.equal(orchestrator.startsOf('long1').length, 1)
    running.get('long1')!.end()
    await until('its result is there', () => orchestrator.resultOf('long1') !== undefined)
  })

  t.test('a verdict ends one that runs', async (t) => {
    const { agent, running } = heldAgent('dropped')
    await startAgents(t, servers.natsUrl, [agent])
    orchestrator.verdictOf = ({ taskId }) => ({ verdict: taskId === 'dropped1' ? 'drop' : 'run' })
    await orchestrator.dispatch({ taskId: 'dropped1', agent: 'dropped' })
    await until('it runs', () => running.has('dropped1'))
    const { ctx, end } = running.get('dropped1')!
    await until('its signal is aborted', () => ctx.signal.aborted)
    t.match((ctx.signal.reason as Error).message, 'the attempt is over')
    await until('its message has left the queue', async () => {
      const depth = await bus.consumerDepth('STEPS', 'dropped-p1')
      return depth?.waiting === 0 && depth.inWork === 0
    })
    end()
    orchestrator.verdictOf = () => ({ verdict: 'run' })
  })

  t.test('what is over by the clock of the broker never runs', async (t) => {
    const { agent, began } = heldAgent('expired')
    orchestrator.brokerNowMs = () => Date.now()
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

  t.test('one that came again is asked about, alone; the answer drop ends it', async (t) => {
    const { agent, began } = heldAgent('again')
    const consumer = bus.createPuller({ stream: 'STEPS', consumer: 'again-p1' }, (delivery) => delivery.nak())
    await orchestrator.dispatch({ taskId: 'again1', agent: 'again', input: { short: true } })
    await orchestrator.dispatch({ taskId: 'again2', agent: 'again', input: { short: true } })
    // The queue is there once an instance has registered; this one takes both first, and gives them back.
    const first = await startAgents(t, servers.natsUrl, [heldAgent('again', { concurrency: 1 }).agent])
    await first.stop()
    orchestrator.verdictOf = ({ taskId }) =>
      taskId === 'again2' ? { verdict: 'drop', reason: 'task-finished' } : { verdict: 'run' }
    await consumer.pull({ batch: 2, expiresMs: 500 })
    await startAgents(t, servers.natsUrl, [agent])
    await until('all is settled', async () => {
      const depth = await bus.consumerDepth('STEPS', 'again-p1')
      return depth?.waiting === 0 && depth.inWork === 0
    })
    orchestrator.verdictOf = () => ({ verdict: 'run' })
    t.notOk(began.includes('again2'))
  })

  t.test('the task has ended: its handler is told', async (t) => {
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
