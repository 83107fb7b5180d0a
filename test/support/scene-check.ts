import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import type { VideoProduct } from '../../loadtest/video/video-product.ts'
import type { AlertCloudEvent } from '../../schemas/alert.ts'
import { type SceneTruth, sceneTruthSchema } from '../../schemas/scene-truth.ts'
import { SUBJECTS } from '../../subjects/subjects.ts'

const TIMEOUT_MS = 1000
const SUMMARY_TIMEOUT_MS = 180_000
const SCENES = join(import.meta.dirname, '../../services/agents/video/scenes/main.ts')
const decoder = new TextDecoder()

/**
 * A rendered scene through ffmpeg, NATS, the network, tracking and rules to alerts, against the truth that the renderer writes
 * beside its pictures: every event is an alert, once, within a second, as severe as its rule says, and nothing else is.
 */
export async function checkScene(
  t: Test,
  product: VideoProduct,
  { scenario, seed }: { scenario: string; seed: number },
): Promise<void> {
  const truth = await truthOf(t, scenario, seed)
  const camera = `${scenario}-${seed}`
  const published: AlertCloudEvent[] = []
  const end = product.bus.subscribe(SUBJECTS.alertsOfCamera(camera), ({ data }) =>
    published.push(JSON.parse(decoder.decode(data))),
  )
  const { zones, lines, rules } = truth
  const source = { kind: 'scene', scenario, seed } as const
  const id = await product.monitor({ source, camera, pace: 'complete', zones, lines, rules })
  const summary = await product.summaryOf(id, SUMMARY_TIMEOUT_MS)
  end()
  t.equal(summary.frames.decoded, truth.frames.length, 'every frame came out of the decoder')
  t.equal(summary.frames.analysed, truth.frames.length, 'and was looked at')
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

async function truthOf(t: Test, scenario: string, seed: number): Promise<SceneTruth> {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-truth-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const truth = join(folder, 'truth.json')
  const args = [SCENES, 'pipe', scenario, '--seed', String(seed), '--truth', truth]
  // The same pictures as the capture's, so that the truth is that of its size.
  await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 31 - 1, encoding: 'buffer' })
  return sceneTruthSchema.parse(JSON.parse(readFileSync(truth, 'utf8')))
}
