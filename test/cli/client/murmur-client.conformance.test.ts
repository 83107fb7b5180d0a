import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import type { WatchItem } from '#platform/tasks/watch-task.ts'
import type { Alert } from '#schemas/alert.ts'
import type { BlobRef } from '#schemas/blob.ts'
import { type CameraEvent, cameraEventExample } from '#schemas/camera-event.ts'
import type { JsonObject } from '#schemas/json.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { connectClient, loadOutput, type MurmurClient } from '../../../services/cli/client/murmur-client.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { factsOf, startService } from '../../support/services.ts'
import { until } from '../../support/until.ts'

const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
const [edge] = await Promise.all([
  startService(t, servers, 'services/edge/main.ts'),
  startService(t, servers, 'services/agents/video-agents.ts'),
  startService(t, servers, 'test/cli/fixture-agents.ts'),
])
const edgeUrl = `http://127.0.0.1:${factsOf(edge).restPort}`
const bus = await openBus(t, servers.natsUrl)
const deps = { clock: systemClock }

const clients: [name: string, open: () => Promise<MurmurClient>][] = [
  ['NATS', () => connectClient({ natsUrl: servers.natsUrl }, deps)],
  ['the edge', () => connectClient({ edge: { url: edgeUrl, credential: undefined } }, deps)],
]
const echo = (input: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'plan',
  plan: {
    steps: [
      { id: 'a', agent: 'echo', input },
      { id: 'b', agent: 'echo', needs: ['a'], input: { name: 'after a' } },
    ],
  },
  ...more,
})
const never = new AbortController().signal

async function watched(client: MurmurClient, taskId: string): Promise<WatchItem[]> {
  const items: WatchItem[] = []
  for await (const item of client.watch(taskId, never)) if (item.kind !== 'idle') items.push(item)
  return items
}

async function raise(camera: string, subject: string): Promise<void> {
  const event: CameraEvent = { ...cameraEventExample, id: `${camera} ${subject}`, camera, subject }
  await bus.publisher.publish(SUBJECTS.cameraEvents('default', camera), JSON.stringify(event), {
    msgId: event.id,
    giveUpAfterMs: 5000,
  })
}

