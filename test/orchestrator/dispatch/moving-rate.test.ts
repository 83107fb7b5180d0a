import t from 'tap'
import { FadingPeak, MovingAverage, MovingRate } from '../../../services/orchestrator/dispatch/moving-rate.ts'

t.test('a steady rate is found, and fades when nothing comes', async (t) => {
  const rate = new MovingRate()
  for (let atMs = 0; atMs <= 10_000; atMs += 10) rate.add(atMs)
  t.ok(Math.abs(rate.perSecond(10_000) - 100) < 1, `${rate.perSecond(10_000)} a second`)
  t.ok(rate.perSecond(15_000) < 1)
  t.equal(rate.perSecond(9000), rate.perSecond(10_000), 'a clock that is behind changes nothing')
})

t.test('an average begins with the first value and follows the later ones', async (t) => {
  const average = new MovingAverage()
  t.equal(average.value(7), 7)
  average.add(10)
  t.equal(average.value(7), 10)
  average.add(20)
  t.equal(average.value(7), 11)
})

t.test('a peak stays until a higher one, and fades', async (t) => {
  const peak = new FadingPeak()
  t.equal(peak.value(0), 0)
  peak.add(100, 0)
  peak.add(10, 10)
  t.ok(peak.value(10) > 99, 'a lower value does not lower it')
  t.ok(Math.abs(peak.value(2000) - 100 / Math.E) < 1)
  peak.add(200, 2000)
  t.equal(peak.value(2000), 200)
})
