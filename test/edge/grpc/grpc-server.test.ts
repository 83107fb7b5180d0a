import { connect } from 'node:http2'
import { ChannelCredentials, Client, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import t from 'tap'
import { ERROR_CODES, ERRORS } from '#schemas/problem.ts'
import { ObjectServiceClient } from '../../../services/edge/grpc/generated/v1/object_service.ts'
import { TaskStatus } from '../../../services/edge/grpc/generated/v1/task.ts'
import {
  type SubmitTaskResponse,
  TaskServiceClient,
  TaskServiceService,
} from '../../../services/edge/grpc/generated/v1/task_service.ts'
import { statusCodeOf } from '../../../services/edge/grpc/status-of.ts'
import { withServers } from '../../support/servers.ts'
import { factsOf, startService } from '../../support/services.ts'
import { refusalOf } from '../conformance/grpc-transport.ts'
import { tagged } from '../protobuf-bytes.ts'

const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
await startService(t, servers, 'loadtest/bench/noop-agents.ts')
const edge = await startService(t, servers, 'services/edge/main.ts')
const address = `127.0.0.1:${factsOf(edge).grpcPort}`
const tasks = new TaskServiceClient(address, ChannelCredentials.createInsecure())
const objects = new ObjectServiceClient(address, ChannelCredentials.createInsecure())
t.teardown(() => {
  for (const client of [tasks, objects]) client.close()
})

const step = (about: object = {}) => ({ id: 'a', agent: 'noop-a', input: { payload: 'x' }, ...about })
const submission = (about: object = {}) => ({ type: 'plan', plan: { steps: [step()] }, ...about })

/** A call by its bytes, as a client that is not ours may send it. */
function sendRaw(path: string, bytes: Buffer, deadlineMs = 10_000): Promise<ServiceError | Buffer> {
  const client = new Client(address, ChannelCredentials.createInsecure())
  const same = (value: Buffer) => value
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      path,
      same,
      same,
      bytes,
      new Metadata(),
      { deadline: Date.now() + deadlineMs },
      (error, answer) => {
        client.close()
        resolve(error ?? answer!)
      },
    )
  })
}

t.test('every code of the catalogue has a status, and none of them is UNKNOWN', async (t) => {
  for (const code of ERROR_CODES)
    t.not(statusCodeOf({ code, status: ERRORS[code].status }), status.UNKNOWN, code)
})

t.test('submit and wait: the task with its result; the deadline of the call is kept', async (t) => {
  const done = await new Promise<SubmitTaskResponse>((resolve, reject) => {
    tasks.submitTask({ submission: submission(), waitMs: 20_000 }, (error, answer) =>
      error ? reject(error) : resolve(answer),
    )
  })
  t.match(done, { task: { status: TaskStatus.TASK_STATUS_COMPLETED, output: { a: { payload: 'x' } } } })
  const startedMs = performance.now()
  const cut = await new Promise<object>((resolve, reject) => {
    tasks.submitTask(
      { submission: submission({ delayMs: 60_000 }), waitMs: 30_000 },
      new Metadata(),
      { deadline: Date.now() + 1500 },
      (error, answer) => (error ? reject(error) : resolve(answer)),
    )
  })
  t.match(cut, { taskId: /^t/, task: undefined }, 'accepted, and said so in time')
  t.ok(performance.now() - startedMs < 1600)
})

t.test('errors: a status, why, which fields, when again', async (t) => {
  const error = await new Promise<ServiceError>((resolve) => {
    tasks.submitTask(
      { submission: { type: 'plan', plan: { steps: [step({ id: 'a.b' })] }, priority: 7 } },
      (error) => resolve(error!),
    )
  })
  t.equal(error.code, status.INVALID_ARGUMENT)
  t.match(refusalOf(error), {
    code: 'INVALID_SUBMISSION',
    fix: /docs\/tasks/,
    issues: [{ path: /priority|plan/, message: String }, { path: String }],
  })
})

t.test('numbers that JSON does not have are refused', async (t) => {
  for (const number of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const error = await new Promise<ServiceError>((resolve) => {
      tasks.submitTask({ submission: submission({ input: { a: [{ b: number }] } }) }, (error) =>
        resolve(error!),
      )
    })
    t.match(refusalOf(error), { code: 'INVALID_SUBMISSION', issues: [{ path: 'input' }] })
  }
})

