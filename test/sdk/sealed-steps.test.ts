import { randomBytes } from 'node:crypto'
import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { createPayloadCodec } from '#platform/secrets/payload-codec.ts'
import { sealStep } from '#platform/secrets/step-sealing.ts'
import { stepMessageExample } from '#schemas/step-message.ts'
import { leaveToKeys, openTaken } from '../../services/sdk/sealed-steps.ts'

const codec = createPayloadCodec([{ id: 'a', tenant: '*', key: randomBytes(32) }])
const sealed = sealStep(codec, stepMessageExample)

t.test(
  'a step is opened, fails for good when it was changed, and waits when its key is missing',
  async (t) => {
    t.strictSame(openTaken(codec, sealed), { step: stepMessageExample })
    t.match(openTaken(codec, { ...sealed, attempt: 2 }), {
      step: { attempt: 2 },
      fault: { kind: 'fail', error: { code: 'PAYLOAD_UNREADABLE' } },
    })
    t.match(openTaken(undefined, sealed), { missing: { code: 'PAYLOAD_KEY_MISSING' } })
    const other = createPayloadCodec([{ id: 'b', tenant: '*', key: randomBytes(32) }])
    t.match(openTaken(other, sealed), { missing: { code: 'PAYLOAD_KEY_MISSING' } })
  },
)

t.test('what waits comes again, later each time, and no later than in a minute', async (t) => {
  const delays: (number | undefined)[] = []
  const lines: object[] = []
  for (const deliveryCount of [1, 2, 3, 40])
    leaveToKeys(
      { seq: 7, deliveryCount, nak: (delayMs) => void delays.push(delayMs) },
      new MurmurError('PAYLOAD_KEY_MISSING', 'which'),
      { error: (about: object) => void lines.push(about) },
    )
  t.strictSame(delays, [2000, 4000, 8000, 60_000])
  t.match(lines, [{ code: 'PAYLOAD_KEY_MISSING', reason: 'which', seq: 7 }, {}, {}, {}])
})
