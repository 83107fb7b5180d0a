import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { ChannelCredentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import t from 'tap'
import { SCOPES } from '#schemas/api-key.ts'
import { LIMITS } from '#schemas/limits.ts'
import { SERVICES } from '#subjects/operations.ts'
import { ObjectServiceClient } from '../../services/edge/grpc/generated/v1/object_service.ts'
import { openBus, openNats } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { factsOf, startService } from '../support/services.ts'
import { until } from '../support/until.ts'
import { refusalOf } from './conformance/grpc-transport.ts'

const servers = await withServers(t)
// A bucket of 71 MiB, of which uploads may have 64.
await startService(t, servers, 'services/orchestrator/main.ts', {
  MURMUR_STORAGE_GIB: '0.2',
  MURMUR_TENANT_OBJECT_BYTES: '0',
})
const edge = await startService(t, servers, 'services/edge/main.ts')
const { restPort, grpcPort } = factsOf(edge)
const url = `http://127.0.0.1:${restPort}`
const { jsm } = await openNats(t, servers.natsUrl)
const BUCKET = 'OBJ_MURMUR_BLOBS'

async function stored(): Promise<{ messages: number; bytes: number }> {
  const { messages, bytes } = (await jsm.streams.info(BUCKET)).state
  return { messages, bytes }
}

async function* ofBytes(total: number): AsyncGenerator<Uint8Array> {
  const piece = randomBytes(1024 * 1024)
  for (let sent = 0; sent < total; sent += piece.length) yield piece.subarray(0, total - sent)
}

const post = (body: AsyncGenerator<Uint8Array>, headers: Record<string, string> = {}, to = url) =>
  fetch(`${to}/v1/objects`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', ...headers },
    body: ReadableStream.from(body),
    duplex: 'half',
  })

t.test('an upload that is broken off leaves nothing behind', async (t) => {
  const first = await post(ofBytes(10))
  t.equal(first.status, 201)
  const before = await stored()

  await t.test('a socket that is gone', async (t) => {
    const socket = connect(Number(restPort), '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(
      'POST /v1/objects HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: 2000000\r\n\r\n',
    )
    socket.write(randomBytes(700_000))
    await until('some of it is there', async () => (await stored()).messages > before.messages)
    socket.destroy()
    await until('it is gone', async () => (await stored()).messages === before.messages)
    t.strictSame(await stored(), before)
  })

  await t.test('gRPC calls that are cancelled, wherever they are', async (t) => {
    const objects = new ObjectServiceClient(`127.0.0.1:${grpcPort}`, ChannelCredentials.createInsecure())
    t.teardown(() => objects.close())
    for (let turn = 0; turn < 20; turn++) {
      const upload = objects.uploadObject(() => undefined)
      upload.on('error', () => undefined)
      upload.write({ part: { $case: 'metadata', value: { contentType: 'text/plain', size: 900_000 } } })
      for (let i = 0; i < 8; i++) upload.write({ part: { $case: 'chunk', value: randomBytes(100_000) } })
      if (turn === 0)
        await until('some of it is there', async () => (await stored()).messages > before.messages)
      else await new Promise((resolve) => setTimeout(resolve, turn))
      upload.cancel()
    }
    // The last of them may only just be stored: it is gone for good when it is so several times in a row.
    let looks = 0
    await until('all of it is gone', async () => {
      looks = (await stored()).messages === before.messages ? looks + 1 : 0
      return looks === 10
    })
    t.strictSame(await stored(), before)
  })

  await t.test('one that turns out to be too large', async (t) => {
    const tooLarge = await post(ofBytes(100 * 1024 * 1024))
    t.match([tooLarge.status, await tooLarge.json()], [429, { code: 'OVERLOADED' }])
    t.strictSame(await stored(), before)
    const declared = await fetch(`${url}/v1/objects`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', 'content-length': String(LIMITS.blobBytes + 1) },
      body: ReadableStream.from(ofBytes(1000)),
      duplex: 'half',
    }).catch(() => undefined)
    // It may hang up while we still send; what it says then is lost.
    if (declared) t.equal(declared.status, 413)
    t.strictSame(await stored(), before)
  })
})

