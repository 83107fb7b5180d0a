import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { sha256Of } from '../../../../services/agents/video/models/model-cache.ts'
import { fromFile, isModelPath } from '../../../../services/agents/video/models/resolve-model.ts'

const STARTER_BYTES = Buffer.from('the weights of the starter')
const STARTER = {
  name: 'starter',
  head: 'yolox-raw',
  classes: ['person', 'vehicle'],
  scoreThreshold: 0.4,
  bytes: STARTER_BYTES.length,
  sha256: sha256Of(STARTER_BYTES),
}

t.test('a path is told from a name', async (t) => {
  t.strictSame(['yard.onnx', './yard', 'YARD.ONNX', 'yolox-nano'].map(isModelPath), [true, true, true, false])
})

t.test("files of one's own", async (t) => {
  const { home } = setUp(t)
  const file = join(home, 'yard.onnx')
  const describe = (manifest: unknown) => writeFileSync(join(home, 'yard.json'), JSON.stringify(manifest))
  const yard = { name: 'yard', head: 'detr', classes: ['person'], scoreThreshold: 0.5 }

  await t.rejects(fromFile(file), { code: 'MODEL_UNUSABLE', message: /there is no file/ })
  writeFileSync(file, STARTER_BYTES)
  await t.rejects(fromFile(file), { code: 'MODEL_UNUSABLE', message: /put yard\.json beside it, like \{/ })
  describe(yard)
  t.strictSame(await fromFile(file), { file, manifest: yard })

  describe({ ...yard, sha256: STARTER.sha256, bytes: STARTER.bytes })
  t.ok(await fromFile(file))
  describe({ ...yard, bytes: 27 })
  await t.rejects(fromFile(file), { code: 'MODEL_UNUSABLE', message: /expected 27 bytes/ })
  describe({ ...yard, sha256: '0'.repeat(64) })
  await t.rejects(fromFile(file), {
    code: 'MODEL_UNUSABLE',
    message: /expected any number of bytes, sha256 0000/,
  })
  describe({ ...yard, head: 'yolo' })
  await t.rejects(fromFile(file), {
    code: 'MODEL_UNUSABLE',
    message: /yard\.json is no manifest of a model: head/,
  })
  writeFileSync(join(home, 'yard.json'), 'name: yard')
  await t.rejects(fromFile(file), { code: 'MODEL_UNUSABLE', message: /is no manifest/ })
})

t.test("an export of YOLOX is known by its file name; a folder's manifest by the name in it", async (t) => {
  const { home, starterFile } = setUp(t)
  const file = join(home, 'yolox_tiny_dynamic.onnx')
  writeFileSync(file, 'weights')
  const { manifest } = await fromFile(file)
  t.match(manifest, { name: 'yolox_tiny_dynamic', head: 'yolox-raw' })
  t.equal(manifest.sha256, undefined, 'its bytes are its own')
  t.match(await fromFile(starterFile), { manifest: STARTER })
})

function setUp(t: Test) {
  const home = mkdtempSync(join(tmpdir(), 'murmur-models-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  const folder = join(home, 'starter')
  mkdirSync(folder)
  const starter = join(folder, 'manifest.json')
  const starterFile = join(folder, 'starter.onnx')
  writeFileSync(starter, JSON.stringify(STARTER))
  writeFileSync(starterFile, STARTER_BYTES)
  return { home, starterFile }
}
