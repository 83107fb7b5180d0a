import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { MonitorRequest } from '#schemas/monitor-request.ts'
import { openCliFixture } from '../cli-fixture.ts'

const { stack, folder, murmur } = await openCliFixture(t)
const JPEG = Buffer.from([0xff, 0xd8, 1, 2, 3])
const POLYGON = '0.1,0.1 0.9,0.1 0.5,0.9'

/** A monitor that somebody captures. @returns its id, and what was asked for */
async function watched(camera: string): Promise<{ taskId: string; asked: unknown[] }> {
  const { out } = await murmur([
    'monitor',
    'scene:yard',
    '--camera',
    camera,
    '--zone',
    `gate=${POLYGON}`,
    '--detach',
  ])
  const taskId = out.trim()
  const asked: unknown[] = []
  stack.shows(taskId, (request) => {
    asked.push(request)
    return JPEG
  })
  return { taskId, asked }
}

t.test(
  'a watched camera by its name, with its zones; its monitor by its id, with a grid alone',
  async (t) => {
    const { taskId, asked } = await watched('yard')
    const { code, out, err } = await murmur(['look', 'yard'])
    t.equal(code, 0, err)
    t.equal(out.trim(), join(folder, 'yard.jpg'))
    t.ok(readFileSync(join(folder, 'yard.jpg')).equals(JPEG))
    t.match(asked, [{ newest: true, grid: false, zones: [{ id: 'gate' }], lines: [] }])
    t.match(await murmur(['look', taskId, '--grid', '--no-zones', '--out', 'grid.jpg', '--json']), {
      code: 0,
    })
    t.strictSame(asked[1], { newest: true, grid: true })
    t.match(await murmur(['look', 'yard']), { code: 5, err: /FILE_EXISTS/ })
    t.match(await murmur(['look', 'yard', '--force']), { code: 0 })
  },
)

t.test('a camera that nobody watches: those that are watched are named', async (t) => {
  t.match(await murmur(['look', 'garden']), {
    code: 3,
    err: /no monitor watches a camera "garden" now: watched are .*yard/,
  })
})

t.test('a source that nobody watches is opened for one picture, and its monitor ends', async (t) => {
  let request: MonitorRequest | undefined
  let id = ''
  stack.onSubmitted = (taskId, submitted) => {
    request = submitted
    id = taskId
    stack.shows(taskId, () => JPEG)
  }
  const { code, err } = await murmur(['look', 'scene:parking:3', '--grid', '--out', 'parking.jpg'])
  t.equal(code, 0, err)
  t.match(request, { source: { kind: 'scene', scenario: 'parking', seed: 3 }, rules: [], durationMs: 60_000 })
  t.match(stack.cancelled, [{ taskId: id }])
  stack.onSubmitted = (taskId) =>
    stack.finish(taskId, 'failed', { error: { code: 'SOURCE_UNAVAILABLE', message: 'nobody answers there' } })
  t.match(await murmur(['look', 'rtsp://192.0.2.10/one', '--out', 'one.jpg']), {
    code: 1,
    err: /nobody answers there/,
  })
})