async function* piecesOf(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

for (const [name, open] of clients) {
  t.test(`a client over ${name}`, async (t) => {
    const client = await open()
    t.teardown(() => client.close())
    t.match(client.address, /127\.0\.0\.1:\d+$/)

    await t.test('submits, watches, gets, lists and cancels', async (t) => {
      const labels = { way: name, kind: 'a&b=c:d' }
      const { taskId } = await client.submit(echo({ workMs: 300 }, { labels, idempotencyKey: `key ${name}` }))
      t.match(await client.submit(echo({ workMs: 300 }, { labels, idempotencyKey: `key ${name}` })), {
        taskId,
        duplicate: true,
      })
      const items = await watched(client, taskId)
      t.match(items[0], { kind: 'snapshot', task: { id: taskId } })
      t.match(items.at(-1), { kind: 'snapshot', task: { status: 'completed', output: Object } })
      const events = items.flatMap((item) => (item.kind === 'event' ? [item.event] : []))
      const revs = events.flatMap(({ rev, kind }) => (rev === undefined ? [] : [`${rev} ${kind}`]))
      t.equal(new Set(revs).size, revs.length, 'nothing is told twice')
      t.ok(events.some(({ kind }) => kind === 'progress'))

      t.match(await client.get(taskId), { id: taskId, labels })
      t.match((await client.list({ labels })).tasks, [{ id: taskId }])
      t.strictSame((await client.list({ labels: { way: 'no' } })).tasks, [])
      const later = await client.list({ type: 'plan', createdFromMs: Date.now() + 60_000 })
      t.strictSame(later.tasks, [])
      await client.submit(echo({}))
      const first = await client.list({ limit: 1 })
      t.equal(first.tasks.length, 1)
      const second = await client.list({ limit: 1, ...(first.nextCursor && { cursor: first.nextCursor }) })
      t.not(second.tasks[0]?.id, first.tasks[0]?.id)

      const slow = await client.submit(echo({ workMs: 60_000 }))
      t.match(await client.cancel(slow.taskId, 'not "wanted"'), { taskId: slow.taskId, accepted: true })
      t.match((await watched(client, slow.taskId)).at(-1), {
        task: { status: 'cancelled', error: { message: /not "wanted"/ } },
      })
    })

    await t.test('checks a plan; says what is wrong as the orchestrator does', async (t) => {
      t.match(await client.checkPlan(echo({})), { type: 'plan', stages: [['a'], ['b']] })
      const refused: [call: () => Promise<unknown>, problem: { code: string | RegExp; issues?: object[] }][] =
        [
          [() => client.get('nope'), { code: 'TASK_NOT_FOUND' }],
          [() => client.cancel('nope'), { code: 'TASK_NOT_FOUND' }],
          [() => watched(client, 'nope'), { code: 'TASK_NOT_FOUND' }],
          [() => client.submit({ type: 'no-such' }), { code: 'UNKNOWN_TASK_TYPE' }],
          [
            () => client.checkPlan({ type: 'plan', plan: { steps: [] } }),
            { code: 'INVALID_SUBMISSION', issues: [{}] },
          ],
          [() => client.list({ cursor: 'torn' }), { code: 'INVALID_REQUEST' }],
          [() => client.video.stop('nope'), { code: /TASK_NOT_FOUND|UNAVAILABLE/ }],
          [() => client.read('uploads/nope'), { code: 'BLOB_NOT_FOUND' }],
        ]
      for (const [call, problem] of refused)
        t.match(await call().catch((error: unknown) => error), problem, problem.code.toString())
    })

    await t.test('agents and status', async (t) => {
      t.ok((await client.agents()).some(({ type, status }) => type === 'echo' && status === 'ready'))
      const { agents, serviceLevels } = await client.status()
      t.match(
        agents.find(({ type }) => type === 'echo'),
        { instances: 1, capacity: Number },
      )
      t.ok(serviceLevels.accepted > 0)
    })

    await t.test('objects go up and down unchanged', async (t) => {
      const bytes = randomBytes(700_000)
      const about = { contentType: 'text/csv', name: 'Umsätze & "co".csv', size: bytes.length }
      const { object: ref, expiresAtMs } = await client.upload(piecesOf(bytes, 64 * 1024), about)
      t.ok(expiresAtMs > Date.now() + 80_000_000, 'for a day')
      t.match(ref, { size: bytes.length, contentType: 'text/csv', name: about.name })
      t.equal(ref.sha256, createHash('sha256').update(bytes).digest('hex'))
      t.ok(bytes.equals(await client.download(ref)))
      const { bytes: stream, ...reading } = await client.read(ref.blob)
      t.match(reading, { size: bytes.length, sha256: ref.sha256, contentType: 'text/csv', name: about.name })
      const got: Uint8Array[] = []
      for await (const piece of stream) got.push(piece)
      t.ok(bytes.equals(Buffer.concat(got)))

      await t.rejects(client.download(ref, { maxBytes: 1000 }), { code: 'LIMIT_EXCEEDED' })
      await t.rejects(client.download({ ...ref, sha256: '0'.repeat(64) }), { code: 'BLOB_CORRUPT' })
      const torn = async function* () {
        yield bytes.subarray(0, 1000)
        throw new Error('the disk is gone')
      }
      await t.rejects(client.upload(torn(), about), /disk is gone/)
      const { object: empty } = await client.upload(piecesOf(new Uint8Array(), 1), {
        contentType: 'text/plain',
        size: 0,
      })
      t.equal((await client.download(empty)).length, 0)
    })

    await t.test('outputs that lie in the object store are put in', async (t) => {
      const { taskId } = await client.submit({
        type: 'report',
        input: { sources: [{ name: 'a.md', text: 'A' }] },
      })
      const last = (await watched(client, taskId)).at(-1)
      const task = last?.kind === 'snapshot' ? last.task : undefined
      const output = (await loadOutput(task?.output ?? null, client, 1_000_000)) as { html: BlobRef }
      t.match(output, { report: { title: String }, html: { contentType: 'text/html' } })
      t.match(Buffer.from(await client.download(output.html)).toString(), /^<!doctype html>/)
    })

    await t.test('alerts: heard, listed, changed', async (t) => {
      const camera = `camera-${name.replace(' ', '-')}`
      const heard: [what: string, alert: Alert][] = []
      const atCamera: Alert[] = []
      const end = await client.video.onAlerts(
        {
          onRaised: (alert) => heard.push(['raised', alert]),
          onChanged: (alert) => heard.push([alert.status, alert]),
        },
        (error) => t.error(error),
      )
      const atDoor = await client.video.listen(camera, { onAlert: (alert) => atCamera.push(alert) })
      await raise(camera, 'track-1')
      await raise(`${camera}-2`, 'track-1')
      await until('both alerts', () => heard.length >= 2 && atCamera.length >= 1)
      t.equal(atCamera.length, 1, 'only those of the camera')
      const [found] = (await client.video.alerts({ camera, limit: 10 })).alerts
      t.match(found, { camera, status: 'open' })
      const id = found?.id ?? ''
      t.strictSame(await client.video.alert(id), found)
      await t.rejects(client.video.alert('nope'), { code: 'ALERT_NOT_FOUND' })
      t.match(await client.video.changeAlert({ id, status: 'acknowledged', by: 'me', note: 'on my way' }), {
        status: 'acknowledged',
        changedBy: 'me',
        note: 'on my way',
      })
      await until('the change', () =>
        heard.some(([what, alert]) => what === 'acknowledged' && alert.id === id),
      )
      await t.rejects(client.video.changeAlert({ id: 'nope', status: 'resolved' }), {
        code: 'ALERT_NOT_FOUND',
      })
      const since = await client.video.alerts({ camera, sinceMs: Date.now() + 60_000 })
      t.strictSame(since.alerts, [])
      end()
      atDoor.end()
    })
  })
}

/** Stands between a client and the edge, and can hang up. */
async function startProxy(t: Tap): Promise<{ url: string; hangUp(): number }> {
  const open = new Set<ServerResponse>()
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    open.add(response)
    response.on('close', () => open.delete(response))
    const headers = Object.entries(request.headers).flatMap(([key, value]) =>
      typeof value === 'string' && key !== 'connection' && key !== 'host'
        ? [[key, value] as [string, string]]
        : [],
    )
    const answer = await fetch(`${edgeUrl}${request.url}`, { headers })
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
    for await (const chunk of answer.body ?? []) response.write(chunk)
    response.end()
  }
  const server = createServer(
    (request, response) => void pass(request, response).catch(() => response.destroy()),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hangUp: () => {
      const count = open.size
      for (const response of open) response.destroy()
      return count
    },
  }
}
type Tap = { teardown(work: () => void): void }

