import { Struct } from '../../../services/edge/grpc/generated/google/protobuf/struct.ts'
import { AlertServiceService } from '../../../services/edge/grpc/generated/v1/alert_service.ts'
import { ObjectServiceService } from '../../../services/edge/grpc/generated/v1/object_service.ts'
import { TaskServiceService } from '../../../services/edge/grpc/generated/v1/task_service.ts'
import { tagged } from '../protobuf-bytes.ts'

export interface GrpcCase {
  name: string
  path: string
  bytes: Buffer
}

const VALID = TaskServiceService.submitTask.requestSerialize({
  submission: { type: 'plan', plan: { steps: [{ id: 'a', agent: 'nobody-ever', input: { payload: 'x' } }] } },
})
const ODD_IDS = [
  '',
  '*',
  '>',
  'a.b',
  'a b',
  '../x',
  'x'.repeat(65),
  'x'.repeat(5000),
  'a\u0000',
  '𝒳',
  '__proto__',
  'tnone',
]

/** Calls that are wrong: each has to be refused for the client's fault. */
export function grpcCases(): GrpcCase[] {
  const { submitTask, getTask, cancelTask, watchTask, listTasks, checkPlan, stopMonitor } = TaskServiceService
  const submit = (name: string, bytes: Uint8Array): GrpcCase => ({
    name: `submit: ${name}`,
    path: submitTask.path,
    bytes: Buffer.from(bytes),
  })
  /** Every byte of a right message changed, cut off or doubled: what comes out of it names an agent that nobody is, or nothing at all. */
  const mutated = Array.from({ length: VALID.length }, (_, i) => {
    const flipped = Buffer.from(VALID)
    flipped[i] = flipped[i]! ^ (1 << (i % 8))
    return [
      submit(`bit ${i}`, flipped),
      submit(`the first ${i} bytes`, VALID.subarray(0, i)),
      submit(`byte ${i} twice`, Buffer.concat([VALID.subarray(0, i), VALID.subarray(i ? i - 1 : 0)])),
    ]
  }).flat()
  const byId = ODD_IDS.flatMap((taskId) => [
    { name: `get ${taskId.slice(0, 20)}`, path: getTask.path, bytes: getTask.requestSerialize({ taskId }) },
    {
      name: `cancel ${taskId.slice(0, 20)}`,
      path: cancelTask.path,
      bytes: cancelTask.requestSerialize({ taskId }),
    },
    {
      name: `watch ${taskId.slice(0, 20)}`,
      path: watchTask.path,
      bytes: watchTask.requestSerialize({ taskId }),
    },
    {
      name: `stop ${taskId.slice(0, 20)}`,
      path: stopMonitor.path,
      bytes: stopMonitor.requestSerialize({ taskId }),
    },
    {
      name: `download ${taskId.slice(0, 20)}`,
      path: ObjectServiceService.downloadObject.path,
      bytes: ObjectServiceService.downloadObject.requestSerialize({ blob: taskId }),
    },
    {
      name: `acknowledge ${taskId.slice(0, 20)}`,
      path: AlertServiceService.acknowledgeAlert.path,
      bytes: AlertServiceService.acknowledgeAlert.requestSerialize({ id: taskId }),
    },
  ])
  const lists = [
    { limit: 0 },
    { limit: -1 },
    { limit: 501 },
    { cursor: '' },
    { cursor: 'AAAA' },
    { type: '*' },
    { createdFromMs: -1 },
    { status: 77 as never },
    { status: 0 as never },
  ].map((request) => ({
    name: `list ${JSON.stringify(request)}`,
    path: listTasks.path,
    bytes: listTasks.requestSerialize(request),
  }))
  const input = Struct.wrap({ a: 'x'.repeat(200_000) })
  const large = submitTask.requestSerialize({
    submission: {
      type: 'plan',
      input: Struct.unwrap(input),
      plan: { steps: [{ id: 'a', agent: 'x'.repeat(80_000) }] },
    },
  })
  const random = Array.from({ length: 100 }, (_, i) => submit(`noise ${i}`, noise(i, 1 + ((i * 37) % 300))))
  return [
    ...mutated,
    ...byId,
    ...lists,
    ...random,
    submit('too large', large),
    submit(
      '100 submissions in one',
      tagged(0x0a, Buffer.concat(Array(100).fill(tagged(0x0a, Buffer.from('plan'))))),
    ),
    { name: 'check: nothing', path: checkPlan.path, bytes: Buffer.alloc(0) },
  ]
}

/** The same each time. */
function noise(seed: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  let state = (seed + 1) * 2654435761
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[i] = state >>> 24
  }
  return bytes
}
