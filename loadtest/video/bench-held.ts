import { basename, join } from 'node:path'
import type { LocalServers } from '../../deploy/local/servers/start-servers.ts'
import { QUIET_PLACES } from '../../services/agents/video/scenes/scenarios/quiet-places.ts'
import { round } from '../bench/measure.ts'
import { againstTruth, followGated, lookAtScene, lookWith } from './gated-run.ts'
import { asset, STARTER } from './material.ts'
import { findHeld, type Held, uploadMixed } from './measure-held.ts'
import { type MixedClip, realClips, renderedClips } from './mixed-clips.ts'
import { openDetector } from './open-detector.ts'
import { startVideoProduct } from './video-product.ts'

/** Cameras count as held when so much of what they showed was looked at or did not change, and looks are no older than that. */
const LIMITS = { share: 0.99, p95Ms: 300 }
/** Unless asked for another. */
const FPS = 10

export interface BenchHeldOptions {
  servers: LocalServers
  ffmpeg: string
  /** Where clips are, or are made. */
  folder: string
  /** Numbers of cameras that are tried. */
  numbers: readonly number[]
  /** The same with the gate; unless given, those from what was held without it. */
  motionNumbers?: readonly number[]
  seconds: number
  /** Frames a second of each camera; 10 unless given. */
  fps?: number
  /** `starter`, `yolox-nano`; all that are here unless given. */
  models?: readonly string[]
  /** Quiet scenes whose truth is compared; all of them unless given. */
  scenes?: readonly string[]
  say: (line: string) => void
}

interface Site {
  name: string
  model: string
  clips: readonly MixedClip[]
}

/**
 * How many cameras of a mixed site are held with every frame looked at and with those in which something moves, in turn, with each model on
 * what it is for; and what gating costs in events of the truth.
 */
export async function benchHeld(options: BenchHeldOptions) {
  const { say } = options
  const sites = await sitesOf(options)
  const results = []
  for (const site of sites) results.push(await measureSite(options, site))
  const truth = await compareTruth(options)
  const missed = truth.filter(({ missedByGating }) => missedByGating.length > 0)
  if (truth.length > 0)
    say(
      `${truth.length} rendered scenes against their truth: ${missed.length === 0 ? 'no event missed by gating' : `missed in ${missed.map(({ scene }) => scene).join(', ')}`}`,
    )
  return { limits: LIMITS, sites: results, truth }
}

async function sitesOf({ ffmpeg, folder, models, say }: BenchHeldOptions): Promise<Site[]> {
  const isWanted = (name: string) => models === undefined || models.includes(name)
  const sites: Site[] = []
  if (isWanted('starter'))
    sites.push({ name: 'starter', model: STARTER, clips: await renderedClips(join(folder, 'rendered')) })
  // Open sides where there is such a one: what the product gives a camera of 16:9 is smaller then.
  const nano = asset('models/yolox_nano_dynamic.onnx') ?? asset('models/yolox_nano.onnx')
  const real = isWanted('yolox-nano') && nano ? await realClips(ffmpeg, join(folder, 'real')) : undefined
  if (nano && real) sites.push({ name: 'yolox-nano', model: nano, clips: real })
  else if (isWanted('yolox-nano'))
    say('yolox-nano and real clips are not here (MURMUR_ASSETS): only rendered scenes are measured')
  return sites
}

async function measureSite(
  { servers, ffmpeg, numbers, motionNumbers, seconds, fps = FPS, say }: BenchHeldOptions,
  { name, model, clips }: Site,
) {
  const product = await startVideoProduct(servers, {
    processes: ['orchestrator', 'video', 'detection'],
    // What a machine holds is found out, not what it takes by default.
    env: { MURMUR_MODEL: model, MURMUR_FFMPEG: ffmpeg, MURMUR_CAPTURE_CAMERAS: '64' },
  })
  try {
    say(`model ${basename(model)} on ${product.detector.provider}: a mixed site at ${fps} frames a second`)
    const blobs = await uploadMixed(product, clips)
    const about = { seconds, fps, limits: LIMITS, say: (run: Held) => say(lineOf(run)) }
    const every = await findHeld(product, blobs, { ...about, numbers, analyse: 'every' })
    // What is held without the gate is held with it.
    const more = motionNumbers ?? numbers.filter((cameras) => cameras >= every.held)
    const motion = await findHeld(product, blobs, { ...about, numbers: more, analyse: 'motion' })
    const ratio = every.held === 0 ? undefined : round(motion.held / every.held, 2)
    say(
      `${name}: ${motion.held} cameras held by motion, ${every.held} with every frame: ${ratio ?? '–'} times`,
    )
    return { name, model: basename(model), fps, everyFrame: every, byMotion: motion, ratio }
  } finally {
    await product.stop()
  }
}

function lineOf(run: Held): string {
  const how = run.analyse === 'every' ? 'every frame' : 'by motion'
  const frames = `${run.analysed} analysed, ${run.gated} gated, ${run.dropped} dropped`
  return `${run.cameras} cameras, ${how}: ${round(100 * run.share, 2)} % covered (${frames}), p95 of a look ${run.frameP95Ms} ms, of ${run.alerts} alerts ${run.alertP95Ms} ms`
}

/** Rendered scenes in which little moves, through the gate, the starter, the tracker and the rules, against what really happened in them. */
async function compareTruth({ say, scenes }: BenchHeldOptions) {
  const detector = await openDetector(STARTER)
  const results = []
  for (const { name: scene } of QUIET_PLACES.filter(({ name }) => scenes?.includes(name) ?? true)) {
    const { setup, frames, truth } = await lookAtScene(
      { scenario: scene, seed: 1, fps: FPS, width: detector.info.inputs[0]!.width },
      { look: lookWith(detector), minScore: detector.info.minScore },
    )
    const every = againstTruth(truth, followGated(setup, frames, { analyse: 'every' }).events)
    const run = followGated(setup, frames, { analyse: 'motion' })
    const motion = againstTruth(truth, run.events)
    const looked = round(run.looked / frames.length, 2)
    say(
      `${scene}: ${round(100 * looked)} % of ${frames.length} frames looked at; of ${truth.events.length} events ${every.missed.length} missed with every frame, ${motion.missed.length} by motion; false ${every.more.length} and ${motion.more.length}`,
    )
    const missedByGating = motion.missed.filter((event) => !every.missed.includes(event))
    results.push({ scene, looked, events: truth.events.length, every, motion, missedByGating })
  }
  await detector.close()
  return results
}
