import { createHash } from 'node:crypto'
import t from 'tap'
import type { SceneTruth } from '#schemas/scene-truth.ts'
import { SCENARIOS } from '../../../../../services/agents/video/scenes/scenarios/catalogue.ts'
import { createScenarioRenderer } from '../../../../../services/agents/video/scenes/scenarios/scenario-renderer.ts'

const SIZE = { width: 320, height: 180, fps: 10 }

function truthOf(name: string, seed: number): SceneTruth {
  const renderer = createScenarioRenderer(SCENARIOS.find((scenario) => scenario.name === name)!, {
    ...SIZE,
    seed,
  })
  const frames = Array.from({ length: renderer.frameCount }, (_, index) => renderer.measureFrame(index))
  return renderer.groundTruth(frames)
}

t.test('the same seed draws the same pictures, in whatever order; another seed others', async (t) => {
  const scenario = SCENARIOS[0]!
  const options = { width: 160, height: 96, fps: 10 }
  const frameAt = (seed: number, order: readonly number[], wanted: number) => {
    const renderer = createScenarioRenderer(scenario, { ...options, seed })
    let found: { picture: string; boxes: unknown } | undefined
    for (const index of order) {
      const { pixels, frame } = renderer.renderFrame(index)
      if (index === wanted) found = { picture: digest(pixels), boxes: frame.boxes }
    }
    return found!
  }
  const straight = frameAt(3, [0, 40, 80], 80)
  t.strictSame(frameAt(3, [80], 80), straight)
  t.strictSame(frameAt(3, [120, 80, 0], 80), straight)
  t.not(frameAt(4, [80], 80).picture, straight.picture)
})

t.test('measuring tells what drawing tells, and leaves the next picture as it would have been', async (t) => {
  for (const [i, scenario] of SCENARIOS.entries()) {
    const options = { width: 160, height: 96, fps: 10, seed: i + 1 }
    const drawn = createScenarioRenderer(scenario, options)
    const measured = createScenarioRenderer(scenario, options)
    for (let index = 0; index < drawn.frameCount; index += 20) {
      const { frame } = drawn.renderFrame(index)
      t.strictSame(measured.measureFrame(index), frame, `${scenario.name}: frame ${index}`)
    }
    const next = drawn.frameCount - 1
    const picture = digest(drawn.renderFrame(next).pixels)
    t.equal(digest(measured.renderFrame(next).pixels), picture, `${scenario.name}: the picture after that`)
  }
})

t.test('nobody jumps: objects move as fast as they may, and appear at the edges', async (t) => {
  const { frames } = truthOf('yard', 9)
  const last = new Map<number, readonly number[]>()
  for (const { boxes } of frames) {
    for (const { id, class: kind, box } of boxes) {
      const before = last.get(id)
      last.set(id, box)
      const moved = before && Math.abs((box[0] + box[2]) / 2 - (before[0]! + before[2]!) / 2)
      if (moved !== undefined && moved > (kind === 'person' ? 8 : 20))
        t.fail(`${id} moved ${moved} px in a frame`)
    }
  }
  t.ok(last.size > 8)
})

/** Arrays of pixels are compared by it: a difference would be printed for minutes. */
function digest(pixels: Uint8Array): string {
  return createHash('sha256').update(pixels).digest('hex')
}
