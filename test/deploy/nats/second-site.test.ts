import t from 'tap'
import type { MirrorState } from '#platform/nats/stream-mirrors.ts'
import { mirrorStates, promoteMirrors, siteConfig, startMirrors } from '../../../deploy/nats/second-site.ts'
import { mirroredStreams } from '../../../subjects/backup-streams.ts'

// The drill on real servers: test/long/second-site.long.test.ts.

/** A site of which a test says how its mirrors are. */
function site(of: Record<string, Partial<MirrorState>> = {}) {
  const done: string[] = []
  const state = async (stream: string) =>
    ({
      stream,
      isMirror: true,
      messages: 1,
      lastSeq: 1,
      lag: 0,
      heardMs: 60_000,
      ...of[stream],
    }) as MirrorState
  const mirrors = {
    describe: async (name: string) => (name === 'DEAD' ? undefined : { name }),
    state: async (stream: string) => (stream === 'DEAD' ? undefined : await state(stream)),
    follow: async ({ name }: { name: string }, about: object) =>
      void done.push(`${name} ${JSON.stringify(about)}`),
    promote: async (stream: string) => void done.push(stream),
  }
  return { at: { mirrors } as never, done }
}

t.test('all that can be followed is, in the domain and under the subjects of the sites', async (t) => {
  const { at, done } = site()
  const names = await startMirrors(at, at, { first: 'east', second: 'west', replicas: 3 })
  t.strictSame(
    names,
    mirroredStreams().filter((name) => name !== 'DEAD'),
  )
  t.ok(done.includes('LOG {"domain":"east","deliver":"mirror.west","replicas":3}'))
  for (const queue of ['INTAKE', 'STEPS', 'CAMERA_EVENTS', 'CHECKPOINTS']) t.notOk(names.includes(queue))
  t.equal((await mirrorStates(at)).length, names.length)
})

t.test(
  'nothing is promoted while the first site is heard, unless that is meant and all has come',
  async (t) => {
    const heard = site({ LOG: { heardMs: 900 } })
    await t.rejects(promoteMirrors(heard.at, { isPlanned: false }), {
      message: /the first site is there \(LOG\)/,
    })
    const behind = site({ LOG: { heardMs: 900, lag: 3 } })
    await t.rejects(promoteMirrors(behind.at, { isPlanned: true }), { message: /LOG lacks 3/ })
    t.strictSame([...heard.done, ...behind.done], [])
    const planned = site({ LOG: { heardMs: 900 } })
    await promoteMirrors(planned.at, { isPlanned: true })
    const lost = site({ KEYS: { heardMs: undefined as never } })
    await promoteMirrors(lost.at, { isPlanned: false })
    for (const { done } of [planned, lost]) {
      t.equal(done.length, mirroredStreams().length - 1)
      t.equal(done.at(-1), 'LOG', 'when all that it points at is there')
    }
  },
)

t.test('the user of the link may have these streams sent, and do nothing else', (t) => {
  const { user, first, second } = siteConfig({ first: 'east', second: 'west' })
  t.match(user, '"$JS.east.API.CONSUMER.CREATE.LOG"')
  t.notMatch(user, /CREATE\.(STEPS|INTAKE|CHECKPOINTS)|"\$JS\.API/)
  t.match(user, 'subscribe: { allow: ["mirror.west.>", "$JSC.R.*"] }')
  t.match(first, 'domain: east')
  t.match(second, 'account: MURMUR')
  t.end()
})
