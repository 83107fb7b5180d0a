import fc from 'fast-check'
import t from 'tap'
import type { Rational } from '#platform/media/rational.ts'
import {
  chooseSizes,
  decodeArguments,
  displayBytes,
  modelBytes,
  planRate,
} from '../../../../../services/agents/video/capture/decode/decode-plan.ts'

const R = (numerator: number, denominator = 1): Rational => ({ numerator, denominator })

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
  const facts = { frameRate: R(25), hasConstantRate: true }
  t.match(planRate(facts, { isCamera: true }), { filter: /^select=/, rate: R(10) })
  t.strictSame(planRate(facts, { isCamera: false }), { rate: R(25) })
  t.strictSame(planRate(facts, { isCamera: false, fps: 30 }), { rate: R(25) })
  t.strictSame(planRate(facts, { isCamera: false, fps: 5 }), { filter: 'fps=5', rate: R(5) })
  const wobbly = { ...facts, hasConstantRate: false }
  t.strictSame(planRate(wobbly, { isCamera: false }), { filter: 'fps=25', rate: R(25) })
})

t.test('rate: NTSC stays exact, and a limit below it wins', async (t) => {
  const ntsc = { frameRate: R(30_000, 1001), hasConstantRate: false }
  t.strictSame(planRate(ntsc, { isCamera: false }), { filter: 'fps=30000/1001', rate: R(30_000, 1001) })
  t.strictSame(planRate(ntsc, { isCamera: false, fps: 30 }), {
    filter: 'fps=30000/1001',
    rate: R(30_000, 1001),
  })
  t.strictSame(planRate(ntsc, { isCamera: false, fps: 12.5 }), { filter: 'fps=25/2', rate: R(25, 2) })
  t.match(planRate(ntsc, { isCamera: true, fps: 60 }), { filter: /0\.016667/, rate: R(30_000, 1001) })
  t.strictSame(planRate({ hasConstantRate: false }, { isCamera: false }), { filter: 'fps=10', rate: R(10) })
})

t.test('bytes: planes without the border below, yuv420p of the display', async (t) => {
  const sizes = chooseSizes({ width: 1920, height: 1080 }, [{ width: 416, height: 256 }])
  t.equal(modelBytes(sizes), 416 * 234 * 3)
  t.equal(displayBytes(sizes), (960 * 540 * 3) / 2)
})
