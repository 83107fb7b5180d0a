import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { missingModelText, modelWarning } from '../../../../services/agents/video/models/missing-model.ts'
import {
  cachedModelFile,
  modelFolder,
  sha256Of,
} from '../../../../services/agents/video/models/model-cache.ts'
import { modelSources } from '../../../../services/agents/video/models/model-source.ts'

const STARTER_BYTES = Buffer.from('the weights of the starter')
const STARTER = {
  name: 'starter',
  head: 'yolox-raw',
  classes: ['person', 'vehicle'],
  scoreThreshold: 0.4,
  bytes: STARTER_BYTES.length,
  sha256: sha256Of(STARTER_BYTES),
  card: { trainedOn: 'renders', domain: 'rendered' },
}

t.test(
  'without a wish the source decides: the starter for scenes, a released model for real video',
  async (t) => {
    const { options, starterFile } = setUp(t)
    const sources = await modelSources(options)
    t.equal(await sources.scene(), 'starter')
    t.equal(await sources.real(), 'yolox-nano')
    t.equal(sources.chosen, undefined)
    t.equal(await sources.byName.get('starter')!.locate(), starterFile)
    t.equal(await sources.byName.get('yolox-nano')!.locate(), undefined, 'it has to be fetched')
    t.strictSame([...sources.byName.keys()], ['yolox-nano', 'yolox-tiny', 'yolox-s', 'starter'])
  },
)

t.test('where the starter was left out, scenes are looked at by what real video is', async (t) => {
  const { options } = setUp(t)
  const sources = await modelSources({ ...options, starter: '/nowhere/manifest.json' })
  t.equal(await sources.scene(), 'yolox-nano')
  t.notOk(sources.byName.has('starter'))
})

t.test('what somebody has named is taken for everything, the starter too', async (t) => {
  const { options, home } = setUp(t)
  for (const wanted of ['starter', 'yolox-s']) {
    const sources = await modelSources({ ...options, wanted })
    t.strictSame([await sources.real(), await sources.scene(), sources.chosen], [wanted, wanted, wanted])
  }
  const file = join(home, 'yard.onnx')
  writeFileSync(file, 'weights')
  const yard = { name: 'yard', head: 'detr', classes: ['person'], scoreThreshold: 0.5 }
  writeFileSync(join(home, 'yard.json'), JSON.stringify(yard))
  const sources = await modelSources({ ...options, wanted: file })
  t.strictSame([await sources.real(), await sources.byName.get('yard')!.locate()], ['yard', file])
  await t.rejects(modelSources({ ...options, wanted: 'yolox' }), {
    code: 'MODEL_UNUSABLE',
    message: /no model "yolox"/,
  })
})

t.test('a file in its place that is another one is as good as not there, and is told', async (t) => {
  const { options, home } = setUp(t)
  mkdirSync(modelFolder(home), { recursive: true })
  const file = cachedModelFile(home, 'yolox-nano')
  writeFileSync(file, Buffer.alloc(3_659_407))
  const nano = (await modelSources(options)).byName.get('yolox-nano')!
  t.equal(await nano.locate(), undefined)
  t.match(missingModelText(nano, 'no network'), `and ${file} is another file than the released one`)
})

t.test('whoever has no model is told three ways to get one', async (t) => {
  const { options, home } = setUp(t)
  const text = missingModelText((await modelSources(options)).byName.get('yolox-nano')!, 'no network')
  t.match(text, /yolox-nano is not here, and no network/)
  t.match(text, /1\. `murmur models pull yolox-nano`/)
  t.match(
    text,
    `2. put https://github.com/Megvii-BaseDetection/YOLOX/releases/download/0.1.1rc0/yolox_nano.onnx there as ${cachedModelFile(home, 'yolox-nano')}`,
  )
  t.match(text, /3\. start detectors with MURMUR_MODEL=FILE\.onnx/)
})

t.test('fetching is that of the release; what is damaged is told and not run', async (t) => {
  const { options, starterFile } = setUp(t)
  const pull = async ({ name }: { name: string }) => `/fetched/${name}.onnx`
  const sources = await modelSources({ ...options, pull })
  t.equal(await sources.byName.get('yolox-tiny')!.fetch!({}), '/fetched/yolox-tiny.onnx')
  const offline = await modelSources({
    ...options,
    pull: async () => {
      throw new MurmurError('UNAVAILABLE', 'no network')
    },
  })
  await t.rejects(offline.byName.get('yolox-tiny')!.fetch!({}), { code: 'UNAVAILABLE' })
  writeFileSync(starterFile, 'the weights of the Starter')
  await t.rejects(sources.byName.get('starter')!.locate(), {
    code: 'MODEL_UNUSABLE',
    message: /not what its manifest says: 26 bytes/,
  })
})

t.test('only a model of rendered scenes is warned of, and only on real video', async (t) => {
  const of = (domain: 'rendered' | 'photographs' | undefined, origin: 'real' | 'scene' | undefined) =>
    modelWarning({ name: 'x', domain }, origin)
  t.match(of('rendered', 'real'), /x was trained on drawn pictures/)
  t.strictSame(
    [of('rendered', 'scene'), of('rendered', undefined), of('photographs', 'real'), of(undefined, 'real')],
    [undefined, undefined, undefined, undefined],
  )
})

function setUp(t: Test) {
  const home = t.testdir({ starter: { 'manifest.json': JSON.stringify(STARTER) } })
  const starterFile = join(home, 'starter/starter.onnx')
  writeFileSync(starterFile, STARTER_BYTES)
  return { home, starterFile, options: { home, starter: join(home, 'starter/manifest.json') } }
}
