import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import t from 'tap'
import { BlobStore } from '../../../services/platform/nats/blob-store.ts'
import { copiesConfig, firstStep, wantedCopies } from '../../../services/platform/nats/stream-copies.ts'
import { BUCKET } from '../../../subjects/jetstream-api.ts'
import { INTAKE_CONSUMER, STREAMS } from '../../../subjects/streams.ts'
import { openBus, openNats } from '../../support/bus.ts'
import { withNatsCluster } from '../../support/nats-cluster.ts'
import { until } from '../../support/until.ts'

const storageBytes = 1024 ** 3
const names = [...Object.values(STREAMS).map(({ name }) => name), BUCKET.stream]

t.test('without a number a cluster is asked for three copies, a single server for none', async (t) => {
  t.match(wantedCopies({ isCluster: true }), { replicas: 3, isDefault: true })
  t.match(wantedCopies({ isCluster: false }), { replicas: undefined, isDefault: true })
  t.match(wantedCopies({ isCluster: true, replicas: 1 }), { replicas: 1, isDefault: false })
  const byDefault = wantedCopies({ isCluster: true })
  t.strictSame(copiesConfig(byDefault, 5), { num_replicas: 5 }, 'what has more keeps them')
  t.strictSame(copiesConfig(byDefault, 1), { num_replicas: 3 })
  const named = wantedCopies({ isCluster: true, replicas: 1, placementTags: ['zone:a'] })
  t.strictSame(copiesConfig(named, 3), { num_replicas: 1, placement: { tags: ['zone:a'] } })
  t.strictSame(copiesConfig(wantedCopies({ isCluster: false }), 3), {})
})

t.test('fewer copies before a move, more behind it', async (t) => {
  const placement = { cluster: '', tags: ['zone:a'] }
  t.strictSame(firstStep({ num_replicas: 1, placement }, 3), { num_replicas: 1 })
  t.strictSame(firstStep({ num_replicas: 3, placement }, 1), { num_replicas: 1, placement })
  t.equal(firstStep({ num_replicas: 3, placement }, 3), undefined)
  t.equal(firstStep({ num_replicas: 3 }, 1), undefined)
  t.equal(firstStep({ num_replicas: 3, placement }, undefined), undefined, 'it is not there yet')
})

