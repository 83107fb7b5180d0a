import t from 'tap'
import { cameraEventExample } from '#schemas/camera-event.ts'
import { readEvent } from '../../../../../services/agents/video/alerting/intake/read-event.ts'
import { ruleOf } from '../alerting-fixture.ts'

t.test('events are read, and what is none is refused with its fault', async (t) => {
  const bytes = (value: unknown) => Buffer.from(JSON.stringify(value))
  const subject = 'cameras.events.default.yard'
  t.strictSame(readEvent(subject, bytes(cameraEventExample)), { event: cameraEventExample })
  const faults: [what: string, bytes: Uint8Array, fault: RegExp][] = [
    ['no JSON', Buffer.from('{'), /not JSON/],
    ['no UTF-8', Buffer.from([0xff, 0xfe]), /not UTF-8/],
    ['too deep', Buffer.from('['.repeat(40) + ']'.repeat(40)), /nested/],
    ['too large', bytes({ ...cameraEventExample, note: 'x'.repeat(70_000) }), /bytes/],
    [
      'no severity',
      bytes({ ...cameraEventExample, rule: { id: 'a', kind: 'crowd', cooldownMs: 0 } }),
      /severity/,
    ],
    [
      'a negative cooldown',
      bytes({ ...cameraEventExample, rule: ruleOf('low', { cooldownMs: -1 }) }),
      /cooldownMs/,
    ],
    [
      'another camera',
      bytes({ ...cameraEventExample, camera: 'door' }),
      /came on cameras\.events\.default\.yard/,
    ],
    ['another tenant', bytes({ ...cameraEventExample, tenant: 'acme' }), /of "acme" came on/],
    ['a camera with a dot', bytes({ ...cameraEventExample, camera: 'a.b' }), /no subject token/],
  ]
  for (const [what, data, fault] of faults) {
    const read = readEvent(subject, data)
    t.match('fault' in read ? read.fault : 'it was read', fault, what)
  }
})
