import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import type { GatedFrame } from '#schemas/detection.ts'
import { createGateKeeper } from '../../../../../services/agents/video/capture/motion/frame-gate.ts'
import type { MotionDetector } from '../../../../../services/agents/video/capture/motion/motion-detector.ts'
import {
  createFrameFlow,
  type FlowDeps,
  type Pass,
} from '../../../../../services/agents/video/capture/publish/frame-flow.ts'
import type { Frame } from '../../../../../services/agents/video/frames/frame-message.ts'

t.test('a recording: numbered, timed by counting, exact for NTSC over an hour', async (t) => {
  const { flow, sent, take, pass } = setUp({ pace: 'live' })
  const ntsc = pass({ rate: { numerator: 30_000, denominator: 1001 } })
  for (let frame = 0; frame < 107_893; frame++) take(ntsc)
  t.strictSame(
    sent.slice(0, 4).map(({ seq, mediaMs }) => [seq, mediaMs]),
    [
      [1, 0],
      [2, 33],
      [3, 67],
      [4, 100],
    ],
  )
  // 107,892 frames of 1001/30000 s are 3,599.9964 s.
  t.equal(flow.mediaMs, 3_599_996.4)
  t.equal(sent.at(-1)!.atMs, sent[0]!.atMs + 3_599_996)
  t.equal(flow.rate, ntsc.rate)
})

t.test('read again: times and numbers go on where the last reading ended', async (t) => {
  const { sent, take, pass } = setUp({ pace: 'live' })
  const first = pass({ rate: { numerator: 5, denominator: 1 } })
  take(first)
  take(first)
  const second = pass({ rate: { numerator: 10, denominator: 1 } })
  take(second)
  take(second)
  t.strictSame(
    sent.map(({ seq, mediaMs }) => [seq, mediaMs]),
    [
      [1, 0],
      [2, 200],
      [3, 400],
      [4, 500],
    ],
  )
})

t.test('a camera: by the clock, whatever its rate', async (t) => {
  const { clock, sent, take, pass } = setUp({ pace: 'complete' })
  const camera = pass({ isCamera: true })
  take(camera)
  await clock.advance(340)
  take(camera)
  t.match(sent, [
    { mediaMs: 0, pace: 'live' },
    { mediaMs: 340, pace: 'live', atMs: sent[0]!.atMs + 340 },
  ])
})

t.test('complete: held at eight under way until one comes back, however long that takes', async (t) => {
  const { clock, flow, take, pass, held } = setUp({ pace: 'complete' })
  const recording = pass({})
  for (let frame = 0; frame < 7; frame++) take(recording)
  t.notOk(flow.isHeld)
  take(recording)
  t.ok(flow.isHeld)
  await clock.advance(3_600_000)
  flow.tick()
  t.ok(flow.isHeld)
  flow.returned(1)
  t.notOk(flow.isHeld)
  take(recording)
  t.ok(flow.isHeld)
  t.strictSame(held, ['hold', 'release', 'hold'])
})

t.test('complete: what can not go out is kept, and goes out with the number that it has', async (t) => {
  const { clock, flow, counts, sent, take, pass, outlet } = setUp({ pace: 'complete' })
  const recording = pass({})
  take(recording)
  outlet.takes = false
  outlet.isOpen = false
  take(recording)
  t.ok(flow.isHeld)
  t.strictSame(counts, { decoded: 2, droppedAtCapture: 0, gated: 0 })
  await clock.advance(100)
  outlet.takes = true
  outlet.isOpen = true
  flow.tick()
  t.strictSame(
    sent.map(({ seq, oldest }) => [seq, oldest]),
    [
      [1, 1],
      [2, 1],
    ],
  )
  t.notOk(flow.isHeld)
})

t.test('a recording goes by its own time', async (t) => {
  const { flow, sent, take, pass } = setUp({ pace: 'complete' })
  flow.startsAt(Date.UTC(2026, 10, 29, 21))
  take(pass({}))
  take(pass({}))
  t.strictSame(
    sent.map(({ atMs }) => atMs),
    [Date.UTC(2026, 10, 29, 21), Date.UTC(2026, 10, 29, 21) + 100],
  )
})

t.test('complete: waits for the clip too, and goes on by the next tick', async (t) => {
  let isBehind = true
  const { flow, take, pass } = setUp({ pace: 'complete', isBehind: () => isBehind })
  take(pass({}))
  flow.returned(1)
  t.ok(flow.isHeld)
  isBehind = false
  flow.tick()
  t.notOk(flow.isHeld)
})

t.test('what can not go out is counted, gets no number, and its memory is given back', async (t) => {
  const { flow, counts, returned, sent, take, pass, outlet } = setUp({ pace: 'live' })
  const recording = pass({})
  take(recording)
  outlet.takes = false
  take(recording)
  outlet.takes = true
  take(recording)
  t.strictSame(counts, { decoded: 3, droppedAtCapture: 1, gated: 0 })
  t.equal(returned.length, 1)
  t.equal(flow.lastSeq, 2)
  t.strictSame(
    sent.map(({ seq, mediaMs }) => [seq, mediaMs]),
    [
      [1, 0],
      [2, 200],
    ],
  )
})