t.test('on a cluster', async (t) => {
  t.setTimeout(90_000)
  const cluster = await withNatsCluster(t, { hasLinks: true })
  const bus = await openBus(t, cluster.natsUrl)
  const { jsm } = await openNats(t, cluster.natsUrl)
  const changes: string[] = []
  const provision = async (about: { replicas?: number; placementTags?: string[] }) => {
    changes.length = 0
    const { copies } = await bus.streams.provision({
      ...{ partitions: 4, storageBytes, ...about },
      onCopies: ({ stream, from, to }) => void changes.push(`${stream} ${from} ${to}`),
    })
    await bus.objects.create({ storageBytes, copies })
    return copies
  }
  const allCurrent = (wanted: number) =>
    until(
      `every stream has ${wanted} copies`,
      async () => {
        const surveys = await Promise.all(names.map((name) => bus.survey.stream(name)))
        return surveys.every((survey) => survey?.replicas === wanted && survey.current === wanted)
      },
      30_000,
    )

  await t.test('every stream and the object store has three copies, by default', async (t) => {
    t.match(await provision({}), { replicas: 3, isDefault: true })
    t.strictSame(changes, [], 'what is made anew does not change')
    await allCurrent(3)
    await bus.consumers.provision(INTAKE_CONSUMER)
    const { cluster: peers } = await jsm.consumers.info(INTAKE_CONSUMER.stream, INTAKE_CONSUMER.name)
    t.equal(peers?.replicas?.length, 2, 'queues as well')
  })

  await t.test('one copy where that is named, and three again', async (t) => {
    const { seq } = await bus.publisher.publish('log.0.control', 'kept', { msgId: 'kept' })
    await provision({ replicas: 1 })
    t.equal(changes.length, Object.keys(STREAMS).length)
    t.ok(changes.includes('LOG 3 1'), changes.join())
    await allCurrent(1)
    await provision({})
    t.ok(changes.includes('LOG 1 3'), changes.join())
    await allCurrent(3)
    await provision({})
    t.strictSame(changes, [], 'as it is')
    await until('the queue follows', async () => {
      const { cluster: peers } = await jsm.consumers.info(INTAKE_CONSUMER.stream, INTAKE_CONSUMER.name)
      return peers?.replicas?.length === 2
    })
    const kept = await bus.streams.messageAt('LOG', seq)
    t.equal(Buffer.from(kept!.data).toString(), 'kept')
  })

  await t.test('more than there are servers for are refused, with what helps', async (t) => {
    const refusal = { code: 'UNAVAILABLE', message: /4 copies of stream INTAKE.*MURMUR_REPLICAS/ }
    await t.rejects(provision({ replicas: 4 }), refusal)
    await t.rejects(provision({ placementTags: ['zone:nowhere'] }), {
      code: 'UNAVAILABLE',
      message: /tags zone:nowhere/,
    })
    await allCurrent(3)
  })

  await t.test('what was stored a moment ago is found, by whom a copy answers that is behind', async (t) => {
    const leader = await leaderOf(BUCKET.stream)
    const follower = cluster.nodes.find((node) => node !== leader)!
    const atLeader = await storeAt(cluster.urlOfNodes([leader]))
    const atFollower = await storeAt(cluster.urlOfNodes([follower]))
    cluster.cutOff(follower)
    const bytes = Buffer.from('stored a moment ago')
    const ref = await atLeader.store.put('tasks/a/b', bytes, { contentType: 'text/plain' })
    // The client's server gives some questions to itself, and the others to servers that it can't reach.
    const readings: Promise<Uint8Array>[] = []
    await until('the copy has said that it does not have it', () => {
      readings.push(atFollower.store.get(ref))
      return atFollower.misses() > 0
    })
    cluster.healAll()
    const read = await Promise.all(readings)
    t.strictSame([...new Set(read.map((each) => Buffer.from(each).toString()))], [bytes.toString()])
    await t.rejects(atFollower.store.get({ ...ref, blob: 'tasks/a/none' }), { code: 'BLOB_NOT_FOUND' })
    await allCurrent(3)
  })

  await t.test('a log is not taken for another one on the word of a server that is cut off', async (t) => {
    const leader = await leaderOf('LOG')
    const atLeader = await openBus(t, cluster.urlOfNodes([leader]))
    const place = {
      stream: await bus.streams.createdAt('LOG'),
      seq: (await bus.streams.facts('LOG')).lastSeq + 1,
      storedAtMs: 1,
    }
    t.equal(await atLeader.streams.findBreak('LOG', place), 'log-behind', 'it leads')
    cluster.cutOff(leader)
    await until('it says that it is cut off, or nothing', async () => {
      const found = await atLeader.streams.findBreak('LOG', place).catch((error: Error) => error)
      return found instanceof Error
    })
    cluster.healAll()
    await cluster.untilWhole()
    await until('the one that leads says it', async () => {
      const found = await atLeader.streams.findBreak('LOG', place).catch(() => undefined)
      return found === 'log-behind'
    })
  })

  async function leaderOf(stream: string) {
    return cluster.node((await jsm.streams.info(stream)).cluster!.leader!)
  }

  async function storeAt(servers: string) {
    const nc = await connect({ servers, ignoreClusterUpdates: true })
    t.teardown(() => nc.close())
    let misses = 0
    const request = nc.request.bind(nc)
    nc.request = async (subject, ...rest) => {
      const answer = await request(subject, ...rest)
      if (subject.startsWith('$JS.API.DIRECT.GET.') && answer.headers?.code === 404) misses++
      return answer
    }
    const manager = await jetstreamManager(nc, { checkAPI: false })
    const store = await BlobStore.open({ nc, jsm: manager, budgetBytes: 1024 ** 2 })
    misses = 0
    return { nc, store, misses: () => misses }
  }
})
