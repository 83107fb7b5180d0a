import fc from 'fast-check'
import t from 'tap'
import { SEVERITIES } from '#schemas/watch-rule.ts'
import {
  byUrgency,
  UrgencyQueue,
} from '../../../../../services/agents/video/alerting/intake/urgency-queue.ts'

const urgency = fc.record({ severity: fc.constantFrom(...SEVERITIES), seq: fc.nat(1000) })

t.test('the queue always gives the most urgent one there is, whatever comes in between', async () => {
  const step = fc.oneof(urgency, fc.constant('pop' as const))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new UrgencyQueue<{ severity: (typeof SEVERITIES)[number]; seq: number }>()
      const model: { severity: (typeof SEVERITIES)[number]; seq: number }[] = []
      for (const each of steps) {
        if (each === 'pop') {
          model.sort(byUrgency)
          const expected = model.shift()
          const got = queue.pop()
          if ((expected && got && byUrgency(expected, got)) || !expected !== !got) return false
        } else {
          queue.push(each)
          model.push(each)
        }
      }
      return queue.size === model.length && queue.drain().length === model.length && queue.size === 0
    }),
  )
})

t.test('severity goes before age, age before nothing', async (t) => {
  const order = [
    { severity: 'low', seq: 1 },
    { severity: 'critical', seq: 9 },
    { severity: 'medium', seq: 2 },
    { severity: 'critical', seq: 3 },
    { severity: 'high', seq: 4 },
  ] as const
  t.strictSame(
    order.toSorted(byUrgency).map(({ severity, seq }) => `${severity} ${seq}`),
    ['critical 3', 'critical 9', 'high 4', 'medium 2', 'low 1'],
  )
})