t.test('drained: when the last frame has come back', async (t) => {
  const { flow, take, pass } = setUp({ pace: 'live' })
  await flow.drained()
  take(pass({}))
  take(pass({}))
  let isDrained = false
  const drained = flow.drained().then(() => {
    isDrained = true
  })
  flow.returned(1)
  await new Promise((resolve) => setImmediate(resolve))
  t.notOk(isDrained)
  flow.returned(2)
  await drained
})

function setUp({
  pace,
  isBehind = () => false,
  analyse = 'every',
  motion,
}: {
  pace: 'live' | 'complete'
  isBehind?: () => boolean
  analyse?: 'motion' | 'every'
  motion?: MotionDetector
}) {
  const told: GatedFrame[] = []
  const clock = createManualClock()
  const sent: Frame['header'][] = []
  const returned: Buffer[] = []
  const held: string[] = []
  const counts = { decoded: 0, droppedAtCapture: 0, gated: 0 }
  const outlet = {
    takes: true,
    isOpen: true,
    offer({ header }: Frame) {
      if (outlet.takes) sent.push(header)
      return outlet.takes
    },
  }
  const ring: FlowDeps['ring'] = { put: () => undefined, giveBack: (buffer) => void returned.push(buffer) }
  const input = { camera: 'yard', pace, minScore: undefined }
  const gate = createGateKeeper({
    input: { analyse, idleFps: 0.5, sensitivity: 'normal' },
    tellsAlways: false,
    ...(motion && { motion }),
  })
  const flow = createFrameFlow({
    input,
    tenant: 'default',
    monitor: 'm',
    epoch: 1,
    clock,
    outlet,
    ring,
    counts,
    isBehind,
    gate,
    tellGated: (frame) => void told.push(frame),
  })
  const planes = Buffer.alloc(12)
  const pass = (about: Partial<Pass>): Pass => ({
    isCamera: false,
    sizes: {
      input: { width: 2, height: 2 },
      content: { width: 2, height: 2 },
      display: { width: 2, height: 2 },
    },
    rate: { numerator: 10, denominator: 1 },
    hold: () => void held.push('hold'),
    release: () => void held.push('release'),
    ...about,
  })
  const take = (of: Pass) => flow.take(of, planes, Buffer.alloc(6))
  return { clock, flow, gate, sent, returned, counts, held, outlet, pass, take, told }
}

t.test('what does not move is counted and kept, has a number, and is not sent', async (t) => {
  const { flow, counts, sent, take, pass } = setUp({ pace: 'live', analyse: 'motion' })
  const recording = pass({})
  for (let frame = 0; frame < 100; frame++) take(recording)
  t.equal(flow.lastSeq, 100)
  // One and a half seconds to learn what is usual, then one in two seconds.
  t.strictSame(
    sent.map(({ seq }) => seq),
    [...Array.from({ length: 15 }, (_, i) => i + 1), 35, 55, 75, 95],
  )
  t.strictSame(counts, { decoded: 100, droppedAtCapture: 0, gated: 81 })
  t.match(sent.at(-1), { gate: { gated: 76, after: 15, last: { seq: 94 } } })
})

t.test('complete: what does not move waits until all that was sent has come back', async (t) => {
  const { flow, sent, take, pass, held } = setUp({ pace: 'complete', analyse: 'motion' })
  const recording = pass({})
  for (let frame = 1; frame <= 15; frame++) {
    take(recording)
    flow.returned(frame)
  }
  for (let frame = 16; frame < 35; frame++) take(recording)
  t.equal(sent.length, 15)
  await flow.drained()
  take(recording)
  t.equal(sent.at(-1)?.seq, 35)
  t.ok(flow.isHeld, 'what comes of it decides about the next ones')
  flow.returned(35)
  t.notOk(flow.isHeld)
  take(recording)
  t.equal(sent.length, 16)
  t.strictSame(held, ['hold', 'release'])
})

const FAMILIAR: MotionDetector = { movement: () => 'familiar' }
const KNOWN = { mediaMs: 0, tracks: [], lookAgainMs: 0, lookMovingMs: 200 }

t.test('what is spared has its number and is kept, and the tracker is told nothing of it', async (t) => {
  const { flow, gate, counts, sent, take, pass, told } = setUp({
    pace: 'live',
    analyse: 'motion',
    motion: FAMILIAR,
  })
  const recording = pass({})
  take(recording)
  gate.returned(KNOWN)
  for (let frame = 2; frame <= 4; frame++) take(recording)
  t.strictSame(counts, { decoded: 4, droppedAtCapture: 0, gated: 2 })
  t.strictSame(
    sent.map(({ seq, gate: account }) => [seq, account]),
    [
      [1, undefined],
      [3, { gated: 1, after: 2 }],
    ],
  )
  t.equal(flow.lastSeq, 4)
  t.strictSame(told, [])
})

t.test('complete: nothing is spared', async (t) => {
  const { flow, gate, sent, take, pass } = setUp({ pace: 'complete', analyse: 'motion', motion: FAMILIAR })
  const recording = pass({})
  for (let frame = 1; frame <= 6; frame++) {
    take(recording)
    gate.returned(KNOWN)
    flow.returned(frame)
  }
  t.equal(sent.length, 6)
})
