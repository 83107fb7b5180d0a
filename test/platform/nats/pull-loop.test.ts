import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { AFTER_LOSS_MS, PullLoop } from '#platform/nats/pull-loop.ts'
import type { PullEnd, PullOptions } from '#platform/nats/puller.ts'

/** A puller whose pulls end when the test says so. */
function fakePuller() {
  const batches: number[] = []
  let end: ((how: PullEnd) => void) | undefined
  let onPull = () => {}
  return {
    batches,
    pull({ batch }: PullOptions): Promise<PullEnd> {
      batches.push(batch)
      onPull()
      return new Promise((resolve) => {
        end = resolve
      })
    },
    abandon: () => end?.('lost'),
    end: (how: PullEnd) => end?.(how),
    nextPull: () =>
      new Promise<void>((resolve) => {
        onPull = resolve
      }),
  }
}

t.test('pulls for as many as there is room for, one pull after the other', async (t) => {
  const puller = fakePuller()
  const rooms = [3, 0, 0, 7]
  let waits = 0
  const loop = new PullLoop(puller, {
    room: () => rooms.shift() ?? 1,
    untilRoom: async () => void waits++,
    expiresMs: 1000,
  })
  loop.start()
  t.strictSame(puller.batches, [3])
  const second = puller.nextPull()
  puller.end('filled')
  await second
  t.strictSame([puller.batches, waits], [[3, 7], 2], 'no pull while there was no room')
  const third = puller.nextPull()
  puller.end('expired')
  await third
  t.equal(loop.stopped, false)
  await loop.stop()
  t.equal(loop.stopped, true)
  t.strictSame(puller.batches, [3, 7, 1], 'nothing is asked for after the stop')
})

t.test('after a loss the way is made again, and the next pull waits a moment', async (t) => {
  const puller = fakePuller()
  const clock = createManualClock()
  let losses = 0
  const loop = new PullLoop(puller, {
    room: () => 5,
    untilRoom: () => Promise.resolve(),
    expiresMs: 1000,
    onLost: async () => void losses++,
    clock,
  })
  loop.start()
  puller.end('lost')
  await clock.whenSleeping()
  t.strictSame([losses, puller.batches.length], [1, 1])
  await clock.advance(AFTER_LOSS_MS - 1)
  t.equal(puller.batches.length, 1)
  await clock.advance(1)
  t.equal(puller.batches.length, 2)
  await loop.stop()
  t.equal(losses, 1, 'a stop is no loss')
})

t.test('stops while it waits for room, and while it waits after a loss', async (t) => {
  const clock = createManualClock()
  const full = new PullLoop(fakePuller(), {
    room: () => 0,
    untilRoom: (signal) => clock.sleep(60_000, signal),
    expiresMs: 1000,
  })
  full.start()
  await full.stop()
  const puller = fakePuller()
  const lost = new PullLoop(puller, { room: () => 1, untilRoom: async () => {}, expiresMs: 1000, clock })
  lost.start()
  puller.end('lost')
  await clock.whenSleeping()
  await lost.stop()
  t.equal(puller.batches.length, 1)
})
