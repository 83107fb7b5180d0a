import t from 'tap'
import { againstTruth, followGated, lookAtScene, lookWith } from '../../loadtest/video/gated-run.ts'
import { STARTER } from '../../loadtest/video/material.ts'
import { openDetector } from '../../loadtest/video/open-detector.ts'
import { QUIET_PLACES } from '../../services/agents/video/scenes/scenarios/quiet-places.ts'

// Slow and small, at night, a lamp that goes on, somebody who stands for long, a camera that shakes: rendered pictures through the motion gate,
// the starter model, the tracker and the rules.

t.setTimeout(20 * 60_000)
const detector = await openDetector(STARTER)
t.teardown(() => detector.close())
const { width } = detector.info.inputs[0]!
const { minScore } = detector.info

for (const { name: scenario } of QUIET_PLACES)
  for (const seed of [1, 2])
    t.test(`${scenario}, seed ${seed}: gated, each event of the truth once and nothing else`, async (t) => {
      const scene = await lookAtScene(
        { scenario, seed, fps: 10, width },
        { look: lookWith(detector), minScore },
      )
      const { events, looked } = followGated(scene.setup, scene.frames, { analyse: 'motion' })
      t.strictSame(againstTruth(scene.truth, events), {
        events: scene.truth.events.length,
        missed: [],
        more: [],
      })
      t.comment(`${looked} of ${scene.frames.length} frames looked at`)
      if (scenario === 'empty') t.ok(looked < 0.2 * scene.frames.length)
    })
