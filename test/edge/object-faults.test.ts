import { once } from 'node:events'
import { connect as connectHttp2, constants } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { ChannelCredentials, type ServiceError, status } from '@grpc/grpc-js'
import t, { type Test } from 'tap'
import { LIMITS } from '#schemas/limits.ts'
import { BUCKET } from '#subjects/jetstream-api.ts'
import {
  ObjectServiceClient,
  ObjectServiceService,
  type UploadObjectRequest,
} from '../../services/edge/grpc/generated/v1/object_service.ts'
import { openNats } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { factsOf, startService } from '../support/services.ts'
import { until } from '../support/until.ts'
import { refusalOf } from './conformance/grpc-transport.ts'

// Uploads that do not come to their end leave nothing behind; downloads of what is not whole any more do not look whole.

const PIECE_BYTES = 128 * 1024
const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
const edge = await startService(t, servers, 'services/edge/main.ts')
const { restPort, grpcPort } = factsOf(edge)
const url = `http://127.0.0.1:${restPort}/v1/objects`
const objects = new ObjectServiceClient(`127.0.0.1:${grpcPort}`, ChannelCredentials.createInsecure())
t.teardown(() => objects.close())
const { nc, jsm } = await openNats(t, servers.natsUrl)

async function stored(): Promise<{ messages: number; bytes: number }> {
  const { messages, bytes } = (await jsm.streams.info(BUCKET.stream)).state
  return { messages, bytes }
}

/** Does what is broken off in the middle, once part of it is in the store; then the store has to be as before. */
async function leavesNothing(
  t: Tap,
  name: string,
  begin: () => Promise<{ breakOff(): unknown; end: Promise<unknown> }>,
) {
  await t.test(name, async (t) => {
    const before = await stored()
    const { breakOff, end } = await begin()
    await until('pieces are there', async () => (await stored()).messages > before.messages)
    breakOff()
    await end
    await until('nothing is left', async () => (await stored()).messages === before.messages, 30_000)
    t.strictSame(await stored(), before)
  })
}
type Tap = Pick<Test, 'test'>

function opened(head: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(restPort), '127.0.0.1', () => {
      socket.write(
        `POST /v1/objects HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n${head}\r\n\r\n`,
      )
      resolve(socket)
    })
    socket.once('error', reject)
  })
}
const chunk = (bytes: Buffer) =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
const half = Buffer.alloc(1_000_000, 'x')

t.test(
  'an upload that comes to its end is kept: so what follows is seen where it is looked for',
  async (t) => {
    const before = await stored()
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: half })
    t.equal(answer.status, 201)
    const after = await stored()
    t.equal(after.messages, before.messages + Math.ceil(half.length / PIECE_BYTES) + 1)
    t.ok(after.bytes > before.bytes + half.length)
  },
)

t.test('REST: broken off', async (t) => {
  const heads = { 'with its length': 'Content-Length: 5000000', 'in chunks': 'Transfer-Encoding: chunked' }
  for (const [name, head] of Object.entries(heads)) {
    const body = name === 'in chunks' ? chunk(half) : half
    for (const how of ['reset', 'closed'] as const)
      await leavesNothing(t, `${name}, ${how}`, async () => {
        const socket = await opened(head)
        socket.on('error', () => undefined)
        socket.resume()
        socket.write(body)
        return {
          breakOff: () => (how === 'reset' ? socket.resetAndDestroy() : socket.destroy()),
          end: once(socket, 'close'),
        }
      })
  }
  await leavesNothing(t, 'a chunk that is none', async () => {
    const socket = await opened('Transfer-Encoding: chunked')
    socket.on('error', () => undefined)
    socket.resume()
    socket.write(chunk(half))
    return { breakOff: () => socket.write('nonsense\r\n'), end: once(socket, 'close') }
  })
})

