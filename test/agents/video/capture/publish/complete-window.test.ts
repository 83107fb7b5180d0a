import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { createCompleteWindow } from '../../../../../services/agents/video/capture/publish/complete-window.ts'
import type { Frame } from '../../../../../services/agents/video/frames/frame-message.ts'

const frame = (seq: number) => ({ header: { seq } as Frame['header'], planes: Buffer.from([seq]) })

function setUp() {
  const clock = createManualClock()
  const sent: [seq: number, oldest: number | undefined, pixel: number][] = []
  const outlet = {
    takes: true,
    offer({ header, planes }: Frame) {
      if (outlet.takes) sent.push([header.seq, header.oldest, planes[0]!])
      return outlet.takes
    },
  }
  return { clock, sent, outlet, window: createCompleteWindow(clock, outlet) }
}

t.test(
  'a frame is sent until it has come back, more and more rarely, with the pixels that it had',
  async (t) => {
    const { clock, sent, window } = setUp()
    const lent = frame(1)
    window.add(lent)
    window.send()
    lent.planes[0] = 99
    for (const afterMs of [1999, 1, 3999, 1, 7999, 1]) {
      await clock.advance(afterMs)
      window.send()
    }
    t.strictSame(sent, [
      [1, 1, 1],
      [1, 1, 1],
      [1, 1, 1],
      [1, 1, 1],
    ])
    t.equal(window.repeated, 3)
    window.returned(1)
    t.equal(window.inFlight, 0)
    await clock.advance(60_000)
    window.send()
    t.equal(sent.length, 4)
  },
)

t.test('a detector that is slow gets nothing twice', async (t) => {
  const { clock, sent, window } = setUp()
  for (let seq = 1; seq <= 40; seq++) {
    window.add(frame(seq))
    window.send()
    await clock.advance(1500)
    window.send()
    window.returned(seq)
  }
  // Load grows: 5 s a frame are within four times what is usual.
  window.add(frame(41))
  window.send()
  await clock.advance(5000)
  window.send()
  t.equal(sent.length, 41)
  await clock.advance(1000)
  window.send()
  t.equal(sent.length, 42)
})

t.test('what comes back brings those before it back, and says what is the oldest', async (t) => {
  const { clock, sent, window } = setUp()
  for (const seq of [1, 2, 3]) window.add(frame(seq))
  window.send()
  window.returned(2)
  t.equal(window.inFlight, 1)
  await clock.advance(2000)
  window.send()
  t.strictSame(sent.at(-1), [3, 3, 3])
})

t.test('while nothing can be sent all is kept, and goes out in its order', async (t) => {
  const { sent, outlet, window } = setUp()
  outlet.takes = false
  window.add(frame(1))
  window.send()
  window.add(frame(2))
  window.send()
  t.strictSame(sent, [])
  outlet.takes = true
  window.send()
  t.strictSame(
    sent.map(([seq]) => seq),
    [1, 2],
  )
})
