import { randomBytes } from 'node:crypto'
import t from 'tap'
import { createPayloadCodec } from '#platform/secrets/payload-codec.ts'
import { openStep, sealStep } from '#platform/secrets/step-sealing.ts'
import { stepMessageExample } from '#schemas/step-message.ts'

const codec = createPayloadCodec([{ id: 'a', tenant: '*', key: randomBytes(32) }])
const step = { ...stepMessageExample, input: { text: 'MARKER', list: [1, null] } }

t.test('only the input is encrypted, once, and comes back as it was', async (t) => {
  const sealed = sealStep(codec, step)
  t.match(sealed, { ...step, sealed: true, input: /^a\.[\w-]+$/ })
  t.notMatch(JSON.stringify(sealed), 'MARKER')
  t.equal(sealStep(codec, sealed), sealed, 'not twice')
  t.strictSame(openStep(codec, sealed), step)
  t.equal(openStep(codec, step), step, 'one that is not encrypted is taken as it is')
  t.equal(openStep(undefined, step), step)
  t.strictSame(openStep(codec, { ...sealed, handedBack: 2 }), { ...step, handedBack: 2 })
})

t.test('in the message of another attempt it opens for nobody', async (t) => {
  const sealed = sealStep(codec, step)
  for (const other of [
    { taskId: 'other' },
    { stepId: 'other' },
    { attempt: 2 },
    { agent: 'other' },
    { tenant: 'other' },
  ])
    t.throws(
      () => openStep(codec, { ...sealed, ...other }),
      { code: 'PAYLOAD_UNREADABLE' },
      JSON.stringify(other),
    )
  t.throws(() => openStep(codec, { ...sealed, input: { a: 1 } }), { code: 'PAYLOAD_UNREADABLE' })
  t.throws(() => openStep(undefined, sealed), { code: 'PAYLOAD_KEY_MISSING' })
})