t.test('a watch that is cut off goes on where it was', async (t) => {
  const proxy = await startProxy(t)
  const client = await connectClient({ edge: { url: proxy.url, credential: undefined } }, deps)
  const steps = [...Array(8)].map((_, i) => ({
    id: `s${i}`,
    agent: 'echo',
    needs: i === 0 ? [] : [`s${i - 1}`],
    input: { workMs: 120 },
  }))
  const { taskId } = await (await clients[1]![1]()).submit({ type: 'plan', plan: { steps } })
  const revs: number[] = []
  let cuts = 0
  let last: WatchItem | undefined
  for await (const item of client.watch(taskId, never)) {
    last = item
    if (item.kind !== 'event' || item.event.rev === undefined) continue
    revs.push(item.event.rev)
    if (revs.length === 2 || revs.length === 5) cuts += proxy.hangUp()
  }
  t.ok(cuts >= 2, `${cuts} connections were cut`)
  t.strictSame(
    revs,
    [...Array(revs.length)].map((_, i) => revs[0]! + i),
    'no gap, nothing twice',
  )
  t.match(last, { kind: 'snapshot', task: { status: 'completed' } })
})

t.test('alerts are heard though the connection was cut off before the first one', async (t) => {
  const proxy = await startProxy(t)
  const client = await connectClient({ edge: { url: proxy.url, credential: undefined } }, deps)
  const heard: string[] = []
  const end = await client.video.onAlerts(
    { onRaised: ({ subject }) => heard.push(subject), onChanged: () => undefined },
    (error) => t.error(error),
  )
  t.equal(proxy.hangUp(), 1)
  await raise('cut-off', 'while away')
  await until('the alert', () => heard.length > 0)
  t.strictSame(heard, ['while away'])
  end()
})

