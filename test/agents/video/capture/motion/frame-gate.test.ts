import t from 'tap'
import type { Track } from '#schemas/camera.ts'
import type { FrameHeader } from '#schemas/frame.ts'
import type { Box } from '#schemas/geometry.ts'
import { createGateKeeper } from '../../../../../services/agents/video/capture/motion/frame-gate.ts'
import type {
  MotionDetector,
  Movement,
} from '../../../../../services/agents/video/capture/motion/motion-detector.ts'

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
  let movement: Movement = 'none'
  const known: (readonly Box[])[] = []
  const input = { analyse, idleFps: 0.5, sensitivity: 'normal' } as const
  const motion: MotionDetector = {
    movement(_planes, _sizes, _atMs, tracked = []) {
      known.push(tracked)
      return movement
    },
  }
  const gate = createGateKeeper({ input, tellsAlways, motion })
  let seq = 0
  /** A frame 100 ms later. */
  const next = (moves: boolean | Movement, pace: 'live' | 'complete' = 'live') => {
    movement = typeof moves === 'string' ? moves : moves ? 'new' : 'none'
    seq++
    const atMs = 1_790_000_000_000 + seq * 100
    const header: FrameHeader = {
      v: 1,
      ...{ camera: 'yard', monitor: 'm', epoch: 1, seq, pace },
      ...{ capturedAtMs: atMs, atMs, mediaMs: seq * 100 },
      ...{ width: 416, height: 256, contentWidth: 416, contentHeight: 234 },
    }
    const verdict = gate.decide(new Uint8Array(0), SIZES, header)
    if (verdict === 'spared') gate.spared(header)
    else if (verdict !== 'unneeded') gate.sent(header, verdict)
    return { look: verdict, told: verdict === 'unneeded' ? gate.left(header) : undefined }
  }
  return { gate, next, known }
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
  gate.returned({ mediaMs: 1100, tracks: [PERSON], lookAgainMs: 60_000 })
  t.equal(told(10), 5)
  gate.returned({ mediaMs: 2100, tracks: [], lookAgainMs: 60_000 })
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
    gate.returned({ mediaMs: 100, tracks: [PERSON] })
    const looks = Array.from({ length: 10 }, () => next(false).look)
    t.equal(looks.filter((look) => look === 'wanted').length, 2)
  },
)

t.test('what is spared is counted, and nothing before it is certain any more', async (t) => {
  const { gate, next, known } = setUp()
  next('new')
  gate.returned({ mediaMs: 100, tracks: [PERSON], lookAgainMs: 0, lookMovingMs: 200 })
  t.strictSame([next('familiar').look, next('familiar').look], ['spared', 'motion'])
  t.strictSame(known.at(-1), [PERSON.box], 'where it is was told')
  t.strictSame(gate.account, { gated: 1, after: 3 })
  next('familiar')
  t.strictSame(gate.account, { gated: 2, after: 4 }, 'the spared one is the last in which something moved')
})

t.test('nothing is spared of what is annotated in a clip', async (t) => {
  const { gate, next } = setUp({ tellsAlways: true })
  next('new')
  gate.returned({ mediaMs: 100, tracks: [PERSON], lookAgainMs: 0, lookMovingMs: 200 })
  t.equal(next('familiar').look, 'motion')
})
