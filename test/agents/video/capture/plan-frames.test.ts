import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import type { MediaFacts } from '#platform/media/media-facts.ts'
import { planFrames } from '../../../../services/agents/video/capture/plan-frames.ts'
import { createCameraReporter } from '../../../../services/agents/video/capture/publish/camera-state.ts'

const FIXED = [{ width: 416, height: 416 }]
const OPEN = [...FIXED, { width: 416, height: 256 }, { width: 256, height: 416 }]

/** What is reported of a source of this size, looked at by a model that takes these. */
async function report(width: number, height: number, inputs: typeof FIXED) {
  const identity = { tenant: 'default', camera: 'yard', monitor: 'm', epoch: 1 }
  const reporter = createCameraReporter({ publishCore: () => undefined }, systemClock, identity)
  const said: object[] = []
  const info = { model: 'nano', provider: 'cpu', classes: ['person'], inputs, minScore: 0.35 }
  const deps = {
    bus: { request: async () => ({ model: 'nano', state: 'ready', info }), call: async () => info },
    clock: systemClock,
    reporter,
    input: { source: { kind: 'url', url: 'rtsp://192.0.2.10/a' }, camera: 'yard' },
    maxFrameBytes: () => 1e6,
    log: { info: (about: object) => said.push(about) },
  } as unknown as Parameters<typeof planFrames>[0]
  const facts = { width, height, codec: 'h264' } as MediaFacts
  const { sizes, minScore } = await planFrames(deps, facts, new AbortController().signal)
  await planFrames(deps, facts, new AbortController().signal)
  return { sizes, minScore, input: reporter.input, said: said.length }
}

t.test('a model of one size: what of it is border is said, once', async (t) => {
  const { input, said, minScore } = await report(1920, 1080, FIXED)
  t.match(input, { width: 416, height: 416, border: 0.44, note: /^44 % of the 416 × 416 pixels that nano/ })
  t.equal(said, 1)
  t.equal(minScore, 0.35, 'as the model has it')
})

t.test('open sides: what fits is taken, on end too, and there is nothing to say', async (t) => {
  t.strictSame(await report(1920, 1080, OPEN).then(({ input, said }) => ({ input, said })), {
    input: { width: 416, height: 256, border: 0.09 },
    said: 0,
  })
  t.match(await report(1080, 1920, OPEN), { input: { width: 256, height: 416 }, said: 0 })
  t.match(await report(416, 416, OPEN), { input: { width: 416, height: 416, border: 0 }, said: 0 })
})
