import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { resolveFfmpeg } from '../deploy/local/servers/resolve-ffmpeg.ts'
import { startServers } from '../deploy/local/servers/start-servers.ts'
import { round } from './bench/measure.ts'
import { runOpenLoop } from './bench/product.ts'
import { runBareLoop } from './video/bare-loop.ts'
import { benchHeld } from './video/bench-held.ts'
import { chooseClip, chooseModel } from './video/material.ts'
import { measureTracking } from './video/measure-tracking.ts'
import { measureAlertLatency, measureOverload, measureThroughput } from './video/measure-video.ts'
import { startVideoProduct, type VideoProduct } from './video/video-product.ts'

/**
 * `npm run bench:video`: the whole pipeline over NATS beside ffmpeg and onnxruntime in one process, on the same clip with the
 * same model, in turn; then how old alerts are; then more cameras than the machine can do. With --json the last line of the
 * output is the result.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    frames: { type: 'string', default: '600' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '30' },
    overload: { type: 'string', default: '60' },
    cameras: { type: 'string', default: '8' },
    /** Numbers of cameras of a mixed site that are tried, one after the other, and for how many seconds each. */
    held: { type: 'string', default: '4,5,6,8,10,12,16,20,24' },
    /** The same with the gate; unless given those of `held` from what was held without it. */
    heldMotion: { type: 'string' },
    /** Frames a second of each of these cameras. */
    heldFps: { type: 'string', default: '10' },
    heldSeconds: { type: 'string', default: '20' },
    /** `starter`, `yolox-nano`; all that are here unless given. And of the quiet scenes these alone, or none: `-`. */
    heldModels: { type: 'string' },
    heldScenes: { type: 'string' },
    /** Where its clips are kept from one run to the next. */
    clips: { type: 'string' },
    /** `held`: only the mixed site. */
    only: { type: 'string' },
    /** A model file, or a name that `murmur models list` shows. */
    model: { type: 'string' },
    clip: { type: 'string' },
  },
})
const TASKS_PER_SECOND = 100
const TRACKED_PEOPLE = 30

const say = (line: string) => process.stderr.write(`${line}\n`)
const dataDir = mkdtempSync(join(tmpdir(), 'murmur-bench-video-'))
const media = await resolveFfmpeg(say)
const model = chooseModel(values.model)
const clipFile = values.clip ?? (values.only === 'held' ? '' : await chooseClip(dataDir))
const servers = await startServers({ dataDir, report: say })
try {
  const about = { model: basename(model), cores: cpus().length }
  const oneAndMany = values.only === 'held' ? {} : await withProduct(measureOneAndMany)
  const held = await benchHeld({
    ...{ servers, ffmpeg: media.ffmpeg, folder: values.clips ?? dataDir, say },
    numbers: values.held.split(',').map(Number),
    ...(values.heldMotion !== undefined && { motionNumbers: values.heldMotion.split(',').map(Number) }),
    seconds: Number(values.heldSeconds),
    fps: Number(values.heldFps),
    ...(values.heldModels !== undefined && { models: values.heldModels.split(',') }),
    ...(values.heldScenes !== undefined && { scenes: values.heldScenes.split(',') }),
  })
  print({ ...oneAndMany, held, ...about })
} finally {
  await servers.stop()
  rmSync(dataDir, { recursive: true, force: true })
}

async function withProduct<Result>(work: (product: VideoProduct) => Promise<Result>) {
  const product = await startVideoProduct(servers, {
    processes: ['orchestrator', 'video', 'detection', 'noop'],
    env: { MURMUR_MODEL: model, MURMUR_FFMPEG: media.ffmpeg },
  })
  try {
    say(`model ${basename(model)} on ${product.detector.provider}, clip ${basename(clipFile)}`)
    return { ...(await work(product)), provider: product.detector.provider }
  } finally {
    await product.stop()
  }
}

/** The pipeline beside a bare loop, one camera, and more cameras than the machine can do, all of them with every frame. */
async function measureOneAndMany(product: VideoProduct) {
  const size = product.detector.inputs[0]!
  const clip = await product.upload(readFileSync(clipFile), basename(clipFile))
  const frames = Number(values.frames)
  const pipeline: number[] = []
  const bare: number[] = []
  let dropped = 0
  // Programs get faster in their first hundreds of frames; what counts is how they go on.
  await measureThroughput(product, clip, 400)
  for (let round_ = 1; round_ <= Number(values.rounds); round_++) {
    const measured = await measureThroughput(product, clip, frames)
    dropped += measured.dropped
    pipeline.push(measured.fps)
    bare.push(await runBareLoop({ ffmpeg: media.ffmpeg, clip: clipFile, model, ...size, frames }))
    say(`round ${round_}: pipeline ${round(pipeline.at(-1)!)} fps, bare loop ${round(bare.at(-1)!)} fps`)
  }
  if (dropped > 0) say(`${dropped} frames of complete runs were dropped`)
  const latency = await measureAlertLatency(product, clip, Number(values.seconds))
  say(`one camera, 10 fps: ${latency.alerts} alerts, p50 ${latency.p50} ms, p95 ${latency.p95} ms`)

  const seconds = Number(values.overload)
  const alone = await runOpenLoop(product, TASKS_PER_SECOND, 15)
  let beside = alone
  const overload = await measureOverload(product, clip, {
    cameras: Number(values.cameras),
    seconds,
    work: async () => {
      beside = await runOpenLoop(product, TASKS_PER_SECOND, Math.max(5, seconds - 15))
    },
  })
  say(
    `${overload.cameras} cameras: p95 ${overload.p95Ms} ms (quarters ${overload.quartersP95Ms.join(', ')}); decoded ${overload.decoded}, analysed ${overload.analysed}, dropped ${overload.dropped}`,
  )
  say(`tasks at ${TASKS_PER_SECOND}/s: p50 ${alone.p50Ms} ms alone, ${beside.p50Ms} ms beside the cameras`)
  const tracking = measureTracking(TRACKED_PEOPLE)
  say(
    `tracker and rules, ${TRACKED_PEOPLE} people: p50 ${round(tracking.p50, 2)} ms a frame, p95 ${round(tracking.p95, 2)} ms`,
  )
  const pipelineFps = round(median(pipeline))
  const bareFps = round(median(bare))
  return {
    pipelineFps,
    bareFps,
    ratio: round(pipelineFps / bareFps, 2),
    trackingMs: { people: TRACKED_PEOPLE, p50: round(tracking.p50, 2), p95: round(tracking.p95, 2) },
    latencyMs: { p50: latency.p50, p95: latency.p95 },
    overload: {
      cameras: overload.cameras,
      p95Ms: overload.p95Ms,
      dropped: overload.dropped,
      quartersP95Ms: overload.quartersP95Ms,
      analysed: overload.analysed,
    },
    tasks: { perSecond: TASKS_PER_SECOND, aloneMs: alone, besideMs: beside },
  }
}

function print(result: object): void {
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, null, 2)}\n`)
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
}
