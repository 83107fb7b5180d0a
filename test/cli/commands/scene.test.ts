import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { findFfmpeg } from '#platform/config/ffmpeg.ts'
import { openIsolatedCliFixture } from '../isolated-cli-fixture.ts'

const { folder, murmur } = openIsolatedCliFixture(t)

t.test('scenes need no stack', async (t) => {
  const scenes = await murmur(['scene', 'list', '--json'])
  t.match(scenes.json(), { scenes: Array })
  t.ok((scenes.json() as { scenes: { name: string }[] }).scenes.some(({ name }) => name === 'yard'))
  t.match((await murmur(['scene', 'rules', 'yard', '--json'])).json(), { zones: Array, rules: Array })
})

t.test(
  'a scene is rendered into a file with its truth',
  { skip: (await findFfmpeg()) ? false : 'there is no ffmpeg here' },
  async (t) => {
    const size = ['--width', '160', '--height', '90', '--seconds', '1', '--fps', '5', '--seed', '4']
    const { code, json, err } = await murmur([
      'scene',
      'render',
      'crowd',
      '--out',
      's.mp4',
      '--truth',
      's.json',
      ...size,
      '--json',
    ])
    t.equal(code, 0, err)
    t.strictSame(json(), { scene: 'crowd', out: 's.mp4', truth: 's.json' })
    t.ok(existsSync(join(folder, 's.mp4')), 'where the user stands')
    t.match(JSON.parse(readFileSync(join(folder, 's.json'), 'utf8')), {
      scenario: 'crowd',
      seed: 4,
      width: 160,
      frames: Array,
    })
    writeFileSync(join(folder, 'clip.mp4'), 'the bytes of a clip')
    const taken = await murmur(['monitor', 'clip.mp4', '--rules', 's.json'])
    t.match(taken, { code: 2, err: /s\.json is the truth of a scene/ })
  },
)