t.test('gRPC: broken off, out of time, out of order', async (t) => {
  const start = (options: { deadline?: number } = {}, size?: number) => {
    let settle: (error: ServiceError | null) => void = () => undefined
    const ended = new Promise<ServiceError | null>((resolve) => {
      settle = resolve
    })
    const call = objects.uploadObject(options, (error) => settle(error))
    call.on('error', () => undefined)
    call.write({ part: { $case: 'metadata', value: { contentType: 'text/plain', size } } })
    call.write(piece(half))
    return { call, ended }
  }
  const piece = (value: Buffer): UploadObjectRequest => ({ part: { $case: 'chunk', value } })
  const codes: (number | undefined)[] = []
  const noted = (ended: Promise<ServiceError | null>) => ended.then((error) => codes.push(error?.code))
  await leavesNothing(t, 'cancelled', async () => {
    const { call, ended } = start()
    return { breakOff: () => call.cancel(), end: noted(ended) }
  })
  await leavesNothing(t, 'out of time', async () => {
    const { ended } = start({ deadline: Date.now() + 1000 })
    return { breakOff: () => undefined, end: noted(ended) }
  })
  await leavesNothing(t, 'what it is said twice', async () => {
    const { call, ended } = start()
    const again = () => call.write({ part: { $case: 'metadata', value: { contentType: 'text/csv' } } })
    return { breakOff: again, end: noted(ended) }
  })
  await leavesNothing(t, 'fewer bytes than were announced', async () => {
    const { call, ended } = start({}, half.length + 1)
    return { breakOff: () => call.end(), end: noted(ended) }
  })
  await leavesNothing(t, 'more of them', async () => {
    const { call, ended } = start({}, half.length)
    return { breakOff: () => call.write(piece(Buffer.from('x'))), end: noted(ended) }
  })
  const { path, requestSerialize } = ObjectServiceService.uploadObject
  const framed = (message: UploadObjectRequest) => {
    const bytes = requestSerialize(message)
    const head = Buffer.alloc(5)
    head.writeUInt32BE(bytes.length, 1)
    return Buffer.concat([head, bytes])
  }
  for (const how of ['reset', 'gone with its connection'] as const)
    await leavesNothing(t, how, async () => {
      const session = connectHttp2(`http://127.0.0.1:${grpcPort}`)
      const headers = { 'content-type': 'application/grpc', te: 'trailers' }
      const stream = session.request({ ':method': 'POST', ':path': path, ...headers })
      for (const each of [session, stream]) each.on('error', () => undefined)
      stream.write(framed({ part: { $case: 'metadata', value: { contentType: 'text/plain' } } }))
      stream.write(framed(piece(half)))
      const end = once(session, 'close')
      const breakOff = () => {
        if (how === 'reset') stream.close(constants.NGHTTP2_INTERNAL_ERROR, () => session.close())
        else session.socket.destroy()
      }
      return { breakOff, end }
    })
  const wrong = Array<number>(3).fill(status.INVALID_ARGUMENT)
  t.strictSame(codes, [status.CANCELLED, status.DEADLINE_EXCEEDED, ...wrong])
  const whole = start({}, half.length)
  whole.call.end()
  t.equal(await whole.ended, null, 'as many as were announced')
  t.equal((await start({}, LIMITS.blobBytes + 1).ended)?.code, status.INVALID_ARGUMENT, 'too many')
})

t.test('downloads of what is not whole any more', async (t) => {
  const upload = async (size: number) => {
    const body = Buffer.alloc(size, 'y')
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'text/plain' }, body })
    const { object } = (await answer.json()) as { object: { blob: string } }
    const { state } = await jsm.streams.info(BUCKET.stream)
    // The pieces of an object lie before what is known of it.
    return { blob: object.blob, metaSeq: state.last_seq, pieces: Math.ceil(size / PIECE_BYTES) }
  }
  const viaRest = async (blob: string) => {
    const answer = await fetch(`${url}/${blob}`)
    const body = await answer.bytes().catch((error: Error) => error)
    return body instanceof Error ? body : [answer.status, Buffer.from(body).toString()]
  }
  const viaGrpc = (blob: string) =>
    new Promise<ServiceError | undefined>((resolve) =>
      objects
        .downloadObject({ blob })
        .on('error', resolve)
        .on('end', () => resolve(undefined))
        .resume(),
    )
  const first = await upload(300_000)
  await jsm.streams.deleteMessage(BUCKET.stream, first.metaSeq - first.pieces)
  t.match(await viaRest(first.blob), [500, /"BLOB_CORRUPT"/], 'nothing was sent yet: a problem')
  const { headers } = await fetch(`${url}/${first.blob}`)
  t.strictSame([headers.get('cache-control'), headers.get('etag')], ['no-store', null], 'which nobody keeps')
  t.match(refusalOf((await viaGrpc(first.blob))!), { code: 'BLOB_CORRUPT' })

  const later = await upload(3_000_000)
  await jsm.streams.deleteMessage(BUCKET.stream, later.metaSeq - 1)
  t.match(await viaRest(later.blob), /terminated/, 'cut off')
  t.match(refusalOf((await viaGrpc(later.blob))!), { code: 'BLOB_CORRUPT' })

  for (const size of [300_000, 1000]) {
    const changed = await upload(size)
    const { subject, data } = (await jsm.streams.getMessage(BUCKET.stream, { seq: changed.metaSeq - 1 }))!
    await nc.request(subject, Buffer.alloc(data.length, 'z'))
    const answer = await viaRest(changed.blob)
    if (size > PIECE_BYTES) t.match(answer, /terminated/, 'what was changed is never whole')
    else t.match(answer, [500, /"BLOB_CORRUPT"/])
    const error = (await viaGrpc(changed.blob))!
    t.equal(error.code, status.DATA_LOSS)
    t.match(refusalOf(error), { code: 'BLOB_CORRUPT' })
  }

  const gone = await upload(1000)
  await jsm.streams.purge(BUCKET.stream, { filter: BUCKET.meta(gone.blob) })
  t.match(await viaRest(gone.blob), [404, /"BLOB_NOT_FOUND"/])
  t.match(refusalOf((await viaGrpc(gone.blob))!), { code: 'BLOB_NOT_FOUND' })
  t.equal(edge.exitCode, null)
})