t.test('one that has no room is refused before it is sent, and it is said what would help', async (t) => {
  const before = await stored()
  const size = 100 * 1024 * 1024
  let sent = 0
  const counted = async function* () {
    for await (const piece of ofBytes(size)) {
      sent += piece.length
      yield piece
    }
  }
  const refused = await post(counted(), { 'content-length': String(size) })
  t.match(
    [refused.status, await refused.json()],
    [413, { code: 'PAYLOAD_TOO_LARGE', detail: /has 100 MiB.*MURMUR_STORAGE_GIB .* to 1 or more/ }],
  )
  t.ok(sent < size, `${sent} of ${size} bytes were sent`)
  const objects = new ObjectServiceClient(`127.0.0.1:${grpcPort}`, ChannelCredentials.createInsecure())
  t.teardown(() => objects.close())
  const error = await new Promise<ServiceError | null>((resolve) => {
    const upload = objects.uploadObject(resolve)
    upload.on('error', () => undefined)
    upload.write({ part: { $case: 'metadata', value: { contentType: 'text/plain', size } } })
  })
  t.match(refusalOf(error!), { code: 'PAYLOAD_TOO_LARGE', message: /MURMUR_STORAGE_GIB/ })
  t.strictSame(await stored(), before)
})

t.test('a download whose object is damaged fails for everybody to see', async (t) => {
  const { object } = (await (await post(ofBytes(900_000))).json()) as { object: { blob: string } }
  const { last_seq } = (await jsm.streams.info(BUCKET)).state
  await jsm.streams.deleteMessage(BUCKET, last_seq - 2)
  const answer = await fetch(`${url}/v1/objects/${object.blob}`)
  await t.rejects(answer.bytes(), 'the connection is cut: half of it must not look like all of it')
  const objects = new ObjectServiceClient(`127.0.0.1:${grpcPort}`, ChannelCredentials.createInsecure())
  t.teardown(() => objects.close())
  const error = await new Promise<ServiceError>((resolve) =>
    objects.downloadObject({ blob: object.blob }).on('error', resolve).resume(),
  )
  t.match(refusalOf(error), { code: 'BLOB_CORRUPT', message: /piece/ })
})

t.test('bytes count, also those of a body whose length nobody has told', async (t) => {
  const metered = await startService(t, servers, 'services/edge/main.ts', {
    MURMUR_EDGE_AUTH: 'required',
    MURMUR_EDGE_BYTES_PER_SECOND: '100000',
  })
  const bus = await openBus(t, servers.natsUrl)
  const request = { tenant: 'metered', name: 'test', scopes: SCOPES }
  const { secret } = (await bus.request(SERVICES.createKey, request, { timeoutMs: 5000 })) as {
    secret: string
  }
  const to = `http://127.0.0.1:${factsOf(metered).restPort}`
  const headers = { authorization: `Bearer ${secret}` }
  await until('the key is known', async () => (await fetch(`${to}/v1/tasks`, { headers })).status === 200)
  const before = await stored()
  const refused = await post(ofBytes(3_000_000), headers, to)
  t.match([refused.status, await refused.json()], [429, { code: 'RATE_LIMITED', retryAfterMs: Number }])
  t.strictSame(await stored(), before)

  // Who says how much it is may send all of it, when enough has been saved up, and is not cut off in the middle.
  const other = (await bus.request(
    SERVICES.createKey,
    { ...request, tenant: 'metered-too' },
    { timeoutMs: 5000 },
  )) as { secret: string }
  const mayAsk = { authorization: `Bearer ${other.secret}` }
  await until(
    'the other key is known',
    async () => (await fetch(`${to}/v1/tasks`, { headers: mayAsk })).status === 200,
  )
  const objects = new ObjectServiceClient(
    `127.0.0.1:${factsOf(metered).grpcPort}`,
    ChannelCredentials.createInsecure(),
  )
  t.teardown(() => objects.close())
  const send = (size: number) =>
    new Promise<ServiceError | null>((resolve) => {
      const metadata = new Metadata()
      metadata.set('authorization', mayAsk.authorization)
      const upload = objects.uploadObject(metadata, resolve)
      upload.on('error', () => undefined)
      upload.write({ part: { $case: 'metadata', value: { contentType: 'text/plain', size } } })
      for (let sent = 0; sent < size; sent += 500_000)
        upload.write({ part: { $case: 'chunk', value: randomBytes(500_000) } })
      upload.end()
    })
  t.equal(await send(3_000_000), null)
  t.match(refusalOf((await send(3_000_000))!), { code: 'RATE_LIMITED' })
})
