import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import {
  cachedModelFile,
  findCached,
  modelFolder,
  sha256Of,
} from '../../../../services/agents/video/models/model-cache.ts'
import {
  type CatalogueModel,
  findInCatalogue,
  MODEL_CATALOGUE,
} from '../../../../services/agents/video/models/model-catalogue.ts'
import {
  modelNamed,
  type PullOptions,
  pullModel,
} from '../../../../services/agents/video/models/pull-model.ts'

const BYTES = Buffer.alloc(200_000, 'a network of some size ')

t.test('what is fetched lies in the cache, whole, with its progress told', async (t) => {
  const { model, home } = await setUp(t, (_, response) => response.end(BYTES))
  t.equal(await findCached(home, model), undefined)
  const progress: number[] = []
  const file = await pullModel(model, { home, onProgress: (bytes, of) => progress.push(bytes / of) })
  t.equal(file, cachedModelFile(home, model.name))
  t.ok(readFileSync(file).equals(BYTES))
  t.equal(await findCached(home, model), file)
  t.equal(progress.at(-1), 1)
  t.strictSame(progress, progress.toSorted())
  t.strictSame(readdirSync(modelFolder(home)), ['test.onnx'], 'and nothing beside it')
})

t.test('redirections are followed, not for ever', async (t) => {
  const { model, home } = await setUp(t, (request, response) => {
    if (request.url === '/there') response.end(BYTES)
    else response.writeHead(302, { location: request.url === '/loop' ? '/loop' : '/there' }).end()
  })
  t.ok(await pullModel(model, { home }))
  await t.rejects(pullModel({ ...model, url: new URL('/loop', model.url).href }, { home }), {
    code: 'UNAVAILABLE',
    message: /more than 5 redirections/,
  })
})

t.test('what is not the model is refused, and leaves nothing behind', async (t) => {
  const answers: [string, Buffer, RegExp][] = [
    ['another file of its size', Buffer.alloc(BYTES.length, 'b'), /not that model: 200000 bytes, sha256 /],
    ['a part of it', BYTES.subarray(0, 1000), /not that model: 1000 bytes/],
    ['more than it', Buffer.concat([BYTES, BYTES]), /more than 200000 bytes/],
    ['nothing', Buffer.alloc(0), /not that model: 0 bytes/],
  ]
  for (const [what, bytes, message] of answers) {
    const { model, home } = await setUp(t, (_, response) => response.end(bytes))
    await t.rejects(pullModel(model, { home }), { code: 'MODEL_UNUSABLE', message }, what)
    t.equal(await findCached(home, model), undefined)
  }
})

t.test('a site that can not be had is told with the reason', async (t) => {
  const cases: [string, RequestListener, Partial<PullOptions>, RegExp][] = [
    ['it does not have it', (_, response) => response.writeHead(404).end(), {}, /answers 404/],
    ['it says nothing', () => undefined, { connectTimeoutMs: 60 }, /did not answer within 60 ms/],
    ['it hangs up', (request) => request.socket.destroy(), {}, /could not be fetched: ./],
    [
      'it hangs up in the middle',
      (request, response) => {
        response.writeHead(200, { 'content-length': BYTES.length })
        response.write(BYTES.subarray(0, 1000), () => request.socket.destroy())
      },
      {},
      /could not be fetched: ./,
    ],
  ]
  for (const [what, listener, options, message] of cases) {
    const { model, home } = await setUp(t, listener)
    await t.rejects(pullModel(model, { home, ...options }), { code: 'UNAVAILABLE', message }, what)
  }
  const { model, home } = await setUp(t, () => undefined)
  const nobody = { ...model, url: 'http://127.0.0.1:1/model.onnx' }
  await t.rejects(pullModel(nobody, { home }), { code: 'UNAVAILABLE', message: /fetched: .*ECONNREFUSED/ })
})

t.test('it can be given up while it comes', async (t) => {
  const { model, home } = await setUp(t, (_, response) => {
    response.write(BYTES.subarray(0, 1000))
  })
  const giveUp = new AbortController()
  const pulled = pullModel(model, { home, signal: giveUp.signal, onProgress: () => giveUp.abort() })
  await t.rejects(pulled, { code: 'UNAVAILABLE' })
  t.equal(await findCached(home, model), undefined)
})

t.test('two that fetch at once do no harm', async (t) => {
  const { model, home } = await setUp(t, (_, response) => response.end(BYTES))
  const [one, other] = await Promise.all([pullModel(model, { home }), pullModel(model, { home })])
  t.equal(one, other)
  t.equal(await findCached(home, model), one)
})

t.test('the catalogue: pinned, described, from one release', async (t) => {
  t.strictSame(
    MODEL_CATALOGUE.map(({ name }) => name),
    ['yolox-nano', 'yolox-tiny', 'yolox-s'],
  )
  for (const { url, sha256, bytes, classes } of MODEL_CATALOGUE) {
    t.match(
      url,
      /^https:\/\/github\.com\/Megvii-BaseDetection\/YOLOX\/releases\/download\/0\.1\.1rc0\/yolox_\w+\.onnx$/,
    )
    t.match(sha256, /^[0-9a-f]{64}$/)
    t.ok(bytes > 1_000_000)
    t.equal(classes.length, 80)
  }
  t.match(findInCatalogue('yolox-nano')?.classes, [
    'person',
    'bicycle',
    'car',
    'motorcycle',
    'airplane',
    'bus',
    'train',
    'truck',
  ])
  t.throws(() => modelNamed('yolo'), { code: 'MODEL_UNUSABLE', message: /there are yolox-nano, yolox-tiny/ })
})

async function setUp(t: Test, listener: RequestListener): Promise<{ model: CatalogueModel; home: string }> {
  const home = mkdtempSync(join(tmpdir(), 'murmur-models-'))
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    rmSync(home, { recursive: true, force: true })
  })
  const { port } = server.address() as AddressInfo
  const model: CatalogueModel = {
    name: 'test',
    head: 'yolox-raw',
    classes: ['person'],
    scoreThreshold: 0.35,
    url: `http://127.0.0.1:${port}/test.onnx`,
    bytes: BYTES.length,
    sha256: sha256Of(BYTES),
    about: 'for tests',
  }
  return { model, home }
}
