import t from 'tap'
import { type SceneTruth, sceneTruthSchema } from '#schemas/scene-truth.ts'
import { SCENARIOS } from '../../../../../services/agents/video/scenes/scenarios/catalogue.ts'
import { createScenarioRenderer } from '../../../../../services/agents/video/scenes/scenarios/scenario-renderer.ts'

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
  const frames = Array.from({ length: renderer.frameCount }, (_, index) => renderer.measureFrame(index))
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
