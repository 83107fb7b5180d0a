import t, { type Test } from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import type { CameraEvent } from '#schemas/camera-event.ts'
import type { Detection, Detections } from '#schemas/detection.ts'
import { trackingInputSchema } from '#schemas/monitor-steps.ts'
import { type RulesReplay, rulesReplayInputSchema } from '#schemas/rules-replay.ts'
import type { SceneFrame, SceneTruth } from '#schemas/scene-truth.ts'
import { createTestContext } from '#sdk/testing.ts'
import { ObservationWriter } from '../../../../../services/agents/video/recordings/observations/observation-writer.ts'
import { RecordingService } from '../../../../../services/agents/video/recordings/service/recording-service.ts'
import type { RecordingStore } from '../../../../../services/agents/video/recordings/store/recording-store.ts'
import { createRandom } from '../../../../../services/agents/video/scenes/random.ts'
import { findScenario } from '../../../../../services/agents/video/scenes/scenarios/catalogue.ts'
import { createScenarioRenderer } from '../../../../../services/agents/video/scenes/scenarios/scenario-renderer.ts'
import { NEW_MONITOR } from '../../../../../services/agents/video/tracking/monitor/monitor-state.ts'
import {
  monitorSetup,
  stepMonitor,
} from '../../../../../services/agents/video/tracking/monitor/step-monitor.ts'
import { createReplayAgent } from '../../../../../services/agents/video/tracking/replay/agent.ts'
import { openBus } from '../../../../support/bus.ts'
import { withServers } from '../../../../support/servers.ts'
import { openStore, temporaryFolder } from '../../recordings/open-store.ts'
import { START_MS } from '../tracking-fixtures.ts'

const servers = await withServers(t)

function truthOf(name: string): SceneTruth {
  const renderer = createScenarioRenderer(findScenario(name)!, { seed: 5, width: 320, height: 180, fps: 10 })
  return renderer.groundTruth(Array.from({ length: renderer.frameCount }, (_, i) => renderer.measureFrame(i)))
}

/** Boxes to many digits, with noise: what is read back has to be the same number. */
function detect({ boxes }: SceneFrame, { width, height }: SceneTruth, chance: () => number): Detection[] {
  return boxes.flatMap(({ class: objectClass, box: [left, top, right, bottom], visibility }) => {
    if (visibility < 0.4 || chance() < 0.1) return []
    const at = (value: number, size: number) =>
      Math.min(1, Math.max(0, value / size + (chance() - 0.5) / 300))
    const box: Detection['box'] = [at(left, width), at(top, height), at(right, width), at(bottom, height)]
    return [
      {
        class: objectClass,
        label: objectClass === 'person' ? 'person' : 'car',
        score: 0.5 + chance() / 2,
        box,
      },
    ]
  })
}

function detectionsOf(truth: SceneTruth, monitor: string): Detections[] {
  const random = createRandom(11)
  return truth.frames.map((frame) => ({
    ...{ v: 1, camera: 'scene', monitor, epoch: 1, seq: frame.index + 1, pace: 'live' },
    ...{ capturedAtMs: START_MS + frame.atMs, atMs: START_MS + frame.atMs, mediaMs: frame.atMs },
    ...{ model: 'truth', detector: 'd1', skipped: 0, inferMs: 3.25 },
    detections: detect(frame, truth, random.next),
  }))
}

/** What the tracker raises live; each frame is kept as capture keeps it. Every 37th comes too late for it. */
function live(truth: SceneTruth, monitor: string, writer: ObservationWriter): CameraEvent[] {
  const { zones, lines, rules } = truth
  const input = trackingInputSchema.parse({ camera: 'scene', zones, lines, rules })
  const setup = monitorSetup(input, { monitor, tenant: 'default', minScore: 0.35 })
  let state = NEW_MONITOR
  const events: CameraEvent[] = []
  for (const seen of detectionsOf(truth, monitor)) {
    writer.detections(seen)
    if (seen.seq % 37 === 0) continue
    const step = stepMonitor(setup, state, seen, seen.capturedAtMs)
    state = step.state
    events.push(...step.events)
    if (step.tracks) writer.tracks(step.tracks)
  }
  return events
}

function writerTo(t: Test, store: RecordingStore): ObservationWriter {
  const files = store.cameraFor('default', 'scene')
  return new ObservationWriter({
    ...{ files, clock: systemClock, line: store.line, minScore: () => 0.35 },
    onFailure: (error) => t.fail(String(error)),
  })
}

const SPAN = { camera: 'scene', fromMs: START_MS - 1000, toMs: START_MS + 600_000 }

for (const name of ['yard', 'crossing', 'crowd', 'loiterer'])
  t.test(`${name}: the past raises what it raised live, to the last digit`, async (t) => {
    const [bus, other] = await Promise.all([openBus(t, servers.natsUrl), openBus(t, servers.natsUrl)])
    const store = await openStore(t, { folder: await temporaryFolder(t) })
    const service = new RecordingService({ bus, store, clock: systemClock, states: new Map() })
    service.start()
    t.teardown(() => service.stop())
    const truth = truthOf(name)
    const writer = writerTo(t, store)
    const raised = live(truth, `m-${name}`, writer)
    await writer.close()
    await bus.flush()
    const { zones, lines, rules } = truth
    const agent = createReplayAgent({ bus: other, clock: systemClock })
    const replay = async (tenant: string, more: object = {}) => {
      const input = rulesReplayInputSchema.parse({ ...SPAN, zones, lines, rules, ...more })
      const outcome = await agent.handle(input, createTestContext({ taskId: 't1', tenant }))
      if (outcome.kind !== 'done') throw new Error(outcome.kind)
      return outcome.output as RulesReplay
    }
    const result = await replay('default')
    t.ok(raised.length > 0)
    t.strictSame(
      result.events.map(({ isAlert: _isAlert, ...event }) => event),
      raised,
    )
    t.match(result, { frames: truth.frames.length, late: Math.floor(truth.frames.length / 37), isCut: false })
    // Rules that were not there then.
    const person = { id: 'anywhere', kind: 'crowd', minCount: 2, holdMs: 0, classes: ['person', 'vehicle'] }
    const other2 = await replay('default', { zones: [], lines: [], rules: [person] })
    t.strictSame(Object.keys(other2.byRule), ['anywhere'])
    const half = await replay('default', { fromMs: START_MS + truth.frames.at(-1)!.atMs / 2 })
    const middleMs = START_MS + truth.frames.at(-1)!.atMs / 2
    t.strictSame(
      half.events.map(({ id }) => id),
      raised.filter(({ atMs }) => atMs >= middleMs).map(({ id }) => id),
      'what was before is looked at, and not told',
    )
    t.match(
      await replay('acme'),
      { frames: 0, events: [], monitors: [] },
      'of another tenant nothing is seen',
    )
    t.comment(`${name}: ${result.frames} frames in ${result.tookMs} ms, ${result.timesRealTime} x`)
  })