t.test('bytes that are no message are the client’s fault', async (t) => {
  const path = TaskServiceService.submitTask.path
  const nested = (levels: number) => {
    let value: Buffer = Buffer.from([0x18, 0x01])
    // Value { list_value { values: [Value …] } }
    for (let i = 0; i < levels; i++) value = tagged(0x32, tagged(0x0a, value))
    // SubmitTaskRequest.submission.input.fields["a"] = value
    return tagged(
      0x0a,
      Buffer.concat([
        tagged(0x0a, Buffer.from('plan')),
        tagged(0x12, tagged(0x0a, Buffer.concat([tagged(0x0a, Buffer.from('a')), tagged(0x12, value)]))),
      ]),
    )
  }
  const cases: [what: string, bytes: Buffer, code: RegExp][] = [
    ['garbage', Buffer.from('ffffffffffffffffffff', 'hex'), /INVALID_REQUEST/],
    ['cut off', Buffer.from([0x0a, 0x50, 0x01]), /INVALID_/],
    ['an end without a group', Buffer.from([0x0c]), /INVALID_/],
    [
      'a number beyond 2^53',
      tagged(0x0a, Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])),
      /INVALID_REQUEST/,
    ],
    ['nothing', Buffer.alloc(0), /INVALID_SUBMISSION/],
    ['300 levels', nested(300), /JSON_TOO_DEEP/],
    ['10,000 levels', nested(10_000), /JSON_TOO_DEEP/],
    ['300 KiB', tagged(0x0a, tagged(0x22, Buffer.alloc(300 * 1024, 0x61))), /PAYLOAD_TOO_LARGE/],
  ]
  for (const [what, bytes, code] of cases) {
    const answer = await sendRaw(path, bytes)
    t.ok(answer instanceof Error, what)
    const error = answer as ServiceError
    t.equal(error.code, status.INVALID_ARGUMENT, `${what}: ${error.message}`)
    t.match(refusalOf(error).code, code, what)
  }
  const huge = (await sendRaw(path, Buffer.alloc(3_000_000))) as ServiceError
  t.equal(huge.code, status.RESOURCE_EXHAUSTED, 'what is larger than any message is not even read')
})

t.test('a watcher that cancels, and uploads that break off, end what is behind them', async (t) => {
  const { taskId } = await new Promise<{ taskId?: string | undefined }>((resolve, reject) => {
    tasks.submitTask({ submission: submission({ delayMs: 60_000 }) }, (error, answer) =>
      error ? reject(error) : resolve(answer),
    )
  })
  const watch = tasks.watchTask({ taskId })
  const end = new Promise<ServiceError>((resolve) => watch.on('error', resolve))
  await new Promise((resolve) => watch.once('data', resolve))
  watch.cancel()
  t.equal((await end).code, status.CANCELLED)

  const broken = await new Promise<ServiceError>((resolve) => {
    const upload = objects.uploadObject((error) => resolve(error!))
    upload.write({ part: { $case: 'metadata', value: { contentType: 'text/plain' } } })
    upload.write({ part: { $case: 'chunk', value: Buffer.alloc(100_000) } }, () => upload.cancel())
  })
  t.equal(broken.code, status.CANCELLED)
  const unordered = await new Promise<ServiceError>((resolve) => {
    const upload = objects.uploadObject((error) => resolve(error!))
    upload.write({ part: { $case: 'chunk', value: Buffer.from('x') } })
    upload.end()
  })
  t.match(refusalOf(unordered), { code: 'INVALID_REQUEST', issues: [{ path: 'part' }] })
  const odd = await new Promise<ServiceError>((resolve) => {
    const upload = objects.uploadObject((error) => resolve(error!))
    upload.write({ part: { $case: 'metadata', value: { contentType: 'no type\r\nX: y' } } })
    upload.end()
  })
  t.match(refusalOf(odd), { code: 'INVALID_REQUEST', issues: [{ path: 'contentType' }] })
  const none = await new Promise<ServiceError>((resolve) =>
    objects.downloadObject({ blob: 'uploads/none' }).on('error', resolve).resume(),
  )
  t.match(refusalOf(none), { code: 'BLOB_NOT_FOUND' })
  const foreign = await new Promise<ServiceError>((resolve) =>
    objects.downloadObject({ blob: 'tenants/other/uploads/x' }).on('error', resolve).resume(),
  )
  t.match(refusalOf(foreign), { code: 'BLOB_NOT_FOUND' })
})

t.test('half-open and odd calls leave the server well', async (t) => {
  const session = connect(`http://${address}`)
  session.on('error', () => undefined)
  const open = (headers: object) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': TaskServiceService.submitTask.path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    })
    stream.on('error', () => undefined)
    return stream
  }
  for (let i = 0; i < 50; i++) open({}).write(Buffer.from([0, 0, 0, 0, 200, 1]))
  const statuses = await Promise.all(
    [
      { 'content-type': 'text/plain' },
      { ':path': '/none/none' },
      { ':path': '/murmuration.edge.v1.TaskService/None' },
      { 'grpc-timeout': 'soon' },
      { 'grpc-encoding': 'odd' },
    ].map(
      (headers) =>
        new Promise<string>((resolve) => {
          const stream = open(headers)
          let said = ''
          stream.on('response', (answer) => {
            said = `${answer[':status']} ${answer['grpc-status'] ?? ''}`
          })
          stream.on('trailers', (trailers) => resolve(`${said} ${trailers['grpc-status'] ?? ''}`))
          stream.on('close', () => resolve(said))
          stream.resume()
          stream.end(Buffer.from([1, 0, 0, 0, 2, 1, 1]))
        }),
    ),
  )
  for (const said of statuses) t.match(said, /^(4\d\d|200 +(1|3|4|8|12|13)\b)/, said)
  session.destroy()
  const answer = await new Promise((resolve, reject) =>
    tasks.listTasks({ limit: 1 }, (error, answer) => (error ? reject(error) : resolve(answer))),
  )
  t.ok(answer)
  t.equal(edge.exitCode, null)
})
