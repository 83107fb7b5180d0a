import { connect } from 'node:http2'
import { ChannelCredentials, type ServiceError, status } from '@grpc/grpc-js'
import t, { type Test } from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { createLogger } from '#platform/telemetry/logger.ts'
import { OpenAccess } from '../../../services/edge/access/access.ts'
import { EventHub } from '../../../services/edge/gateway/event-hub.ts'
import { Gateway } from '../../../services/edge/gateway/gateway.ts'
import { AlertServiceClient } from '../../../services/edge/grpc/generated/v1/alert_service.ts'
import { DownloadObjectRequest } from '../../../services/edge/grpc/generated/v1/object_service.ts'
import { TaskServiceClient } from '../../../services/edge/grpc/generated/v1/task_service.ts'
import { GrpcServer } from '../../../services/edge/grpc/grpc-server.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { startService } from '../../support/services.ts'
import { until } from '../../support/until.ts'

const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
await startService(t, servers, 'test/cli/fixture-agents.ts')
const bus = await openBus(t, servers.natsUrl)
const gateway = new Gateway(bus)

/** The edge's gRPC in this process, with less patience than it has. */
async function openGrpc(t: Test): Promise<{ server: GrpcServer; address: string; hub: EventHub }> {
  const hub = new EventHub(bus, systemClock)
  hub.start()
  const server = new GrpcServer({
    bus,
    host: '127.0.0.1',
    port: 0,
    gateway,
    hub,
    clock: systemClock,
    log: createLogger('edge', { logLevel: 'silent', instance: 'test' }),
    access: new OpenAccess(),
    tls: undefined,
    slowestMs: 300,
  })
  await server.start()
  t.teardown(async () => {
    hub.stop()
    server.quiesce()
    await server.stop()
  })
  return { server, address: `127.0.0.1:${server.port}`, hub }
}

t.test('who takes nothing is cut off, and does not fill the memory', async (t) => {
  const { address } = await openGrpc(t)
  const size = 64 * 1024 * 1024
  const pieces = async function* () {
    for (let at = 0; at < size; at += 1024 * 1024) yield new Uint8Array(1024 * 1024)
  }
  const { object } = await gateway.putObject('default', pieces(), { contentType: 'application/octet-stream' })
  const client = connect(`http://${address}`)
  t.teardown(() => client.destroy())
  const stream = client.request({
    ':method': 'POST',
    ':path': '/murmuration.edge.v1.ObjectService/DownloadObject',
    'content-type': 'application/grpc',
    te: 'trailers',
  })
  const body = DownloadObjectRequest.encode({ blob: object.blob }).finish()
  const head = Buffer.alloc(5)
  head.writeUInt32BE(body.length, 1)
  stream.end(Buffer.concat([head, body]))
  const rssBefore = process.memoryUsage().rss
  stream.on('error', () => undefined)
  const closed = new Promise<number>((resolve) => stream.on('close', () => resolve(stream.rstCode ?? -1)))
  // It never reads: the window of HTTP/2 fills, then what waits behind it.
  stream.pause()
  t.equal(await closed, 11, 'ENHANCE_YOUR_CALM: gRPC shows it as RESOURCE_EXHAUSTED')
  const grownMb = (process.memoryUsage().rss - rssBefore) / 1024 / 1024
  t.ok(grownMb < 48, `${grownMb.toFixed(0)} MB more for an object of 64 MB`)
})

t.test('watchers are sent away when the edge stops, and it does stop', async (t) => {
  const { server, address } = await openGrpc(t)
  const tasks = new TaskServiceClient(address, ChannelCredentials.createInsecure())
  const alerts = new AlertServiceClient(address, ChannelCredentials.createInsecure())
  t.teardown(() => {
    tasks.close()
    alerts.close()
  })
  const { taskId } = await gateway.submit('default', {
    type: 'plan',
    plan: { steps: [{ id: 'a', agent: 'echo', input: { workMs: 60_000 } }] },
  })
  const ends: Promise<ServiceError>[] = []
  let seen = 0
  for (const stream of [tasks.watchTask({ taskId }), tasks.watchTask({ taskId }), alerts.watchAlerts({})]) {
    stream.on('data', () => seen++)
    stream.on('metadata', () => seen++)
    ends.push(new Promise((resolve) => stream.on('error', resolve)))
  }
  await until('the snapshots', () => seen >= 2)
  const fromMs = performance.now()
  server.quiesce()
  const errors = await Promise.all(ends)
  t.strictSame(
    errors.map(({ code }) => code),
    errors.map(() => status.UNAVAILABLE),
  )
  await server.stop()
  t.ok(performance.now() - fromMs < 3000, 'in good time')
  await gateway.cancel('default', { taskId })
})

t.test('a watch that is cancelled leaves nothing behind', async (t) => {
  const { address, hub } = await openGrpc(t)
  let watching = 0
  const watch = hub.watch.bind(hub)
  hub.watch = (taskId, onEvent) => {
    watching++
    const end = watch(taskId, onEvent)
    return () => {
      watching--
      end()
    }
  }
  const tasks = new TaskServiceClient(address, ChannelCredentials.createInsecure())
  t.teardown(() => tasks.close())
  const { taskId } = await gateway.submit('default', {
    type: 'plan',
    plan: { steps: [{ id: 'a', agent: 'echo', input: { workMs: 60_000 } }] },
  })
  const streams = [...Array(20)].map(() => tasks.watchTask({ taskId }))
  let begun = 0
  for (const stream of streams) {
    stream.once('data', () => begun++)
    stream.on('error', () => undefined)
  }
  await until('all of them watch', () => begun === 20 && watching === 20)
  for (const stream of streams) stream.cancel()
  await until('none of them is left', () => watching === 0)
  await gateway.cancel('default', { taskId })
})
