import t from 'tap'
import { DrainRate } from '../../../services/orchestrator/intake/drain-rate.ts'

const none = [0, 0, 0, 0]
const after = (done: number, came = 0) => ({ ready: [came, 0, 0, 0], later: none, done: [0, 0, done, 0] })
/** Half-second samples of a backlog, with what is done a second at each second. */
function seen(seconds: number, perSecond: (second: number) => number) {
  const rate = new DrainRate()
  let done = 0
  for (let ms = 0; ms <= seconds * 1000; ms += 500) {
    rate.observe(ms, after(Math.floor(done)))
    done += perSecond(ms / 1000) / 2
  }
  return { rate, perSecond: () => Math.round((rate.perMs ?? 0) * 10_000) / 10, done: () => Math.floor(done) }
}

t.test('a rate is known after two seconds of a backlog and fifteen steps', async (t) => {
  t.equal(seen(1.5, () => 100).rate.perMs, undefined)
  t.equal(seen(2, () => 100).perSecond(), 100)
  t.equal(seen(6, () => 2).rate.perMs, undefined, 'a guess')
  t.equal(seen(8, () => 2).perSecond(), 2)
})

t.test('what becomes slower is slower at once, what becomes faster in time', async (t) => {
  t.equal(seen(13, (s) => (s < 10 ? 100 : 50)).perSecond(), 50)
  t.ok(seen(13, (s) => (s < 10 ? 50 : 100)).perSecond() < 65)
  t.equal(seen(31, (s) => (s < 10 ? 50 : 100)).perSecond(), 100)
  t.ok(seen(16, (s) => (s < 10 ? 100 : s < 14 ? 0 : 300)).perSecond() <= 118, 'what catches up is no faster')
})

t.test('what stands still is slower with every look', async (t) => {
  const still = [12, 20, 40, 60].map((s) => seen(s, (second) => (second < 10 ? 100 : 0)).perSecond())
  t.strictSame(
    still,
    still.toSorted((a, b) => b - a),
  )
  t.ok(still.at(-1)! <= 1)
})

t.test('the rate of before holds when the backlog comes back, and no longer than it is true', async (t) => {
  const { rate, perSecond, done } = seen(5, () => 100)
  rate.rest(6000)
  t.equal(perSecond(), 100)
  for (let ms = 60_000; ms <= 61_500; ms += 500) rate.observe(ms, after(done()))
  t.equal(perSecond(), 100)
  for (let ms = 62_000; ms <= 70_000; ms += 500) rate.observe(ms, after(done()))
  t.equal(perSecond(), 1.5, 'nothing was done since')
  rate.rest(70_500)
  rate.rest(700_000)
  t.equal(rate.perMs, undefined, 'after ten minutes there may be others')
})

t.test('counts that begin anew say nothing', async (t) => {
  const { rate } = seen(5, () => 100)
  rate.observe(5500, after(3))
  rate.observe(6000, after(60))
  t.ok(Math.abs((rate.perMs ?? 0) - 0.1) < 0.001, 'as it was')
})

t.test('what comes of more urgent priorities is known', async (t) => {
  const rate = new DrainRate()
  for (let s = 0; s <= 4; s++) rate.observe(s * 1000, after(20 * s, 10 * s))
  t.equal(rate.arrivingPerMs(0), 0)
  t.equal(rate.arrivingPerMs(1), 0.01)
  t.equal(rate.arrivingPerMs(3), 0.03)
})
