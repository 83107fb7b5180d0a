import { once } from 'node:events'
import { ChannelCredentials, type ClientReadableStream, type ServiceError, status } from '@grpc/grpc-js'
import t from 'tap'
import { taskEventExample } from '#schemas/task-event.ts'
import { TASK } from '#subjects/operations/examples.ts'
import { AlertServiceClient } from '../../../services/edge/grpc/generated/v1/alert_service.ts'
import {
  TaskServiceClient,
  type WatchTaskResponse,
} from '../../../services/edge/grpc/generated/v1/task_service.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { factsOf, startService } from '../../support/services.ts'
import { until } from '../../support/until.ts'
import { refusalOf } from '../conformance/grpc-transport.ts'
import { openGrpc } from '../grpc-fixture.ts'

// How streams end that do not end by themselves: with clients that take nothing or are gone, and with an edge that stops.

const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
await startService(t, servers, 'loadtest/bench/noop-agents.ts')
const bus = await openBus(t, servers.natsUrl)
const { output: _output, finishedAtMs: _finishedAtMs, ...rest } = TASK
const task = { ...rest, id: 'twatched', status: 'running' as const, rev: 1 }
const later = { type: 'plan', delayMs: 3_600_000, plan: { steps: [{ id: 'a', agent: 'noop-a' }] } }
const NOTE = 'x'.repeat(1000)
const MANY = 20_000

const progress = {
  ...taskEventExample,
  kind: 'progress' as const,
  taskId: task.id,
  rev: undefined,
  note: NOTE,
}
const errorOf = (stream: ClientReadableStream<unknown>) =>
  new Promise<ServiceError>((resolve) => stream.on('error', resolve))

/** Takes the first item and no more: from then on nothing is read from the connection beyond its window. */
async function standStill(stream: ClientReadableStream<unknown>): Promise<void> {
  await once(stream, 'data')
  stream.pause()
}

t.test('a client that reads slowly is waited for, and told what it missed by a snapshot', async (t) => {
  const changing = { ...task }
  const { tasks, tell, held } = await openGrpc(t, bus, { task: changing, slowestMs: 20_000 })
  const stream = tasks.watchTask({ taskId: task.id })
  stream.on('error', () => undefined)
  await standStill(stream)
  for (let told = 0; told < MANY; told += 100) {
    for (let i = 0; i < 100; i++) tell(progress)
    await new Promise((resolve) => setImmediate(resolve))
  }
  t.equal(held().tasks, 1, 'it is still there')
  changing.rev = 7
  const seen = { snapshot: 0, event: 0, chunks: 0 }
  stream.on('data', ({ item }: WatchTaskResponse) => {
    if (item) seen[item.$case]++
  })
  stream.resume()
  await until('the snapshot that stands for what was dropped', () => seen.snapshot >= 1)
  t.ok(seen.event < MANY / 4, `${seen.event} of ${MANY} events had been kept for it`)
  stream.cancel()
})

t.test('who cancels, or leaves without a word, leaves nothing behind', async (t) => {
  const { tasks, alerts, held } = await openGrpc(t, bus, { task })
  const streams = [...Array(5)].flatMap(() => [
    tasks.watchTask({ taskId: task.id }),
    alerts.watchAlerts({ afterSeq: 0 }),
  ])
  const ends = streams.map(errorOf)
  for (const stream of streams) stream.resume()
  await until('all of them watch', () => held().tasks === 5 && held().alerts === 5)
  for (const stream of streams.slice(0, 6)) stream.cancel()
  await until('those that cancelled are forgotten', () => held().tasks === 2 && held().alerts === 2)
  // Its connection goes with a client.
  for (const client of [tasks, alerts]) client.getChannel().close()
  for (const stream of streams.slice(6)) stream.cancel()
  await until('nobody is left', () => held().tasks === 0 && held().alerts === 0)
  for (const end of ends) t.equal((await end).code, status.CANCELLED)
})

t.test('a deadline that passes ends a stream and what is behind it', async (t) => {
  const { tasks, held } = await openGrpc(t, bus, { task })
  const stream = tasks.watchTask({ taskId: task.id }, { deadline: Date.now() + 300 })
  stream.resume()
  t.equal((await errorOf(stream)).code, status.DEADLINE_EXCEEDED)
  await until('nobody is left', () => held().tasks === 0)
})

t.test('an edge that stops sends its watchers away at once, and answers those who wait', async (t) => {
  const edge = await startService(t, servers, 'services/edge/main.ts')
  const address = `127.0.0.1:${factsOf(edge).grpcPort}`
  const tasks = new TaskServiceClient(address, ChannelCredentials.createInsecure())
  const alerts = new AlertServiceClient(address, ChannelCredentials.createInsecure())
  t.teardown(() => {
    for (const client of [tasks, alerts]) client.close()
  })
  const { taskId } = await new Promise<{ taskId?: string | undefined }>((resolve, reject) =>
    tasks.submitTask({ submission: later }, (error, answer) => (error ? reject(error) : resolve(answer))),
  )
  const watched = [tasks.watchTask({ taskId }), tasks.watchTask({ taskId }), alerts.watchAlerts({})]
  const ends = watched.map(errorOf)
  // Alerts may have none to tell; that the call is taken shows with its metadata.
  const taken = watched.map((stream, i) => once(stream, i < 2 ? 'data' : 'metadata'))
  for (const stream of watched) stream.resume()
  await Promise.all(taken)
  const waiting = new Promise<object>((resolve, reject) =>
    tasks
      .submitTask({ submission: later, waitMs: 60_000 }, (error, answer) =>
        error ? reject(error) : resolve(answer),
      )
      .on('metadata', () => edge.kill('SIGTERM')),
  )
  const startedMs = performance.now()
  const exit = once(edge, 'exit')
  for (const error of await Promise.all(ends)) {
    t.equal(error.code, status.UNAVAILABLE, error.message)
    t.match(refusalOf(error), { code: 'UNAVAILABLE', retryAfterMs: 1000 })
  }
  t.match(await waiting, { taskId: /^t/ }, 'accepted, and told so')
  t.strictSame(await exit, [0, null])
  const tookMs = performance.now() - startedMs
  t.ok(tookMs < 10_000, `it took ${Math.round(tookMs)} ms`)
})

t.test('a client that takes nothing does not hold up the end', async (t) => {
  const { tasks, tell, held, server } = await openGrpc(t, bus, { task })
  const stream = tasks.watchTask({ taskId: task.id })
  const end = errorOf(stream)
  await standStill(stream)
  for (let told = 0; told < 2000; told += 100) {
    for (let i = 0; i < 100; i++) tell(progress)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const startedMs = performance.now()
  server.quiesce()
  await server.stop()
  t.ok(performance.now() - startedMs < 6000)
  t.ok([status.UNAVAILABLE, status.CANCELLED].includes((await end).code))
  await until('it is forgotten', () => held().tasks === 0)
})
