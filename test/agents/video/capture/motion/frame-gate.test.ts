import t from 'tap'
import type { Track } from '#schemas/camera.ts'
import type { FrameHeader } from '#schemas/frame.ts'
import { createGateKeeper } from '../../../../../services/agents/video/capture/motion/frame-gate.ts'

const SIZES = { input: { width: 0, height: 0 }, content: { width: 0, height: 0 } }
const PERSON: Track = {
  ...{ id: 1, label: 'person', score: 0.9, predicted: false, zones: [] },
  class: 'person',
  box: [0.1, 0.1, 0.2, 0.3],
}

function setUp({
  analyse,
  tellsAlways = false,
}: {
  analyse?: 'motion' | 'every'
  tellsAlways?: boolean
} = {}) {
  let moves = false
  const input = { analyse, idleFps: 0.5, sensitivity: 'normal' } as const
  const gate = createGateKeeper({ input, tellsAlways, motion: { moves: () => moves } })
  let seq = 0
  /** A frame 100 ms later. */
  const next = (isMoving: boolean, pace: 'live' | 'complete' = 'live') => {
    moves = isMoving
    seq++
    const atMs = 1_790_000_000_000 + seq * 100
    const header: FrameHeader = {
      v: 1,
      ...{ camera: 'yard', monitor: 'm', epoch: 1, seq, pace },
      ...{ capturedAtMs: atMs, atMs, mediaMs: seq * 100 },
      ...{ width: 416, height: 256, contentWidth: 416, contentHeight: 234 },
    }
    const verdict = gate.decide(new Uint8Array(0), SIZES, header)
    if (verdict !== 'unneeded') gate.sent(header, verdict)
    return { look: verdict, told: verdict === 'unneeded' ? gate.left(header) : undefined }
  }
  return { gate, next }
}

t.test('live sources are gated, recordings that are read completely only when it is wanted', async (t) => {
  t.equal(setUp().next(false).look, 'heartbeat')
  const live = setUp()
  live.next(true)
  t.equal(live.next(false).look, 'unneeded')
  const complete = setUp()
  complete.next(true, 'complete')
  t.equal(complete.next(false, 'complete').look, 'motion')
  const wanted = setUp({ analyse: 'motion' })
  wanted.next(true, 'complete')
  t.equal(wanted.next(false, 'complete').look, 'unneeded')
  const every = setUp({ analyse: 'every' })
  every.next(true)
  t.equal(every.next(false).look, 'motion')
})

t.test('the account: how many were left, since which nothing moved, and the last of them', async (t) => {
  const { gate, next } = setUp()
  t.equal(gate.account, undefined)
  next(true)
  next(false)
  next(false)
  t.match(gate.account, { gated: 2, after: 1, last: { seq: 3, mediaMs: 300 } })
  next(true)
  t.strictSame(gate.account, { gated: 2, after: 4 })
})

t.test(
  'a frame in which something moved and that could not go out: nobody knows what is in it',
  async (t) => {
    const { gate, next } = setUp()
    next(true)
    next(false)
    gate.lost({ seq: 3 }, 'motion')
    t.equal(gate.account?.after, 3, 'the number that the next one has')
    gate.lost({ seq: 3 }, 'heartbeat')
    t.equal(gate.account?.after, 3)
  },
)

t.test('the tracker is told five times a second, while it tracks something or a clip is made', async (t) => {
  const { gate, next } = setUp()
  next(true)
  const told = (count: number) =>
    Array.from({ length: count }, () => next(false)).filter(({ told }) => told !== undefined).length
  t.equal(told(10), 0)
  gate.returned({ tracks: [PERSON], lookAgainMs: 60_000 })
  t.equal(told(10), 5)
  gate.returned({ tracks: [], lookAgainMs: 60_000 })
  t.equal(told(10), 0)
  const clip = setUp({ tellsAlways: true })
  clip.next(true)
  t.equal(
    Array.from({ length: 10 }, () => clip.next(false)).filter(({ told }) => told !== undefined).length,
    5,
  )
})

t.test(
  'a tracker of the release before says nothing of looks: what is there is looked at twice a second',
  async (t) => {
    const { gate, next } = setUp()
    next(true)
    gate.returned({ tracks: [PERSON] })
    const looks = Array.from({ length: 10 }, () => next(false).look)
    t.equal(looks.filter((look) => look === 'wanted').length, 2)
  },
)
