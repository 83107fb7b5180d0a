import { randomBytes } from 'node:crypto'
import t from 'tap'
import { PlatformKeys } from '#platform/config/platform-keys.ts'
import type { LogMessage } from '#platform/nats/log-session.ts'
import { SealedRecords } from '#platform/nats/sealed-records.ts'
import { createPayloadCodec } from '#platform/secrets/payload-codec.ts'

const keys = new PlatformKeys(['k'.repeat(32)], 1000)
const codec = createPayloadCodec([{ id: 'a', tenant: '*', key: new Uint8Array(randomBytes(32)) }])
const json = '{"v":1,"taskId":"t1","input":"MARKER"}'
const payload = { tenant: 'acme', taskId: 't1' }
const message = (subject: string, data: string | Uint8Array, storedAtMs = 2000): LogMessage => ({
  subject,
  data: typeof data === 'string' ? Buffer.from(data) : data,
  seq: 7,
  storedAtMs,
})
const textOf = ({ data }: { data: Uint8Array }) => Buffer.from(data).toString()

t.test('with neither keys nor a codec all is as it is', async (t) => {
  const plain = new SealedRecords({ keys: undefined, codec: undefined })
  t.equal(plain.sealed('log.1.accepted', json, payload), json)
  const read = message('log.1.accepted', json)
  t.equal(plain.opened(read), read)
  const sealed = new SealedRecords({ keys: undefined, codec }).sealed('log.1.accepted', json, payload)
  t.match(plain.opened(message('log.1.accepted', sealed)).unopened, /no keys are set here/)
})

t.test('records of the platform carry a seal; what does not is refused, and told once', async (t) => {
  const refused: object[] = []
  const sealing = new SealedRecords({
    keys,
    codec: undefined,
    onRefused: (record) => void refused.push(record),
  })
  const sealed = sealing.sealed('log.1.control', json) as string
  t.match(sealed, /^\{"v":1,"taskId":"t1","input":"MARKER","seal":"[\w-]{43}"\}$/)
  t.equal(sealing.opened(message('log.1.control', sealed)).refused, undefined)
  for (const [subject, text] of [
    ['log.2.control', sealed],
    ['log.1.accepted', sealed],
    ['log.1.control', sealed.replace('MARKER', 'MARKET')],
    ['log.1.control', json],
    ['log.1.control', ''],
    ['schedules.acme.nightly', json],
    ['agent-policies.writer', json],
  ] as const) {
    const opened = sealing.opened(message(subject, text))
    t.match(opened, { refused: /seal/, data: new Uint8Array() }, subject)
    t.equal(Buffer.from(opened.stored!).toString(), text, 'what is stored can be looked at')
    sealing.opened(message(subject, text))
  }
  t.equal(refused.length, 5, 'several of them are one message of the stream')
  t.match(refused[0], { stream: 'LOG', subject: 'log.2.control', seq: 7 })
})

t.test(
  'what was stored before there were keys is believed; results and other streams are no records',
  async (t) => {
    const sealing = new SealedRecords({ keys, codec: undefined })
    t.equal(textOf(sealing.opened(message('log.1.control', json, 999))), json)
    for (const subject of [
      'log.1.result.writer',
      'log.1.result',
      'steps.writer.any.1',
      'keys.x',
      'dead.writer',
    ]) {
      t.equal(sealing.sealed(subject, json), json, subject)
      t.equal(textOf(sealing.opened(message(subject, json))), json, subject)
    }
  },
)

t.test('payloads are encrypted before they are sealed, and open at their place', async (t) => {
  for (const both of [new SealedRecords({ keys, codec }), new SealedRecords({ keys: undefined, codec })]) {
    for (const subject of ['log.1.accepted', 'log.1.result.writer', 'schedules.acme.nightly']) {
      const sealed = both.sealed(subject, json, payload) as string
      t.match(sealed, /^\{"v":3,"taskId":"t1","tenant":"acme","sealed":"a\.[\w-]+"/)
      t.notMatch(sealed, 'MARKER')
      const opened = both.opened(message(subject, sealed))
      t.equal(textOf(opened), json, subject)
      t.equal(Buffer.from(opened.stored!).toString(), sealed)
    }
  }
  const only = new SealedRecords({ keys: undefined, codec })
  const sealed = only.sealed('log.1.accepted', json, payload) as string
  t.match(only.opened(message('log.2.accepted', sealed)), { refused: /another place or tenant/ })
  t.match(only.opened(message('log.1.accepted', sealed.replace('acme', 'other'))), { refused: /another/ })
  t.equal(only.sealed('log.1.timer', json), json, 'what holds no payload is not encrypted')
})

t.test('what another key has encrypted is neither believed nor refused', async (t) => {
  const other = createPayloadCodec([{ id: 'b', tenant: '*', key: new Uint8Array(randomBytes(32)) }])
  const sealed = new SealedRecords({ keys, codec: other }).sealed('log.1.accepted', json, payload)
  const opened = new SealedRecords({ keys, codec }).opened(message('log.1.accepted', sealed))
  t.match(opened, { unopened: /key "b" for payloads of tenant "acme" is not here/, refused: undefined })
  t.equal(textOf(opened), String(sealed))
})

t.test('who waits for keys is told when they change', async (t) => {
  const listeners: (() => void)[] = []
  const onChange = (listener: () => void) => {
    listeners.push(listener)
    return () => {}
  }
  const changing = { ...codec, onChange }
  let told = 0
  new SealedRecords({ keys, codec: changing }).onKeysChanged(() => told++)
  new SealedRecords({ keys, codec: undefined }).onKeysChanged(() => told++)()
  for (const listener of listeners) listener()
  t.equal(told, 1)
})
