import t from 'tap'
import { againstTruth, followGated, lookAtScene } from '../../loadtest/video/gated-run.ts'
import type { Detection } from '../../schemas/detection.ts'
import type { SceneFrame } from '../../schemas/scene-truth.ts'
import type { Frame } from '../../services/agents/video/frames/frame-message.ts'
import { createRandom } from '../../services/agents/video/scenes/random.ts'
import { QUIET_PLACES } from '../../services/agents/video/scenes/scenarios/quiet-places.ts'

// The pictures are those of the scenes, the detector one that knows the truth and misses one in ten; `quiet-places.long.test.ts` has a network.

t.setTimeout(180_000)
const MISSED = 0.1
const HIDDEN = 0.4
const random = createRandom(5)

async function detect({ header }: Frame, { boxes }: SceneFrame): Promise<Detection[]> {
  const { width, height } = header
  return boxes.flatMap(({ class: objectClass, box: [left, top, right, bottom], visibility }): Detection[] => {
    if (visibility < HIDDEN || random.next() < MISSED) return []
    const box = [left / width, top / height, right / width, bottom / height] as Detection['box']
    return [{ class: objectClass, label: objectClass, score: random.between(0.5, 0.9), box }]
  })
}

for (const { name: scenario } of QUIET_PLACES)
  t.test(`${scenario}: with the gate, each event of the truth once and nothing else`, async (t) => {
    const scene = await lookAtScene(
      { scenario, seed: 4, fps: 5, width: 320 },
      { look: detect, minScore: 0.35 },
    )
    const gated = followGated(scene.setup, scene.frames, { analyse: 'motion', delay: 1 })
    t.strictSame(againstTruth(scene.truth, gated.events), {
      ...{ events: scene.truth.events.length, missed: [], more: [] },
    })
    const every = followGated(scene.setup, scene.frames, { analyse: 'every', delay: 1 })
    t.equal(every.looked, scene.frames.length)
    t.comment(`${gated.looked} of ${scene.frames.length} frames looked at`)
    // A shaking picture moves everywhere; what goes on in the others leaves most of the time to nothing.
    if (scenario !== 'shaking') t.ok(gated.looked < 0.85 * scene.frames.length)
  })
