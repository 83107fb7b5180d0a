import fc from 'fast-check'
import t from 'tap'
import { RetryLine } from '../../../services/orchestrator/intake/retry-line.ts'

t.test('one after the other, as there will be room', async (t) => {
  const line = new RetryLine(60_000)
  const hints = Array.from({ length: 4 }, () => line.join('a', 1000, { firstMs: 500, everyMs: 100 }))
  t.strictSame(hints, [500, 600, 700, 800])
  t.equal(line.join('b', 1000, { firstMs: 500, everyMs: 100 }), 500, 'others have a line of their own')
  t.equal(line.join('a', 1700, { firstMs: 500, everyMs: 100 }), 500, 'behind those who are still to come')
  t.equal(line.join('a', 9000, { firstMs: 500, everyMs: 100 }), 500, 'and nobody waits for those who came')
})

t.test('nobody is told to wait for longer than the longest, and it is not held against others', async (t) => {
  const line = new RetryLine(1000)
  const hints = Array.from({ length: 5 }, () => line.join('a', 0, { firstMs: 600, everyMs: 200 }))
  t.strictSame(hints, [600, 800, 1000, 1000, 1000])
  t.equal(
    line.join('a', 900, { firstMs: 0, everyMs: 200 }),
    300,
    'behind the third, who was the last in line',
  )
})

t.test('no two of a line at the same time, whatever comes', async (t) => {
  const arrivals = fc.array(fc.tuple(fc.nat(50), fc.nat(300)), { minLength: 1, maxLength: 200 })
  const apart = fc.property(arrivals, fc.integer({ min: 1, max: 40 }), (gaps, everyMs) => {
    const line = new RetryLine(1e9)
    let nowMs = 0
    const times = gaps.map(([gapMs, firstMs]) => {
      nowMs += gapMs
      return nowMs + line.join('a', nowMs, { firstMs, everyMs })
    })
    return times.every((time, i) => i === 0 || time - times[i - 1]! >= everyMs)
  })
  t.doesNotThrow(() => fc.assert(apart))
})

t.test('a thousand lines at most', async (t) => {
  const line = new RetryLine(60_000)
  for (let i = 0; i < 1000; i++) line.join(`line ${i}`, 0, { firstMs: 100, everyMs: 10 })
  t.equal(line.join('one more', 50, { firstMs: 100, everyMs: 10 }), 100)
  t.equal(line.join('one more', 50, { firstMs: 100, everyMs: 10 }), 100, 'there is no room to remember it')
  t.equal(line.join('one more', 200, { firstMs: 100, everyMs: 10 }), 100)
  t.equal(line.join('one more', 200, { firstMs: 100, everyMs: 10 }), 110, 'there is: the others are over')
})
