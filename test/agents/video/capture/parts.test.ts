import fc from 'fast-check'
import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import type { FrameHeader } from '#schemas/frame.ts'
import { captureInputExample, captureInputSchema } from '#schemas/monitor-steps.ts'
import { clipArguments } from '../../../../services/agents/video/capture/clip/clip-encoder.ts'
import { clipScene } from '../../../../services/agents/video/capture/clip/clip-scene.ts'
import { decodeArguments } from '../../../../services/agents/video/capture/decode/decode-arguments.ts'
import { createFrameCutter } from '../../../../services/agents/video/capture/decode/frame-cutter.ts'
import { planRate } from '../../../../services/agents/video/capture/decode/frame-rate.ts'
import { chooseSizes, displayBytes } from '../../../../services/agents/video/capture/decode/frame-sizes.ts'
import { createDisplayRing } from '../../../../services/agents/video/capture/display-ring.ts'
import { backoffMs } from '../../../../services/agents/video/capture/follow-source.ts'
import { progressFraction, progressNote } from '../../../../services/agents/video/capture/progress.ts'
import { createFrameOutlet } from '../../../../services/agents/video/capture/publish/frame-outlet.ts'
import { createFrameWindow } from '../../../../services/agents/video/capture/publish/frame-window.ts'
import { createOfflineWatch } from '../../../../services/agents/video/capture/publish/offline-watch.ts'

t.test('arguments: one graph, two raw outputs, no frame made up', async (t) => {
  const sizes = chooseSizes({ width: 1920, height: 1080 }, [{ width: 416, height: 256 }])
  const outputs = { model: '/m', display: '/d' }
  const plan = { input: ['-i', 'x'], sizes, outputs, rateFilter: 'fps=5' }
  const line = decodeArguments({ ...plan, version: [7, 1] }).join(' ')
  t.match(
    line,
    /\[0:V:0\]fps=5,split=2\[a\]\[b\];\[a\]scale=416:234:flags=bilinear,format=gbrp,pad=416:234:0:0:color=0x727272\[model\]/,
  )
  t.match(line, /\[b\]scale=960:540:flags=bilinear,format=yuv420p\[display\]/)
  t.match(
    line,
    /-map \[model\] -fps_mode passthrough -f rawvideo -listen 1 .*unix:\/m -map \[display\] .* unix:\/d$/,
  )
  t.match(decodeArguments({ ...plan, version: [4, 4] }).join(' '), /-vsync passthrough/)
})

t.test(
  'sizes: the input that wastes least; content inside it; display even and never enlarged',
  async (t) => {
    const inputs = [
      { width: 416, height: 416 },
      { width: 416, height: 256 },
      { width: 832, height: 512 },
    ]
    t.match(chooseSizes({ width: 1280, height: 720 }, inputs), {
      input: { width: 416, height: 256 },
      content: { width: 416, height: 234 },
      display: { width: 960, height: 540 },
    })
    t.match(chooseSizes({ width: 500, height: 500 }, inputs), { input: { width: 416, height: 416 } })
    const side = fc.integer({ min: 1, max: 8192 })
    fc.assert(
      fc.property(side, side, (width, height) => {
        const sizes = chooseSizes({ width, height }, inputs)
        const { input, content, display } = sizes
        const inside = content.width <= input.width && content.height <= input.height
        const fills = content.width === input.width || content.height === input.height
        const even = display.width % 2 === 0 && display.height % 2 === 0
        const small =
          display.width <= Math.max(2, Math.min(960, width)) && display.height <= Math.max(2, height)
        return inside && fills && even && small && Number.isInteger(displayBytes(sizes))
      }),
    )
  },
)

t.test('rate: cameras are thinned out, recordings get even distances', async (t) => {
  const facts = { width: 1, height: 1, fps: 25, constantRate: true }
  t.match(planRate(facts, { isCamera: true }), { filter: /^select=/, fps: 10 })
  t.strictSame(planRate(facts, { isCamera: false }), { fps: 25 })
  t.strictSame(planRate(facts, { isCamera: false, fps: 30 }), { fps: 25 })
  t.strictSame(planRate(facts, { isCamera: false, fps: 5 }), { filter: 'fps=5.000000', fps: 5 })
  const wobbly = { ...facts, constantRate: false }
  t.strictSame(planRate(wobbly, { isCamera: false }), { filter: 'fps=25.000000', fps: 25 })
})

t.test('frames are cut exactly, whatever the parts, and none is given while they are held', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 })
  const small = fc.integer({ min: 1, max: 30 })
  fc.assert(
    fc.property(small, sizes, fc.integer({ min: 1, max: 5 }), (bytes, parts, every) => {
      let next = 0
      const all = Buffer.from(Array.from({ length: parts.reduce((a, b) => a + b) }, () => next++ % 256))
      const frames: Buffer[] = []
      const cutter = createFrameCutter({ bytes, lend: () => Buffer.alloc(bytes) }, (frame) => {
        frames.push(frame)
        cutter.isHeld = frames.length % every === 0
      })
      let at = 0
      for (const length of parts) {
        for (let to = at + length; at < to; ) {
          const before = frames.length
          at += cutter.take(all.subarray(at, to))
          if (frames.length - before > every) return false
          cutter.isHeld = false
        }
      }
      const whole = Math.floor(all.length / bytes)
      return frames.length === whole && Buffer.concat(frames).equals(all.subarray(0, whole * bytes))
    }),
  )
})

