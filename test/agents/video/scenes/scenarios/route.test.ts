import fc from 'fast-check'
import t from 'tap'
import { followRoute } from '../../../../../services/agents/video/scenes/scenarios/route.ts'

const spot = fc.tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 5, max: 30 }))
const leg = fc.oneof(fc.record({ to: spot }), fc.record({ staySec: fc.integer({ min: 0, max: 5 }) }))

t.test('on a route nobody is faster than it says, and the way is without breaks', async () => {
  fc.assert(
    fc.property(spot, fc.array(leg, { minLength: 1, maxLength: 6 }), (from, legs) => {
      const at = followRoute({ startSec: 1, from, speedMps: 1.5, legs })
      if (at(0.99) !== undefined) return false
      for (let sec = 1; ; sec += 0.1) {
        const [now, next] = [at(sec), at(sec + 0.1)]
        if (!now || !next) return true
        if (Math.hypot(next.x - now.x, next.z - now.z) > 0.1501) return false
        if (next.walkedM < now.walkedM - 1e-9 || !Number.isFinite(now.yaw)) return false
      }
    }),
  )
})
