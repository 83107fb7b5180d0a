import { type JetStreamManager, jetstream, type StreamConfig } from '@nats-io/jetstream'
import t from 'tap'
import { StreamMirrors } from '../../../services/platform/nats/stream-mirrors.ts'
import { openNats } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'

// Over a link between two sites: test/long/second-site.long.test.ts.

const servers = await withServers(t)
const { nc, jsm } = await openNats(t, servers.natsUrl)
const mirrors = new StreamMirrors(jsm)
const ABOUT = { domain: 'east', deliver: 'mirror.west', replicas: 1 }

t.test('a mirror says how far it is, and is a stream of its own once it is promoted', async (t) => {
  await jsm.streams.add({ name: 'FROM', subjects: ['from.*'] })
  for (let i = 0; i < 5; i++) await jetstream(nc).publish('from.x', `${i}`)
  await jsm.streams.add({ name: 'TO', mirror: { name: 'FROM' } })
  await until('all has come', async () => (await mirrors.state('TO'))?.messages === 5)
  t.match(await mirrors.state('TO'), { isMirror: true, lastSeq: 5, lag: 0 })
  await mirrors.promote('TO')
  t.match(await mirrors.state('TO'), { isMirror: false, messages: 5, lag: undefined, heardMs: undefined })
  await mirrors.promote('TO')
  await jsm.streams.update('TO', { subjects: ['to.*'] })
  t.equal((await jetstream(nc).publish('to.x', 'new')).seq, 6)
  t.equal((await jetstream(nc).publish('from.x', 'other')).seq, 6)
  t.match(await mirrors.state('TO'), { messages: 6 }, 'it follows no more')
})

t.test('what a stream can not have while it follows, it has when it is promoted', async (t) => {
  const metadata = { 'murmur.followed': '{"subjects":["back.*"],"discard":"new"}', mine: 'x' }
  await jsm.streams.add({ name: 'BACK', mirror: { name: 'FROM' }, max_msgs: 100, metadata })
  await until('all has come', async () => (await mirrors.state('BACK'))?.messages === 6)
  await mirrors.promote('BACK')
  const config = await mirrors.describe('BACK')
  t.match(config, { subjects: ['back.*'], discard: 'new', metadata: { mine: 'x' } })
  t.notOk(config?.metadata?.['murmur.followed'])
  t.equal((await jetstream(nc).publish('back.x', 'new')).seq, 7)
})

t.test('what is no mirror is left alone, and what is not there is said so', async (t) => {
  t.equal(await mirrors.describe('NONE'), undefined)
  t.equal(await mirrors.state('NONE'), undefined)
  await mirrors.promote('NONE')
  const from = (await mirrors.describe('FROM'))!
  await t.rejects(mirrors.follow(from, ABOUT), { code: 'STREAM_MISMATCH' })
})

t.test(
  'a stream that follows has no subjects, and forgets what is old instead of standing still',
  async (t) => {
    let made: Partial<StreamConfig> = {}
    const streams = {
      info: async () => ({ config: { mirror: undefined } }),
      add: async (config: Partial<StreamConfig>) => {
        made = config
      },
    }
    const absent = { ...streams, info: () => jsm.streams.info('NONE') }
    const away = new StreamMirrors({ streams: absent } as unknown as JetStreamManager)
    const from = {
      name: 'LOG',
      subjects: ['log.>'],
      discard: 'new',
      max_bytes: 10,
      description: 'partitions=4',
    }
    await away.follow(from as never, ABOUT)
    t.strictSame(made, {
      name: 'LOG',
      discard: 'old',
      max_bytes: 10,
      description: 'partitions=4',
      num_replicas: 1,
      metadata: { 'murmur.followed': '{"subjects":["log.>"],"discard":"new"}' },
      mirror: { name: 'LOG', external: { api: '$JS.east.API', deliver: 'mirror.west' } },
    })
  },
)
