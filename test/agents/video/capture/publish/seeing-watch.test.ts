import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { createSeeingWatch } from '../../../../../services/agents/video/capture/publish/seeing-watch.ts'

t.test('blind when nothing comes back for five seconds, and seeing with the first answer', async (t) => {
  const clock = createManualClock()
  const watch = createSeeingWatch(clock)
  await clock.advance(60_000)
  t.strictSame(watch.judge(), { status: 'live' }, 'nothing was sent: nobody owes an answer')
  watch.sent()
  await clock.advance(100)
  watch.sent()
  await clock.advance(4900)
  watch.sent()
  t.match(watch.judge(), { status: 'live' })
  await clock.advance(100)
  t.strictSame(watch.judge(), { status: 'blind', forMs: 5100 }, 'since the first that was not answered')
  await clock.advance(34_900)
  t.match(watch.judge(), { status: 'blind', forMs: 40_000 })
  watch.returned(200)
  await clock.advance(300)
  t.strictSame(watch.judge(), { status: 'live', seenAgoMs: 300 })
})

t.test('answers every few seconds are no blindness, but they are about old pictures', async (t) => {
  const clock = createManualClock()
  const watch = createSeeingWatch(clock)
  for (let i = 0; i < 2; i++) {
    watch.sent()
    await clock.advance(4000)
    watch.returned(4000)
  }
  const lagging = watch.judge()
  t.match(lagging, { status: 'lagging', reason: /4\.0 s old .* detection is too slow/ })
  // Well again, and for long enough.
  for (let i = 0; i < 4; i++) {
    await clock.advance(1000)
    watch.returned(300)
  }
  t.match(watch.judge(), { status: 'lagging' })
  await clock.advance(2000)
  watch.returned(300)
  t.match(watch.judge(), { status: 'live' })
})

t.test(
  'a single picture that is lost before a scene without motion is no blindness, nor is an outage',
  async (t) => {
    const clock = createManualClock()
    const watch = createSeeingWatch(clock)
    watch.sent()
    await clock.advance(60_000)
    t.match(watch.judge(), { status: 'live' })
    watch.sent()
    await clock.advance(200)
    t.match(watch.judge(), { status: 'live' }, 'the next one has its time')
    watch.sent()
    watch.noPictures()
    await clock.advance(10_000)
    watch.sent()
    watch.sent()
    t.match(watch.judge(), { status: 'live' })
    await clock.advance(5000)
    t.match(watch.judge(), { status: 'blind', forMs: 5000 })
  },
)

t.test('one late answer is no lag', async (t) => {
  const clock = createManualClock()
  const watch = createSeeingWatch(clock)
  watch.returned(3500)
  await clock.advance(100)
  watch.returned(200)
  await clock.advance(10_000)
  t.match(watch.judge(), { status: 'live' })
})

t.test('a backlog that was cut lags until it has not been cut for a while; cuts are counted', async (t) => {
  const clock = createManualClock()
  const watch = createSeeingWatch(clock)
  watch.cut(2700)
  t.match(watch.judge(), {
    status: 'lagging',
    reason: /2\.7 s behind the camera: opened again at the live edge$/,
  })
  await clock.advance(6000)
  watch.cut(2900)
  t.match(watch.judge(), { reason: /2\.9 s behind .*, 2 times lately/ })
  await clock.advance(19_000)
  t.match(watch.judge(), { status: 'lagging' })
  await clock.advance(1000)
  t.match(watch.judge(), { status: 'live' })
})