t.test('the ring keeps the last and uses its memory again', async (t) => {
  const ring = createDisplayRing(3)
  const buffers = new Set<Buffer>()
  for (let seq = 1; seq <= 20; seq++) {
    const yuv420p = ring.lend(6)
    buffers.add(yuv420p)
    ring.put(seq, { width: 2, height: 2, yuv420p })
  }
  t.ok(ring.get(18) && ring.get(20))
  t.equal(ring.get(17), undefined)
  t.ok(buffers.size <= 4, `${buffers.size} buffers`)
  t.equal(ring.lend(24).length, 24, 'another size after the source has changed')
})

t.test('window: what comes back frees those before it too, what does not is lost', async (t) => {
  const clock = createManualClock()
  const window = createFrameWindow(clock, 2000)
  for (const seq of [1, 2, 3]) window.sent(seq)
  await clock.advance(1000)
  window.sent(4)
  window.returned(2)
  t.equal(window.inFlight, 2)
  await clock.advance(1000)
  window.expire()
  t.equal(window.inFlight, 1)
  t.equal(window.lost, 1)
})

t.test('outlet: lets go while the connection is down or behind, and recovers', async (t) => {
  const header = { ...frameHeader, width: 16, height: 16, contentWidth: 16, contentHeight: 16 }
  const planes = Buffer.alloc(16 * 16 * 3)
  let flushed = Promise.withResolvers<void>()
  let sent = 0
  const bus = { connected: true, publishCore: () => void sent++, flush: () => flushed.promise }
  const outlet = createFrameOutlet(bus, 1500)
  const offer = () => outlet.offer({ header, planes })
  t.ok(offer())
  t.ok(offer())
  t.notOk(offer(), 'more than 1500 bytes wait')
  t.notOk(outlet.isOpen)
  const next = Promise.withResolvers<void>()
  const before = flushed
  flushed = next
  before.resolve()
  await new Promise((resolve) => setImmediate(resolve))
  t.ok(offer())
  next.reject(new Error('disconnected'))
  await new Promise((resolve) => setImmediate(resolve))
  bus.connected = false
  t.notOk(offer())
  bus.connected = true
  t.ok(outlet.isOpen, 'what a broken connection held is forgotten')
  t.equal(sent, 3)
})

const frameHeader: Omit<FrameHeader, 'width' | 'height'> = {
  ...{
    v: 1,
    camera: 'a',
    monitor: 'm',
    epoch: 1,
    seq: 1,
    capturedAtMs: 1,
    atMs: 1,
    mediaMs: 0,
    pace: 'live',
  },
  ...{ contentWidth: 16, contentHeight: 16 },
}

t.test('offline: once an outage, within the hours of the rule', async (t) => {
  const clock = createManualClock(Date.UTC(2026, 0, 5, 21, 59, 50)) // a Monday
  const rules = captureInputSchema.parse({
    ...captureInputExample,
    rules: [
      { id: 'soon', kind: 'camera-offline', afterMs: 2000, severity: 'low' },
      { id: 'night', kind: 'camera-offline', afterMs: 1000, schedule: { from: '22:00', to: '06:00' } },
      { id: 'crowd', kind: 'crowd', minCount: 3 },
    ],
  }).rules
  t.equal(rules.length, 2, 'other rules are not ours')
  const watch = createOfflineWatch(rules, { tenant: 'acme', monitor: 'm', camera: 'yard' }, clock)
  const due = () => watch.due('refused').map(({ rule }) => rule.id)
  await clock.advance(1999)
  t.strictSame(due(), [])
  await clock.advance(1)
  t.strictSame(due(), ['soon'])
  t.strictSame(due(), [])
  await clock.advance(8000)
  t.strictSame(due(), ['night'], 'when its hours begin')
  watch.picture()
  await clock.advance(2000)
  const [event] = watch.due('refused')
  t.match(event, {
    tenant: 'acme',
    subject: 'camera',
    rule: { id: 'soon', severity: 'low' },
    message: 'Camera yard has given no picture for 2 s: refused',
    atMs: clock.nowMs(),
  })
})

t.test('attempts are made further and further apart', async (t) => {
  t.equal(backoffMs(0, 1), 500)
  t.equal(backoffMs(0, 0), 250)
  t.equal(backoffMs(3, 1), 4000)
  t.equal(backoffMs(500, 1), 10_000)
})

t.test('progress notes', async (t) => {
  const seen = { persons: 1, vehicles: 2 }
  t.equal(
    progressNote({ status: 'live', reason: undefined, fps: 9.96 }, seen),
    'live · 10.0 fps · 1 person · 2 vehicles',
  )
  t.equal(progressNote({ status: 'offline', reason: 'refused', fps: 0 }, seen), 'offline · refused')
  t.equal(progressFraction(500, 1000), 0.5)
  t.equal(progressFraction(500, undefined), 0)
})

t.test('clips: the encoder that is there, zones that are occupied', async (t) => {
  const format = { width: 960, height: 540, fps: 10 }
  t.match(
    clipArguments(format, true, '/x.mp4').join(' '),
    /-s 960x540 -r 10\.000 .*libx264.*-movflags \+faststart/,
  )
  t.match(clipArguments(format, false, '/x.mp4').join(' '), /-c:v mpeg4 -q:v 4/)
  const gate = {
    id: 'gate',
    polygon: [
      [0, 0],
      [1, 0],
      [1, 1],
    ] as [number, number][],
  }
  const track = {
    class: 'person',
    label: 'person',
    score: 0.83,
    box: [0, 0, 1, 1],
    id: 3,
    predicted: true,
    zones: ['gate'],
  }
  const seen = { tracks: [track as never], persons: 1, vehicles: 0, mediaMs: 1500 }
  t.match(clipScene({ camera: 'yard', zones: [gate], lines: [] }, seen), {
    zones: [{ id: 'gate', active: true }],
    boxes: [{ label: 'person 3 · 83 %', predicted: true }],
    caption: { title: 'yard', details: ['1 person', '0 vehicles', '1.5 s'] },
  })
})
