import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { type Detections, type DetectorInfo, detectionsSchema } from '#schemas/detection.ts'
import { awaitModel, type ModelNeed } from '../../../../services/agents/video/capture/await-model.ts'
import { encodeFrame } from '../../../../services/agents/video/frames/frame-message.ts'
import { systemClock } from '../../../../services/platform/clock/clock.ts'
import { SERVICES } from '../../../../subjects/operations.ts'
import { SUBJECTS } from '../../../../subjects/subjects.ts'
import { openBus } from '../../../support/bus.ts'
import { writeCellModel } from '../../../support/onnx-file.ts'
import { provideQueues } from '../../../support/queues.ts'
import { withServers } from '../../../support/servers.ts'
import { serverEnv, startService } from '../../../support/services.ts'
import { until } from '../../../support/until.ts'
import { frame } from './detection-fixtures.ts'

const root = join(import.meta.dirname, '../../../..')
const MAIN = 'services/agents/video/detection/main.ts'
const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
await provideQueues(t, bus)
const decoder = new TextDecoder()

t.test("the process: a model of one's own, frames in, detections out, and an end in order", async (t) => {
  const model = writeCellModel(t)
  const manifest = { name: 'model', head: 'yolox-raw', classes: ['person', 'car'], scoreThreshold: 0.4 }
  writeFileSync(join(dirname(model), 'model.json'), JSON.stringify(manifest))
  const child = await startService(t, servers, MAIN, { MURMUR_MODEL: model, MURMUR_DETECTION_SESSIONS: '2' })
  const info = (await bus.request(SERVICES.detectionInfo, {}, { timeoutMs: 5000 })) as DetectorInfo
  t.match(info, { model: 'model', classes: ['person', 'vehicle'], minScore: 0.4 })
  const seen: Detections[] = []
  bus.subscribe(SUBJECTS.detections('default', 'yard'), ({ data }) =>
    seen.push(detectionsSchema.parse(JSON.parse(decoder.decode(data)))),
  )
  const [size] = info.inputs
  // All white: every cell has somebody.
  const white = frame({ ...size!, contentWidth: size!.width, contentHeight: size!.height })
  white.planes.fill(255)
  for (let seq = 1; seq <= 5; seq++) {
    bus.publishCore(
      SUBJECTS.frames('default', 'yard'),
      encodeFrame({ ...white, header: { ...white.header, seq } }),
    )
    await until(`frame ${seq} came back`, () => seen.at(-1)?.seq === seq)
  }
  t.ok(
    seen.every(
      ({ detections, inferMs, model }) => detections.length === 169 && inferMs > 0 && model === 'model',
    ),
  )
  if (existsSync('/proc/self/task')) {
    const tasks = `/proc/${child.pid}/task`
    const nice = readdirSync(tasks).map((task) => niceness(readFileSync(`${tasks}/${task}/stat`, 'utf8')))
    t.ok(nice.filter((value) => value === 19).length >= 3, 'the process and both networks give way to tasks')
  }
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  t.equal(await gone, 0)
})

t.test(
  'without a setting: the starter looks at scenes, and at real video only when it is named; none stands in for another',
  async (t) => {
    const home = t.testdir()
    const child = await startService(t, servers, MAIN, {
      ...{ MURMUR_MODEL: '', MURMUR_MODEL_PULL: 'no', MURMUR_HOME: home, MURMUR_DETECTION_SESSIONS: '1' },
    })
    const signal = AbortSignal.timeout(60_000)
    const need = (of: ModelNeed) => awaitModel(of, { bus, clock: systemClock, signal }, () => undefined)
    const real: ModelNeed = { source: { kind: 'url', url: 'rtsp://192.0.2.1/x' } }
    await t.rejects(need(real), {
      code: 'MODEL_MISSING',
      message: /yolox-nano is not here.*1\. .*2\. .*3\. /,
    })
    const scene = await need({ source: { kind: 'scene', scenario: 'yard', seed: 1 } })
    t.match(scene, { info: { model: 'starter' }, isNamed: true })
    t.match(await need({ ...real, model: 'starter' }), { warning: /starter was trained on drawn pictures/ })
    const seen: Detections[] = []
    t.teardown(
      bus.subscribe(SUBJECTS.detections('default', 'gate'), ({ data }) =>
        seen.push(detectionsSchema.parse(JSON.parse(decoder.decode(data)))),
      ),
    )
    const { width, height } = scene.info.inputs[0]!
    const about = { camera: 'gate', width, height, contentWidth: width, contentHeight: height }
    const message = encodeFrame(frame({ ...about, model: 'starter', origin: 'real' }))
    bus.publishCore(SUBJECTS.framesOfModel('default', 'gate', 'starter'), message)
    await until('the frame came back', () => seen.length === 1)
    t.match(seen[0], { model: 'starter', modelWarning: /drawn pictures/ })
    child.kill('SIGTERM')
  },
)

t.test('a model that can not be used ends the start, and says why', async (t) => {
  const model = writeCellModel(t)
  writeFileSync(model, '<!doctype html><title>404: there is no such release</title>'.repeat(3))
  const manifest = { name: 'model', head: 'yolox-raw', classes: ['person', 'car'], scoreThreshold: 0.4 }
  writeFileSync(join(dirname(model), 'model.json'), JSON.stringify(manifest))
  const env = { ...process.env, ...serverEnv(servers), MURMUR_MODEL: model }
  const ended = await promisify(execFile)(process.execPath, [MAIN], { cwd: root, env }).catch(
    (error: { code: number; stderr: string }) => error,
  )
  t.match(ended, { code: 1, stderr: /it is a text .*404.*no ONNX file/ })
  t.match(ended.stderr, /MODEL_UNUSABLE/)
})

/** The nineteenth field; the second, a name in brackets, may have spaces. */
function niceness(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])
}
