import { createHash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { type SceneTruth, sceneTruthSchema } from '#schemas/scene-truth.ts'
import { SCENARIOS } from '../../../../services/agents/video/scenes/scenarios/catalogue.ts'
import { followRoute } from '../../../../services/agents/video/scenes/scenarios/route.ts'
import { createScenarioRenderer } from '../../../../services/agents/video/scenes/scenarios/scenario-renderer.ts'

const SIZE = { width: 320, height: 180, fps: 10 }
/** Least height of a subject in a picture 416 pixels wide: what a small network can see. */
const LEAST_PX = (30 * SIZE.width) / 416

const PROMISED: Record<string, string[]> = {
  street: [],
  crowd: ['crowd'],
  intruder: ['intrusion'],
  loiterer: ['loitering'],
  crossing: ['line-crossing'],
  yard: ['intrusion', 'loitering', 'line-crossing', 'crowd'],
}

function truthOf(name: string, seed: number): SceneTruth {
  const renderer = createScenarioRenderer(SCENARIOS.find((scenario) => scenario.name === name)!, {
    ...SIZE,
    seed,
  })
  const frames = Array.from({ length: renderer.frameCount }, (_, index) => renderer.renderFrame(index).frame)
  return renderer.groundTruth(frames)
}

t.test('every scenario has its promise', async (t) => {
  t.strictSame(SCENARIOS.map(({ name }) => name).toSorted(), Object.keys(PROMISED).toSorted())
})

for (const [i, [name, promised]] of Object.entries(PROMISED).entries()) {
  t.test(`${name}: the promised events, no others, about subjects that can be seen`, async (t) => {
    const truth = truthOf(name, i + 1)
    t.strictSame(sceneTruthSchema.safeParse(truth).error?.issues ?? [], [])
    t.strictSame(
      truth.events.map(({ kind }) => kind),
      promised,
    )
    for (const { atMs, subjects, rule } of truth.events) {
      const frame = truth.frames.find((candidate) => candidate.atMs >= atMs)!
      for (const id of subjects) {
        const seen = frame.boxes.find((candidate) => candidate.id === id)!
        t.ok(seen.box[3] - seen.box[1] >= LEAST_PX, `${rule}: ${id} is ${seen.box[3] - seen.box[1]} px tall`)
        t.ok(seen.visibility > 0.5, `${rule}: ${id} is seen to ${seen.visibility}`)
      }
      t.ok(atMs > 2000 && atMs < truth.durationMs - 2000, `${rule}: there is time before and after`)
    }
    const classes = new Set(truth.frames.flatMap(({ boxes }) => boxes.map((box) => box.class)))
    t.strictSame([...classes].toSorted(), ['person', 'vehicle'])
  })
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

const spot = fc.tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 5, max: 30 }))
const leg = fc.oneof(fc.record({ to: spot }), fc.record({ staySec: fc.integer({ min: 0, max: 5 }) }))

t.test('on a route nobody is faster than it says, and the way is without breaks', async () => {
  fc.assert(
    fc.property(spot, fc.array(leg, { minLength: 1, maxLength: 6 }), (from, legs) => {
      const at = followRoute({ startSec: 1, from, speedMps: 1.5, legs })
      if (at(0.99) !== undefined) return false
      for (let sec = 1; ; sec += 0.1) {
        const [now, next] = [at(sec), at(sec + 0.1)]
        if (!now || !next) return true
        if (Math.hypot(next.x - now.x, next.z - now.z) > 0.1501) return false
        if (next.walkedM < now.walkedM - 1e-9 || !Number.isFinite(now.yaw)) return false
      }
    }),
  )
})
