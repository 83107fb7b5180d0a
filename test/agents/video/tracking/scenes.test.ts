import t from 'tap'
import type { Detection } from '#schemas/detection.ts'
import { trackingInputSchema } from '#schemas/monitor-steps.ts'
import type { SceneFrame, SceneTruth } from '#schemas/scene-truth.ts'
import { createRandom } from '../../../../services/agents/video/scenes/random.ts'
import { findScenario } from '../../../../services/agents/video/scenes/scenarios/catalogue.ts'
import { createScenarioRenderer } from '../../../../services/agents/video/scenes/scenarios/scenario-renderer.ts'
import { NEW_MONITOR } from '../../../../services/agents/video/tracking/monitor/monitor-state.ts'
import { monitorSetup, stepMonitor } from '../../../../services/agents/video/tracking/monitor/step-monitor.ts'
import { START_MS } from './tracking-fixtures.ts'

/** What a detector that is far from perfect makes of a frame: boxes 3 % off, one in ten missed, what is mostly hidden unseen. */
const DETECTOR = { noise: 0.03, missed: 0.1, hidden: 0.4 }

interface Told {
  rule: string
  atMs: number
  raisedMs: number
  direction: string | undefined
}

for (const name of ['crowd', 'intruder', 'loiterer', 'crossing', 'yard', 'street'])
  for (const fps of [10, 4])
    t.test(
      `${name} at ${fps} frames a second: each event of the truth once, within a second, and no other`,
      async (t) => {
        const scenario = findScenario(name)
        if (!scenario) throw new Error(`there is no scenario "${name}"`)
        const renderer = createScenarioRenderer(scenario, { seed: 3, width: 320, height: 180, fps })
        const frames = Array.from({ length: renderer.frameCount }, (_, i) => renderer.measureFrame(i))
        const truth = renderer.groundTruth(frames)
        const left = watch(truth)
        for (const event of truth.events) {
          const found = left.findIndex(
            ({ rule, atMs, raisedMs, direction }) =>
              rule === event.rule &&
              direction === event.direction &&
              Math.abs(atMs - event.atMs) <= 1000 &&
              raisedMs - event.atMs <= 1000,
          )
          t.ok(found >= 0, `${event.rule} at ${event.atMs} ms`)
          if (found >= 0) left.splice(found, 1)
        }
        t.strictSame(left, [], 'no other')
      },
    )

function watch(truth: SceneTruth): Told[] {
  const { zones, lines, rules } = truth
  const input = trackingInputSchema.parse({ camera: 'scene', zones, lines, rules })
  const setup = monitorSetup(input, { monitor: 'scene', tenant: 'default', minScore: 0.35 })
  const random = createRandom(7)
  let state = NEW_MONITOR
  return truth.frames.flatMap((frame) => {
    const { atMs, index } = frame
    const step = stepMonitor(
      setup,
      state,
      {
        ...{ v: 1, camera: 'scene', monitor: 'scene', epoch: 1, seq: index + 1, pace: 'complete' },
        ...{ capturedAtMs: 0, atMs: START_MS + atMs, mediaMs: atMs, model: 'truth', detector: 'test' },
        ...{ skipped: 0, inferMs: 0, detections: detect(frame, truth, random.next) },
      },
      0,
    )
    state = step.state
    return step.events.map((event) => ({
      rule: event.rule.id,
      atMs: event.atMs - START_MS,
      raisedMs: atMs,
      direction: event.direction,
    }))
  })
}

function detect({ boxes }: SceneFrame, { width, height }: SceneTruth, chance: () => number): Detection[] {
  return boxes.flatMap(({ class: objectClass, box: [left, top, right, bottom], visibility }) => {
    if (visibility < DETECTOR.hidden || chance() < DETECTOR.missed) return []
    const off = () => (chance() + chance() + chance() - 1.5) * 2 * DETECTOR.noise
    const x = (value: number) => Math.min(1, Math.max(0, (value + off() * (right - left)) / width))
    const y = (value: number) => Math.min(1, Math.max(0, (value + off() * (bottom - top)) / height))
    const score = 0.4 + 0.5 * chance()
    const detection: Detection = {
      class: objectClass,
      label: objectClass,
      score,
      box: [x(left), y(top), x(right), y(bottom)],
    }
    return detection.box[0] < detection.box[2] && detection.box[1] < detection.box[3] ? [detection] : []
  })
}
