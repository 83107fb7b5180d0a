import t, { type Test } from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { ModelManifest } from '#schemas/detection.ts'
import {
  awaitModel,
  lookForModel,
  type ModelNeed,
} from '../../../../services/agents/video/capture/await-model.ts'
import type { Detector } from '../../../../services/agents/video/detection/detector.ts'
import {
  ModelServer,
  type ModelServerDeps,
} from '../../../../services/agents/video/detection/model-server.ts'
import type { ModelSource, ModelSources } from '../../../../services/agents/video/models/model-source.ts'
import { systemClock } from '../../../../services/platform/clock/clock.ts'
import { SERVICES } from '../../../../subjects/operations.ts'
import { openBus } from '../../../support/bus.ts'
import { withServers } from '../../../support/servers.ts'

const servers = await withServers(t)
const REAL: ModelNeed = { source: { kind: 'url', url: 'rtsp://192.0.2.1/x' }, model: undefined }
const SCENE: ModelNeed = { source: { kind: 'scene', scenario: 'yard', seed: 1 }, model: undefined }

t.test('each kind of source gets its model, made ready when it is first needed', async (t) => {
  const { server, opened, need, bus } = await setUp(t)
  await server.start()
  t.match(await server.offers(), [
    { name: 'nano', state: 'fetchable', takenFor: ['real'] },
    { name: 'starter', state: 'here', takenFor: ['scene'], domain: 'rendered' },
  ])
  t.strictSame(opened, [], 'nothing was needed yet')
  const scene = await need(SCENE)
  t.match(scene, { info: { model: 'starter' }, isNamed: true, warning: undefined })
  t.strictSame(opened, ['/here/starter takes its own'])
  t.match(await need(REAL), { info: { model: 'nano' }, warning: undefined })
  t.strictSame(opened.at(-1), '/fetched/nano takes what names none, too')
  const warned = await need({ ...REAL, model: 'starter' })
  t.match(warned.warning, /starter was trained on drawn pictures/)
  t.equal(opened.length, 2, 'each is opened once')
  t.match(await bus.request(SERVICES.detectionInfo, {}, { timeoutMs: 2000 }), { model: 'nano' })
  t.match(await bus.request(SERVICES.detectionModels, {}, { timeoutMs: 2000 }), {
    instance: 'd1',
    models: [{ state: 'ready' }, { state: 'ready' }],
  })
})

t.test('who waits is told how far the download is', async (t) => {
  const { server, release, need } = await setUp(t, { slow: true })
  await server.start()
  const notes: string[] = []
  const needed = need(REAL, (note) => {
    notes.push(note)
    if (/50 % of/.test(note)) release()
  })
  t.match(await needed, { info: { model: 'nano' } })
  t.match(notes.at(-1), /waiting for the model: fetching nano: 50 % of 3\.8 MiB/)
})

t.test('where none can be had real video is refused with three ways, and scenes go on', async (t) => {
  const { server, need, bus, files } = await setUp(t, { mayPull: false })
  await server.start()
  await t.rejects(need(REAL), {
    code: 'MODEL_MISSING',
    message:
      /nano is not here, and MURMUR_MODEL_PULL=no forbids .*1\. .*pull nano.*2\. put .*3\. .*MURMUR_MODEL=FILE/,
  })
  t.match(await need(SCENE), { info: { model: 'starter' } })
  await t.rejects(bus.request(SERVICES.detectionInfo, {}, { timeoutMs: 2000 }), { code: 'MODEL_MISSING' })
  t.match((await server.offers())[0], { name: 'nano', state: 'missing', note: /Three ways/ })
  files.add('nano')
  await t.rejects(lookForModel(REAL, { bus }), { code: 'MODEL_MISSING' }, 'it was looked for just now')
})

t.test(
  'what comes in its place, or half of it, is no model: the same three ways, and it is tried again',
  async (t) => {
    let nowMs = 0
    const clock = { monotonicMs: () => nowMs }
    const fetchFault = new MurmurError('MODEL_UNUSABLE', 'what came for nano is not that model: 12 bytes')
    const about: Setting = { clock, fetchFault }
    const { server, need } = await setUp(t, about)
    await server.start()
    const refused = { code: 'MODEL_MISSING', message: /12 bytes.*Three ways.*1\. .*2\. .*3\. / }
    await t.rejects(need(REAL), refused)
    about.fetchFault = undefined
    nowMs = 6000
    t.match(await need(REAL), { info: { model: 'nano' } })
    await server.stop()
    const chosen = await setUp(t, { chosen: 'nano', fetchFault })
    await chosen.server.start()
    await t.rejects(
      lookForModel(REAL, { bus: chosen.bus }),
      refused,
      'a detector that chose it is there all the same',
    )
  },
)

t.test('once the file is there it is found without a new start', async (t) => {
  let nowMs = 0
  const clock = { monotonicMs: () => nowMs }
  const { server, need, files } = await setUp(t, { mayPull: false, clock })
  await server.start()
  await t.rejects(need(REAL), { code: 'MODEL_MISSING' })
  files.add('nano')
  nowMs = 6000
  t.match(await need(REAL), { info: { model: 'nano' } })
})

