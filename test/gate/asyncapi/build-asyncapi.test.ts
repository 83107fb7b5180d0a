import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import t from 'tap'
import { NATS_OPERATION_NAMES, natsOperation, SERVICES, TENANT_SERVICES } from '#subjects/operations.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { ROOT } from '../../support/source-files.ts'
import { allMessages, buildAsyncApi } from './build-asyncapi.ts'
import { EVENT_CONTRACTS } from './event-contracts.ts'

interface Channel {
  address: string | null
  messages: Record<string, { $ref: string }>
}
interface Document {
  channels: Record<string, Channel>
  operations: Record<string, { channel: { $ref: string }; action: string; reply?: object }>
  components: {
    messages: Record<string, { payload: { $ref: string }; examples: { payload: unknown }[] }>
    schemas: Record<string, object>
  }
}

const committed: Document = JSON.parse(readFileSync(join(ROOT, 'docs/asyncapi.json'), 'utf8'))

t.test('docs/asyncapi.json is what the schemas and subjects say: else `npm run docs`', async (t) => {
  t.strictSame(committed, JSON.parse(JSON.stringify(buildAsyncApi())))
})

t.test('it is AsyncAPI 3.0, says its official schema', async (t) => {
  const { schemas } = createRequire(import.meta.url)('@asyncapi/specs') as { schemas: Record<string, object> }
  // The schema brings the dialect that it is written in along.
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false, meta: false, validateSchema: false })
  formats.default(ajv)
  const isValid = ajv.compile(schemas['3.0.0']!)
  isValid(committed)
  t.strictSame(isValid.errors ?? [], [])
  const { asyncapi: _none, ...broken } = committed as Document & { asyncapi: string }
  t.notOk(isValid(broken), 'the check finds what is wrong')
  const wrong = structuredClone(committed)
  wrong.operations.getTask!.action = 'listen'
  t.notOk(isValid(wrong))
})

t.test('every reference leads somewhere', async (t) => {
  const references = [...JSON.stringify(committed).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to!)
  t.ok(references.length > 100)
  for (const to of new Set(references)) {
    const found = to
      .slice(2)
      .split('/')
      .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], committed)
    t.ok(found, to)
  }
})

t.test('every example is what its schema asks for, ours and that of the document', async (t) => {
  const ajv = new Ajv({ strict: false, logger: false })
  formats.default(ajv)
  ajv.addSchema(committed, 'document')
  for (const { name, schema, example } of allMessages()) {
    t.strictSame(schema.safeParse(example).error?.issues ?? [], [], name)
    const isValid = ajv.compile({ $ref: `document#/components/schemas/${name}` })
    t.ok(isValid(example), `${name}: ${JSON.stringify(isValid.errors)}`)
    t.strictSame(
      committed.components.messages[name]?.examples[0]?.payload,
      JSON.parse(JSON.stringify(example)),
    )
  }
  const isTask = ajv.compile({ $ref: 'document#/components/schemas/GetTask' })
  t.notOk(isTask({ taskId: 'a.b' }), 'the schemas say no to what is wrong')
})

t.test('every service has its channel and operation, with an answer and a problem', async (t) => {
  for (const key of NATS_OPERATION_NAMES) {
    const { subject, response, per } = natsOperation(key)
    t.equal(committed.channels[key]?.address?.replace(/\.\{agent\}$/, ''), subject)
    t.ok(committed.operations[key]?.reply, `${key} is answered`)
    t.match(Object.keys(committed.channels[`${key}Reply`]?.messages ?? {}), [response.name, 'Problem'])
    t.equal(
      committed.channels[`${key}OfTenant`]?.address,
      per === 'tenant' ? TENANT_SERVICES.all(subject).replace('*', '{tenant}') : undefined,
    )
  }
  t.strictSame(Object.keys(SERVICES), NATS_OPERATION_NAMES)
})

t.test('every subject that is published on has its channel', async (t) => {
  /** Between our own processes: what is said there may change with any release. */
  const internal = [
    'log.x.x',
    'log.x.>',
    'log.>',
    'log.x.x',
    'keys.x',
    'key-uses.x',
    'dead-marks.x',
    'agent-policies.x',
    'task-type-pauses.x',
    'instance-drains.x',
    'partition-epochs.log',
    'partition-epochs.x',
    'plan-templates.x.x.x',
    'chunk-replay.x.x.x.x.x',
    'schedules.x.x',
    'submission-keys.x.x.x',
    'checkpoints.x.x',
    'checkpoints.x.x.items.x.x',
    'checkpoints.x.x.part.x.x',
    'horizons.x',
    'admission.places',
    'gated-frames.x.x',
    'log.x.horizon',
    'sites.heartbeat.x',
    'frames.x.x',
    'frames.x.x:x',
    'murmur.detection.model.x',
    'recordings.stores.x',
    'recordings.ask.x.x',
    'false-positives.x.x',
    'monitors.x.ready',
    'monitors.x.stop',
    'monitors.x.snapshot',
  ]
  const known = new Set([
    ...EVENT_CONTRACTS.map(({ address }) => address.replace(/\{\w+\}/g, 'x')),
    ...internal,
  ])
  for (const [name, subject] of Object.entries(SUBJECTS)) {
    const text =
      typeof subject === 'string' ? subject : (subject as (...args: string[]) => string)('x', 'x', 'x')
    const plain = text.replace(/\*/g, 'x').replace(/undefined/g, 'x')
    const isThere = plain.endsWith('>')
      ? [...known].some((one) => one.startsWith(plain.slice(0, -1)))
      : known.has(plain)
    t.ok(isThere, `${name}: ${plain}`)
  }
})
