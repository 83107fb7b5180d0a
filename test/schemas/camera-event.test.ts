import t from 'tap'
import { cameraEventSchema, cameraStateEvent } from '#schemas/camera-event.ts'

const about = {
  ...{ tenant: 'default', monitor: 'm', camera: 'yard' },
  rule: { id: 'away', kind: 'camera-offline', severity: 'high', cooldownMs: 60_000 },
} as const
const moment = { sinceMs: 1000.4, message: 'x'.repeat(600), atMs: 2000, mediaMs: 5 }

t.test('the same moment gives the same event, which the schema takes', async (t) => {
  const begin = cameraStateEvent(about, { ...moment, phase: 'begin' })
  t.strictSame(cameraEventSchema.parse(begin), begin)
  t.strictSame(cameraStateEvent(about, { ...moment, phase: 'begin' }), begin)
  t.match(begin, {
    id: 'm:away:yard:begin:1000',
    subject: 'camera',
    state: { phase: 'begin', sinceMs: 1000.4 },
  })
  t.equal(begin.message.length, 500)
})

t.test('an end has another id, and an alerting that knows no ends counts it to its alert', async (t) => {
  const end = cameraStateEvent(about, { ...moment, phase: 'end' })
  t.equal(end.id, 'm:away:yard:end:1000')
  t.equal(end.rule.cooldownMs, 86_400_000)
})
