import type { Worker } from 'node:worker_threads'
import t from 'tap'
import { z } from 'zod'
import { defineAgent, done } from '../../services/sdk/index.ts'
import { startAgents } from '../support/agent-process.ts'
import { openBus, openNats } from '../support/bus.ts'
import { FakeOrchestrator } from '../support/fake-orchestrator.ts'
import { withServers } from '../support/servers.ts'
import { until } from '../support/until.ts'

// Each has servers of its own, and nearly all its time is waiting. So all run at the same time, once threads have been counted.
t.setTimeout(120_000)
t.jobs = 3
const threadsAreCounted = Promise.withResolvers<void>()

const holding = Promise.withResolvers<void>()
const quick = defineAgent({
  name: 'quick',
  input: z.object({ hold: z.boolean().optional() }),
  output: z.object({ ok: z.boolean() }),
  async handle({ hold }) {
    if (hold) await holding.promise
    return done({ ok: true })
  },
})

t.test('the thread of heartbeats is started again when it ends', { buffered: true }, async (t) => {
  const servers = await withServers(t)
  const bus = await openBus(t, servers.natsUrl)
  const orchestrator = await FakeOrchestrator.start(t, bus)
  const threads: Worker[] = []
  const onWorker = (worker: Worker) => void threads.push(worker)
  process.on('worker', onWorker)
  const endCount = () => {
    process.off('worker', onWorker)
    threadsAreCounted.resolve()
  }
  t.teardown(endCount)
  await startAgents(t, servers.natsUrl, [quick])
  await orchestrator.dispatch({ taskId: 'held', agent: 'quick', input: { hold: true } })
  await until('it is told by the thread', () => orchestrator.startsOf('held').length > 0)
  t.equal(threads.length, 1, 'one thread a process')
  const fromMs = performance.now()
  await threads[0]!.terminate()
  await until('there is another', () => threads.length === 2)
  endCount()
  await until('longer than the ack wait', () => performance.now() - fromMs > 6000)
  const beats = orchestrator.beats.filter(({ atMs }) => atMs > fromMs)
  t.ok(beats.length >= 3, `${beats.length} heartbeats in six seconds`)
  holding.resolve()
  await until('its result is there', () => orchestrator.resultOf('held') !== undefined)
  const { deliveries } = orchestrator.startsOf('held').at(-1)!
  t.equal(deliveries, 1, 'the step was kept all the while')
})

t.test('a NATS that comes back empty has its queues again', { buffered: true }, async (t) => {
  await threadsAreCounted.promise
  const servers = await withServers(t)
  const bus = await openBus(t, servers.natsUrl)
  const orchestrator = await FakeOrchestrator.start(t, bus)
  await startAgents(t, servers.natsUrl, [quick])
  await orchestrator.dispatch({ taskId: 'before', agent: 'quick' })
  await until('it works', () => orchestrator.resultOf('before') !== undefined)
  t.equal(orchestrator.registrations, 1)
  const { jsm } = await openNats(t, servers.natsUrl)
  for (const stream of ['STEPS', 'LOG']) await jsm.streams.delete(stream)
  await servers.killNats()
  await until('it is noticed', () => !bus.connected)
  await servers.restartNats()
  await until('it is there again', () => bus.connected, 20_000)
  await orchestrator.makeStreams()
  await until('the agent has registered again', () => orchestrator.registrations >= 2, 20_000)
  await until(
    'its queues are there',
    async () => (await bus.consumers.depth('STEPS', 'quick-p1')) !== undefined,
  )
  await orchestrator.dispatch({ taskId: 'after', agent: 'quick' })
  await until('it works again', () => orchestrator.resultOf('after') !== undefined, 20_000)
})

t.test('a step is acknowledged when its result is stored, not before', { buffered: true }, async (t) => {
  await threadsAreCounted.promise
  const servers = await withServers(t)
  const bus = await openBus(t, servers.natsUrl)
  const orchestrator = await FakeOrchestrator.start(t, bus)
  await startAgents(t, servers.natsUrl, [quick])
  const { jsm } = await openNats(t, servers.natsUrl)
  await jsm.streams.delete('LOG')
  await orchestrator.dispatch({ taskId: 'unheard', agent: 'quick' })
  await until('its result was sent several times', () => orchestrator.results.length >= 3)
  const depth = await bus.consumers.depth('STEPS', 'quick-p1')
  t.equal(depth?.inWork, 1, 'it is still in its hands')
  await orchestrator.makeStreams()
  await until('its message has left the queue', () => orchestrator.isQueueEmpty('quick'))
  t.equal((await jsm.streams.info('LOG')).state.messages, 1)
})
