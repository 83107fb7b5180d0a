import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import {
  cachedModelFile,
  modelFolder,
  sha256Of,
} from '../../../../services/agents/video/models/model-cache.ts'
import {
  fromFile,
  type ResolveOptions,
  resolveModel,
} from '../../../../services/agents/video/models/resolve-model.ts'

const STARTER_BYTES = Buffer.from('the weights of the starter')
const STARTER = {
  name: 'starter',
  head: 'yolox-raw',
  classes: ['person', 'vehicle'],
  scoreThreshold: 0.4,
  bytes: STARTER_BYTES.length,
  sha256: sha256Of(STARTER_BYTES),
}
const offline = async () => {
  throw new MurmurError('UNAVAILABLE', 'yolox-nano could not be fetched: no network')
}

t.test('without a wish: the default is fetched', async (t) => {
  const { options, lines } = setUp(t)
  const model = await resolveModel({ ...options, pull: async ({ name }) => `/fetched/${name}.onnx` })
  t.match(model, { file: '/fetched/yolox-nano.onnx', manifest: { name: 'yolox-nano', head: 'yolox-raw' } })
  t.strictSame(lines, ['model: yolox-nano, fetched'])
})

t.test('nobody waits long for a model that nobody asked for', async (t) => {
  const { options } = setUp(t)
  let asked: Parameters<NonNullable<ResolveOptions['pull']>>[1] | undefined
  const pull: ResolveOptions['pull'] = async (_, how) => {
    asked = how
    return 'x'
  }
  await resolveModel({ ...options, pull })
  t.equal(asked!.connectTimeoutMs, 3000)
  t.ok(asked!.signal)
  await resolveModel({ ...options, wanted: 'yolox-tiny', pull })
  t.equal(asked!.connectTimeoutMs, undefined, 'for one that was asked for they do')
})

t.test('no network: the starter, in one line that says why', async (t) => {
  const { options, lines, starterFile } = setUp(t)
  const model = await resolveModel({ ...options, pull: offline })
  t.match(model, { file: starterFile, manifest: STARTER })
  t.equal(lines.length, 1)
  t.match(lines[0], /no network; using starter.*murmur models pull yolox-nano/)
})

t.test('fetching forbidden: the starter, and nobody is asked', async (t) => {
  const { options, lines } = setUp(t)
  const pull = () => t.fail('it was fetched') as never
  t.match(await resolveModel({ ...options, mayPull: false, pull }), { manifest: STARTER })
  t.match(lines, [/MURMUR_MODEL_PULL forbids/])
})

t.test('the starter by its name, without a word about others', async (t) => {
  const { options, lines, starterFile } = setUp(t)
  const pull = () => t.fail('it was fetched') as never
  t.match(await resolveModel({ ...options, wanted: 'starter', pull }), { file: starterFile })
  t.strictSame(lines, ['model: starter, which comes with the project, for trying out'])
})

t.test('a model that was asked for is not replaced by another', async (t) => {
  const { options } = setUp(t)
  await t.rejects(resolveModel({ ...options, wanted: 'yolox-tiny', pull: offline }), { code: 'UNAVAILABLE' })
  await t.rejects(resolveModel({ ...options, wanted: 'yolox', pull: offline }), {
    code: 'MODEL_UNUSABLE',
    message: /no model "yolox"/,
  })
})

t.test('what lies in the cache and is not the model is as good as not there', async (t) => {
  const { options, home } = setUp(t)
  mkdirSync(modelFolder(home), { recursive: true })
  writeFileSync(cachedModelFile(home, 'yolox-nano'), Buffer.alloc(3_659_407))
  t.match(await resolveModel({ ...options, pull: offline }), { manifest: STARTER })
})

t.test('a starter that was damaged is told, not run', async (t) => {
  const { options, starterFile } = setUp(t)
  writeFileSync(starterFile, 'the weights of the Starter')
  await t.rejects(resolveModel({ ...options, pull: offline }), {
    code: 'MODEL_UNUSABLE',
    message: /not what its manifest says: 26 bytes, sha256 .*; expected 26 bytes, sha256 /,
  })
})

t.test("files of one's own", async (t) => {
  const { home, options, lines } = setUp(t)
  const file = join(home, 'yard.onnx')
  const describe = (manifest: unknown) => writeFileSync(join(home, 'yard.json'), JSON.stringify(manifest))
  const yard = { name: 'yard', head: 'detr', classes: ['person'], scoreThreshold: 0.5 }

  await t.rejects(fromFile(file), { code: 'MODEL_UNUSABLE', message: /there is no file/ })
  writeFileSync(file, STARTER_BYTES)
  await t.rejects(fromFile(file), { code: 'MODEL_UNUSABLE', message: /put yard\.json beside it, like \{/ })
  describe(yard)
  t.strictSame(await fromFile(file), { file, manifest: yard })
  t.match(await resolveModel({ ...options, wanted: file }), { file, manifest: yard })
  t.strictSame(lines, [`model: yard, from ${file}`])

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
  const lines: string[] = []
  const options: ResolveOptions = { home, starter, mayPull: true, report: (line) => lines.push(line) }
  return { home, options, lines, starterFile }
}
