import t from 'tap'
import { captureInputSchema, trackingInputSchema } from '#schemas/monitor-steps.ts'

const source = { kind: 'device', path: '/dev/video0' }
const offline = { id: 'o', kind: 'camera-offline' }
const crowd = { id: 'c', kind: 'crowd', minCount: 3 }

t.test('capture takes the rules about its camera and leaves the others to tracking', async (t) => {
  const { rules } = captureInputSchema.parse({ source, camera: 'yard', rules: [offline, crowd] })
  t.match(rules, [{ id: 'o', afterMs: 5000, severity: 'high' }])
  t.equal(rules.length, 1)
  t.equal(trackingInputSchema.parse({ camera: 'yard', rules: [offline, crowd] }).rules.length, 2)
  t.notOk(
    trackingInputSchema.safeParse({ camera: 'yard', rules: [crowd, crowd] }).success,
    'twice the same id',
  )
})
