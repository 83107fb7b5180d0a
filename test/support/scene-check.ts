import { setImmediate } from 'node:timers/promises'
import type { Test } from 'tap'
import type { VideoProduct } from '../../loadtest/video/video-product.ts'
import type { AlertCloudEvent } from '../../schemas/alert.ts'
import type { SceneFrame, SceneTruth } from '../../schemas/scene-truth.ts'
import { findScenario } from '../../services/agents/video/scenes/scenarios/catalogue.ts'
import {
  createScenarioRenderer,
  type ScenarioRenderer,
} from '../../services/agents/video/scenes/scenarios/scenario-renderer.ts'
import { SUBJECTS } from '../../subjects/subjects.ts'

const TIMEOUT_MS = 1000
const SUMMARY_TIMEOUT_MS = 600_000
/** The pictures that capture asks for, so that the truth is that of their size. */
const PICTURES = { width: 960, height: 540, fps: 10 }
const decoder = new TextDecoder()

/**
 * A rendered scene through ffmpeg, NATS, the network, tracking and rules to alerts, against the truth that the renderer knows
 * about its pictures: every event is an alert, once, within a second, as severe as its rule says, and nothing else is.
 */
export async function checkScene(
  t: Test,
  product: VideoProduct,
  { scenario, seed, analyse = 'every' }: { scenario: string; seed: number; analyse?: 'every' | 'motion' },
): Promise<void> {
  const renderer = createScenarioRenderer(findScenario(scenario)!, { ...PICTURES, seed })
  const camera = `${scenario}-${seed}-${analyse}`
  const published: AlertCloudEvent[] = []
  const end = product.bus.subscribe(SUBJECTS.alertsOfCamera('default', camera), ({ data }) =>
    published.push(JSON.parse(decoder.decode(data))),
  )
  const zones = [...renderer.watch.zones]
  const lines = [...renderer.watch.lines]
  const rules = [...renderer.watch.rules]
  const source = { kind: 'scene', scenario, seed } as const
  const id = await product.monitor({ source, camera, pace: 'complete', analyse, zones, lines, rules })
  const truth = await truthOf(renderer)
  const summary = await product.summaryOf(id, SUMMARY_TIMEOUT_MS)
  end()
  t.equal(summary.frames.decoded, truth.frames.length, 'every frame came out of the decoder')
  const { analysed, gated = 0 } = summary.frames
  t.equal(analysed + gated, truth.frames.length, 'and was looked at, or nothing moved in it')
  if (analyse === 'every') t.equal(gated, 0)
  else t.comment(`${gated} of ${truth.frames.length} frames were not looked at`)
  for (const event of truth.events) {
    const found = summary.alerts.filter(
      (alert) => alert.rule.id === event.rule && Math.abs(alert.mediaMs - event.atMs) <= TIMEOUT_MS,
    )
    const times = found.map(({ mediaMs }) => `${Math.round(mediaMs)} ms`).join(', ') || 'no alert'
    t.equal(found.length, 1, `${event.kind} at ${Math.round(event.atMs)} ms: ${times}`)
    const rule = rules.find((one) => one.id === event.rule)
    t.equal(found[0]?.severity, rule?.severity, 'as severe as its rule says')
    t.equal(found[0]?.direction, event.direction)
    t.ok(found[0]?.snapshot, 'with a picture')
  }
  t.equal(
    summary.alerts.length,
    truth.events.length,
    `no other alert: ${summary.alerts.map(({ rule, mediaMs }) => `${rule.id} at ${Math.round(mediaMs)} ms`).join(', ')}`,
  )
  t.strictSame(
    published.map((event) => event.data.id).toSorted(),
    summary.alerts.map((alert) => alert.id).toSorted(),
    'each was published once',
  )
}

/** Frame by frame, so that this process goes on hearing of alerts meanwhile. */
async function truthOf(renderer: ScenarioRenderer): Promise<SceneTruth> {
  const frames: SceneFrame[] = []
  for (let index = 0; index < renderer.frameCount; index++) {
    frames.push(renderer.measureFrame(index))
    await setImmediate()
  }
  return renderer.groundTruth(frames)
}