t.test('who has a key is its tenant, and may do what its scopes say', async (t) => {
  const guarded = await startService(t, servers, 'services/edge/main.ts', { MURMUR_EDGE_AUTH: 'required' })
  const url = `http://127.0.0.1:${factsOf(guarded).restPort}`
  const operator = await clients[0]![1]()
  t.teardown(() => operator.close())
  const made = await operator.keys?.create({ tenant: 'acme', name: 'cli', scopes: ['tasks:read'] })
  const clientWith = (credential: string | undefined) => connectClient({ edge: { url, credential } }, deps)
  const client = await clientWith(made?.secret)
  t.equal(client.keys, undefined)
  await until('the edge knows the key', async () => {
    try {
      await client.list({})
      return true
    } catch {
      return false
    }
  })
  t.strictSame((await client.list({})).tasks, [], 'those of others are not its own')
  const ofAcme = await connectClient({ natsUrl: servers.natsUrl, tenant: 'acme' }, deps)
  t.teardown(() => ofAcme.close())
  const { taskId } = await ofAcme.submit(echo({}))
  t.match((await watched(ofAcme, taskId)).at(-1), { task: { tenant: 'acme', status: 'completed' } })
  t.match((await client.list({})).tasks, [{ id: taskId }], 'an operator works for its tenant')
  await t.rejects(operator.get(taskId), { code: 'TASK_NOT_FOUND' })
  const { object: ref } = await ofAcme.upload(piecesOf(Buffer.from('x'), 1), {
    contentType: 'text/plain',
    size: 1,
  })
  t.match(ref.blob, /^tenants\/acme\/uploads\//)
  await t.rejects(client.submit(echo({})), { code: 'PERMISSION_DENIED', message: /tasks:write/ })
  await t.rejects((await clientWith(undefined)).list({}), { code: 'UNAUTHENTICATED' })
  await t.rejects(watched(await clientWith('mur_wrong'), 'x'), { code: 'UNAUTHENTICATED' })
})

t.test('what is no edge is told apart', async (t) => {
  const pages: Record<string, [status: number, body: string]> = {
    '/page': [200, '<!doctype html>'],
    '/other': [200, '{"tasks": 7}'],
    '/gateway': [502, '<html>bad gateway</html>'],
    '/unknown': [418, '{"code": "TEAPOT", "detail": "no"}'],
    '/moved': [302, ''],
  }
  const server = createServer((request, response) => {
    const [, [status, body] = [404, '']] =
      Object.entries(pages).find(([path]) => request.url?.startsWith(path)) ?? []
    response.writeHead(status, { location: `${edgeUrl}/v1/tasks` }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const listOf = async (url: string) =>
    (await connectClient({ edge: { url, credential: 'k' } }, deps)).list({})
  await t.rejects(listOf(`${base}/page`), { code: 'MALFORMED_JSON' })
  await t.rejects(listOf(`${base}/other`), { code: 'INTERNAL', message: /another form/ })
  await t.rejects(listOf(`${base}/gateway`), { code: 'UNAVAILABLE' })
  await t.rejects(listOf(`${base}/unknown`), { code: 'INTERNAL', message: /418/ })
  await t.rejects(listOf(`${base}/moved`), { code: 'UNAVAILABLE' }, 'a credential goes nowhere else')
  await t.rejects(listOf('http://127.0.0.1:9'), { code: 'UNAVAILABLE', message: /does not answer/ })
})
