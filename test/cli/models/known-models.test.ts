import { join } from 'node:path'
import t from 'tap'
import { describeModel, listModels, readStarter } from '../../../services/cli/models/known-models.ts'

t.test('the bundled model comes first; of the others it is known whether they are here', async (t) => {
  const home = t.testdir({ models: { 'yolox-tiny.onnx': 'half a model' } })
  const [starter, ...others] = await listModels(home)
  t.match(starter, { name: 'starter', state: 'bundled', isDefault: false })
  t.match(
    others.find(({ name }) => name === 'yolox-tiny'),
    { state: 'damaged' },
  )
  t.ok(others.filter(({ name }) => name !== 'yolox-tiny').every(({ state }) => state === 'not here'))
  t.equal(others.filter(({ isDefault }) => isDefault).length, 1)
})

t.test('a model by its name', async (t) => {
  const home = t.testdir()
  const starter = await readStarter()
  t.match(await describeModel('starter', { folder: home, home }), { isOriginal: true, bytes: starter?.bytes })
  const known = await describeModel('yolox-nano', { folder: home, home })
  t.match(known, { name: 'yolox-nano', url: /^https:/ })
  t.equal(known.file, undefined)
  t.notOk('about' in known)
})

t.test('a file of one’s own needs a manifest beside it', async (t) => {
  const manifest = { name: 'own', head: 'detr', classes: ['person'], scoreThreshold: 0.5 }
  const folder = t.testdir({
    'own.onnx': 'weights',
    'own.json': JSON.stringify(manifest),
    'bare.onnx': 'x',
    dir: {},
  })
  const describe = (name: string) => describeModel(name, { folder, home: folder })
  t.match(await describe('own.onnx'), {
    ...manifest,
    bytes: 7,
    file: join(folder, 'own.onnx'),
    sha256: /^[0-9a-f]{64}$/,
  })
  await t.rejects(describe('bare.onnx'), { code: 'MODEL_UNUSABLE' })
  await t.rejects(describe('gone.onnx'), {
    code: 'FILE_UNREADABLE',
    message: 'gone.onnx: there is neither a model nor a file of this name',
  })
  await t.rejects(describe('dir'), { code: 'FILE_UNREADABLE', message: 'dir is no file' })
})
