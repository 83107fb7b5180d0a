import { AckPolicy, jetstream, RetentionPolicy } from '@nats-io/jetstream'
import t from 'tap'
import { isLed, leaderElsewhere, questionAbout } from '../../../services/platform/nats/leader-elsewhere.ts'
import { openNats } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'

const SECOND_NS = 1e9
const info = (leader: string | undefined, ...active: number[]) => ({
  cluster: {
    ...(leader && { leader }),
    replicas: active.map((seconds) => ({ active: seconds * SECOND_NS })),
  },
})
const LED = info('n2', 0.2, 30)
const ALONE = info('n1', 5, 5)

/** A server that answers so; undefined: not at all. */
const answering = (answer: unknown) => ({
  request: async () => {
    if (answer === undefined) throw new Error('timeout')
    return { data: Buffer.from(JSON.stringify(answer)) } as never
  },
  publish: () => {},
})

function cluster(here: unknown, others: Record<string, unknown>) {
  const dialled: string[] = []
  let open = 0
  const nc = {
    ...answering(here),
    getServer: () => 'n1',
    getServers: () => ['n1', ...Object.keys(others)].map((listen) => ({ listen }) as never),
  }
  const find = () =>
    leaderElsewhere(nc, questionAbout({ stream: 'LOG' }), async ({ listen }) => {
      dialled.push(listen)
      if (others[listen] === 'down') throw new Error('refused')
      open++
      return { ...answering(others[listen]), close: async () => void open-- }
    })
  return { find, dialled, open: () => open }
}

t.test('a leader is one that has heard of most copies lately', async (t) => {
  t.equal(isLed(undefined), true, 'a single server')
  t.equal(isLed(info('n1').cluster), true, 'the only copy')
  t.equal(isLed(LED.cluster), true)
  t.equal(isLed(ALONE.cluster), false, 'cut off')
  t.equal(isLed(info(undefined, 0.1, 0.1).cluster), false, 'no leader')
})

t.test('another server knows a leader and ours does not', async (t) => {
  for (const here of [undefined, ALONE, { error: { code: 503 } }]) {
    const { find, dialled, open } = cluster(here, { n2: LED, n3: 'down' })
    t.equal(await find(), 'n2')
    t.strictSame(dialled, ['n2', 'n3'], 'never our own')
    t.equal(open(), 0, 'every connection is closed')
  }
})

t.test('an election that is over, or goes on everywhere, is no cut', async (t) => {
  t.equal(await cluster(LED, { n2: LED }).find(), undefined)
  const nowhere = cluster(undefined, { n2: undefined, n3: info(undefined, 1) })
  t.equal(await nowhere.find(), undefined)
  t.equal(nowhere.open(), 0)
  t.equal(await cluster(undefined, {}).find(), undefined, 'no other server')
})

t.test(
  'whoever may only take messages asks the consumer for none, and hands back what comes all the same',
  async (t) => {
    const servers = await withServers(t)
    const { nc, jsm } = await openNats(t, servers.natsUrl)
    await jsm.streams.add({ name: 'WORK', subjects: ['work'], retention: RetentionPolicy.Workqueue })
    const ask = questionAbout({ stream: 'WORK', consumer: 'w' })
    t.equal(await ask(nc), false, 'no such consumer')
    await jsm.consumers.add('WORK', { durable_name: 'w', ack_policy: AckPolicy.Explicit, max_deliver: 2 })
    t.equal(await ask(nc), true, 'nothing waits')
    await jetstream(nc).publish('work', 'x'.repeat(100))
    t.equal(await ask(nc), true, 'something waits')
    const consumer = await jetstream(nc).consumers.get('WORK', 'w')
    const message = await consumer.next({ expires: 2000 })
    t.equal(message?.info.deliveryCount, 1, 'it was handed out to nobody')
    const asked: string[] = []
    const giving = {
      request: async () => ({ data: Buffer.from('step'), reply: '$JS.ACK.x' }) as never,
      publish: (subject: string, data?: unknown) => void asked.push(`${subject} ${data}`),
    }
    t.equal(await ask(giving), true)
    t.strictSame(asked, ['$JS.ACK.x -NAK'])
  },
)
