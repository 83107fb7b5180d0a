import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openIsolatedCliFixture } from '../isolated-cli-fixture.ts'

const { home, folder, murmur } = openIsolatedCliFixture(t)

t.test('models need no stack', async (t) => {
  const listed = await murmur(['models', 'list', '--json'])
  t.match(listed.json(), {
    models: [
      { name: 'starter', state: 'bundled' },
      { name: 'yolox-nano', state: 'not here', isDefault: true },
    ],
  })
  mkdirSync(join(home, 'models'), { recursive: true })
  writeFileSync(join(home, 'models/yolox-nano.onnx'), 'half a model')
  t.match((await murmur(['models', 'list'])).out, /yolox-nano +damaged/)
  t.match((await murmur(['models', 'info', 'starter', '--json'])).json(), {
    name: 'starter',
    isOriginal: true,
  })
  t.match(
    (await murmur(['models', 'info', 'yolox-s'])).out,
    /classes +80: person[\s\S]*not here: npx murmur models pull yolox-s/,
  )
  writeFileSync(join(folder, 'own.onnx'), 'weights')
  t.match(await murmur(['models', 'info', 'own.onnx']), {
    code: 1,
    err: /✗ MODEL_UNUSABLE: nothing says what own\.onnx is/,
  })
  writeFileSync(
    join(folder, 'own.json'),
    JSON.stringify({ name: 'own', head: 'detr', classes: ['person'], scoreThreshold: 0.5 }),
  )
  t.match((await murmur(['models', 'info', 'own.onnx', '--json'])).json(), {
    head: 'detr',
    bytes: 7,
    file: join(folder, 'own.onnx'),
  })
})