t.test('detectors of several models beside each other: who names one gets that one', async (t) => {
  const first = await setUp(t)
  const second = await setUp(t, { names: ['large'], real: 'large' })
  await first.server.start()
  await second.server.start()
  const named = (model: string) => first.need({ ...REAL, model })
  t.match(await named('large'), { info: { model: 'large' } })
  t.match(await named('nano'), { info: { model: 'nano' } })
})

t.test(
  'a model that nobody knows is waited for, in case its detector starts again, and then refused',
  async (t) => {
    const { server, bus } = await setUp(t)
    await server.start()
    t.match(await lookForModel({ ...REAL, model: 'own.v2' }, { bus }), {
      nobody: 'no detector here knows the model own.v2; there are nano, starter',
    })
    let nowMs = 0
    const clock = {
      ...systemClock,
      monotonicMs: () => nowMs,
      sleep: async (ms: number) => {
        nowMs += ms
      },
    }
    const notes = new Set<string>()
    const signal = new AbortController().signal
    const waiting = awaitModel({ ...REAL, model: 'own.v2' }, { bus, clock, signal }, (why) => notes.add(why))
    await t.rejects(waiting, { code: 'MODEL_MISSING', message: /nobody|no detector here knows/ })
    t.equal(nowMs, 10_000)
    t.equal(notes.size, 1)
  },
)

t.test('detectors of a release before: their one model, but the starter on no real video', async (t) => {
  const bus = await openBus(t, servers.natsUrl)
  let model = 'yolox-nano'
  const inputs = [{ width: 64, height: 64 }]
  const info = () => ({ model, provider: 'cpu', classes: ['person'], inputs, minScore: 0.3 })
  t.teardown(bus.serve('detectionInfo', info))
  await bus.flush()
  t.match(await lookForModel(REAL, { bus }), { info: { model }, isNamed: false })
  model = 'starter'
  t.match(await lookForModel(SCENE, { bus }), { info: { model }, isNamed: false })
  t.match(await lookForModel(REAL, { bus }), { nobody: /run starter alone/ })
})

t.test('a model that somebody chose is opened at the start, and ends it when it is none', async (t) => {
  const chosen = await setUp(t, { chosen: 'starter' })
  await chosen.server.start()
  t.match(await chosen.need(REAL), { info: { model: 'starter' }, warning: /drawn pictures/ })
  const broken = await setUp(t, {
    chosen: 'starter',
    fault: new MurmurError('MODEL_UNUSABLE', 'a text, no model'),
  })
  await t.rejects(broken.server.start(), { code: 'MODEL_UNUSABLE', message: 'a text, no model' })
})

interface Setting extends Partial<Pick<ModelServerDeps, 'mayPull' | 'clock'>> {
  names?: string[]
  real?: string
  chosen?: string
  slow?: boolean
  fault?: Error
  fetchFault?: Error | undefined
}

/** A detector whose models are only names. */
async function setUp(t: Test, about: Setting = {}) {
  const bus = await openBus(t, servers.natsUrl)
  const opened: string[] = []
  const files = new Set(['starter'])
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const sourceOf = (name: string): ModelSource => ({
    manifest: manifestOf(name),
    locate: async () => (files.has(name) ? `/here/${name}` : undefined),
    ...(name !== 'starter' && {
      release: { url: `https://models.example.org/${name}.onnx`, file: `/home/models/${name}.onnx` },
      async fetch({ onProgress }) {
        onProgress?.(2_000_000, 4_000_000)
        if (about.slow) await released
        if (about.fetchFault) throw about.fetchFault
        return `/fetched/${name}`
      },
    }),
  })
  const names = about.names ?? ['nano', 'starter']
  const { chosen } = about
  const sources: ModelSources = {
    byName: new Map(names.map((name) => [name, sourceOf(name)])),
    chosen,
    real: async () => chosen ?? about.real ?? 'nano',
    scene: async () => chosen ?? (names.includes('starter') ? 'starter' : names[0]!),
  }
  const server = new ModelServer({
    sources,
    instance: 'd1',
    mayPull: about.mayPull ?? true,
    open: async (file, { manifest }) => {
      if (about.fault) throw about.fault
      opened.push(file)
      return { info: infoOf(manifest.name) } as Detector
    },
    run: async (_detector, _source, { takesUnnamed }) => {
      opened.push(`${opened.pop()} takes ${takesUnnamed ? 'what names none, too' : 'its own'}`)
      return { quiesce: async () => {}, stop: async () => {} }
    },
    bus,
    clock: about.clock ?? systemClock,
    log: { info() {}, warn() {} } as never,
  })
  t.teardown(() => server.stop())
  const signal = new AbortController().signal
  const need = async (of: ModelNeed, onWaiting: (why: string) => void = () => {}) => {
    await bus.flush()
    return awaitModel(of, { bus, clock: systemClock, signal }, onWaiting)
  }
  return { server, bus, opened, files, need, release: () => release() }
}

function manifestOf(name: string): ModelManifest {
  const domain = name === 'starter' ? 'rendered' : 'photographs'
  return {
    ...{ name, head: 'yolox-raw', classes: ['person'], scoreThreshold: 0.3 },
    card: { trainedOn: 'pictures', domain, measured: [], cannotSee: [] },
  }
}

function infoOf(model: string) {
  return { model, provider: 'cpu', classes: ['person'], inputs: [{ width: 64, height: 64 }], minScore: 0.3 }
}
