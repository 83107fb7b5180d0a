import t from 'tap'
import { SUBJECTS } from '../../../subjects/subjects.ts'
import { openBus, openNats } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { openTcpProxy } from '../../support/tcp-proxy.ts'
import { until } from '../../support/until.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const { nc, jsm } = await openNats(t, servers.natsUrl)
await bus.streams.provision({ partitions: 16, storageBytes: 1024 ** 3 })

let ids = 0
const put = (partition: number, text: string) =>
  bus.publisher.publish(SUBJECTS.log(partition, 'control'), text, { msgId: `log-${ids++}` })
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => String(from + i))

function read(partition: number, fromSeq = 1) {
  const texts: string[] = []
  const seqs: number[] = []
  const troubles: string[] = []
  const reader = bus.consumers.readLog({
    stream: 'LOG',
    filterSubject: SUBJECTS.logOfPartition(partition),
    fromSeq,
    onMessage: ({ data, seq }) => {
      texts.push(Buffer.from(data).toString())
      seqs.push(seq)
    },
    onTrouble: (what) => void troubles.push(what),
  })
  t.teardown(() => reader.stop())
  return { texts, seqs, troubles, reader }
}

t.test('one partition, from a number on, in order', async (t) => {
  const first = await put(0, '0')
  await Promise.all(numbers(1, 500).map((text, i) => put(i % 2 === 0 ? 0 : 1, text)))
  t.equal(await bus.streams.lastLogSeq('LOG', 3), 0, 'an empty partition')
  const all = read(0)
  const tail = read(0, first.seq + 1)
  await until('all is read', () => all.texts.length === 251 && tail.texts.length === 250)
  t.strictSame(all.texts.slice(1), tail.texts)
  t.equal(await bus.streams.lastLogSeq('LOG', 0), all.seqs.at(-1))
  t.strictSame(
    all.seqs,
    [...all.seqs].sort((a, b) => a - b),
  )
  await Promise.all([all.reader.stop(), tail.reader.stop()])
  await put(0, 'unheard')
  t.equal((await bus.streams.lastLogSeq('LOG', 0)) > all.seqs.at(-1)!, true)
  t.notOk(all.texts.includes('unheard'), 'nothing after it was stopped')
})

t.test('what is written while the server is killed and restarted is read once, in order', async (t) => {
  const { texts, seqs } = read(2)
  for (const text of numbers(0, 200)) await put(2, text)
  await until('reading has begun', () => texts.length === 200)
  for (let round = 1; round <= 2; round++) {
    const writing = Promise.all(numbers(200 * round, 200 * (round + 1)).map((text) => put(2, text)))
    await servers.killNats()
    await servers.restartNats()
    await writing
  }
  await until('all is read', () => texts.length >= 600, 15_000)
  await put(2, 'end')
  await until('and goes on', () => texts.at(-1) === 'end')
  t.equal(texts.length, 601, 'nothing twice')
  t.equal(new Set(texts).size, 601)
  t.strictSame(
    seqs,
    [...seqs].sort((a, b) => a - b),
  )
})

t.test('a consumer that vanishes is made again', async (t) => {
  const { texts } = read(3)
  await put(3, 'a')
  await until('reading has begun', () => texts.length === 1)
  // The server was away: what this connection asks before it is back is lost.
  await until('the test is connected', () =>
    nc.flush().then(
      () => true,
      () => false,
    ),
  )
  for await (const { name } of jsm.consumers.list('LOG')) await jsm.consumers.delete('LOG', name)
  const deletedMs = performance.now()
  await put(3, 'b')
  await until('it goes on', () => texts.length === 2)
  t.ok(performance.now() - deletedMs < 5000, `after ${Math.round(performance.now() - deletedMs)} ms`)
  t.strictSame(texts, ['a', 'b'])
})

t.test('reading can be ended while the server is away', async (t) => {
  const { reader, texts } = read(3)
  await until('reading has begun', () => texts.length === 2)
  await servers.killNats()
  const startedMs = performance.now()
  await reader.stop()
  const tookMs = performance.now() - startedMs
  t.ok(tookMs < 6000, `${Math.round(tookMs)} ms`)
  await servers.restartNats()
})

t.test('a connection that is cut while messages come costs none of them, the last one neither', async (t) => {
  const proxy = await openTcpProxy(t, servers.natsUrl)
  const cutBus = await openBus(t, proxy.url)
  const texts: string[] = []
  const reader = cutBus.consumers.followLog({
    stream: 'LOG',
    filterSubject: SUBJECTS.logOfPartition(4),
    fromSeq: 1,
    onMessage: ({ data }) => void texts.push(Buffer.from(data).toString()),
  })
  t.teardown(() => reader.stop())
  const slowest: number[] = []
  for (let round = 0; round < 30; round++) {
    await until('the connection is there', () => cutBus.connected && proxy.open > 0)
    // Round by round in another place: before the message, within it, behind it.
    proxy.cutAfter(1 + 9 * round)
    await put(4, `round ${round}`)
    const startedMs = performance.now()
    await until(`round ${round} is read, though nothing follows it`, () => texts.length === round + 1)
    slowest.push(performance.now() - startedMs)
  }
  t.strictSame(
    texts,
    numbers(0, 30).map((n) => `round ${n}`),
  )
  t.ok(Math.max(...slowest) < 3000, `the slowest came after ${Math.round(Math.max(...slowest))} ms`)
})

t.test('a long log is read to its end by somebody with little room, over many cuts', async (t) => {
  const count = 10_000
  await Promise.all(numbers(0, count).map((text) => put(5, text)))
  const proxy = await openTcpProxy(t, servers.natsUrl)
  const cutBus = await openBus(t, proxy.url)
  const texts: string[] = []
  let waiting = 0
  let most = 0
  const reader = cutBus.consumers.followLog({
    stream: 'LOG',
    filterSubject: SUBJECTS.logOfPartition(5),
    fromSeq: 1,
    room: () => 500 - waiting,
    onMessage: ({ data }) => {
      texts.push(Buffer.from(data).toString())
      most = Math.max(most, ++waiting)
    },
  })
  t.teardown(() => reader.stop())
  const takes = setInterval(() => {
    waiting = 0
    reader.more()
  }, 5)
  const cuts = setInterval(() => proxy.cutAfter(40_000), 150)
  t.teardown(() => clearInterval(takes))
  await until('all is read', () => texts.length === count, 60_000)
  clearInterval(cuts)
  t.strictSame(texts, numbers(0, count))
  t.ok(most <= 500, `${most} were waiting at once`)
  t.equal(reader.unread, 0)
})

t.test('an end that was not told is found, and reading begun again', async (t) => {
  const restarts: string[] = []
  const texts: string[] = []
  const reader = bus.consumers.followLog({
    stream: 'LOG',
    filterSubject: SUBJECTS.logOfPartition(6),
    fromSeq: 1,
    pollIntervalMs: 100,
    onMessage: ({ data }) => void texts.push(Buffer.from(data).toString()),
    onRestart: (why) => void restarts.push(why),
  })
  t.teardown(() => reader.stop())
  await put(6, 'a')
  await until('reading has begun', () => texts.length === 1)
  // Its consumer is stopped by the server: it lives and gives signs of life, and nothing comes.
  for await (const { name, config } of jsm.consumers.list('LOG'))
    if (config.filter_subject === SUBJECTS.logOfPartition(6))
      await jsm.consumers.pause('LOG', name, new Date(Date.now() + 60_000))
  await put(6, 'b')
  await until('what was held back is known of', () => reader.unread > 0)
  await until('it goes on', () => texts.length === 2)
  t.match(restarts, [/goes on/])
  t.equal(reader.unread, 0)
})

t.test('another log in place of the one that was read is told, and nothing of it handed over', async (t) => {
  const filterSubject = SUBJECTS.logOfPartition(7)
  await put(7, 'a')
  const { created } = await bus.streams.facts('LOG')
  const last = (await bus.streams.nextMessage('LOG', filterSubject, 1))!
  const place = { stream: created, seq: last.seq, storedAtMs: last.storedAtMs }
  t.equal(await bus.streams.findBreak('LOG', place), undefined)
  t.equal(await bus.streams.findBreak('LOG', { ...place, stream: 'another' }), 'other-stream')
  t.equal(await bus.streams.findBreak('LOG', { ...place, seq: 1e9 }), 'log-behind')
  t.equal(
    await bus.streams.findBreak('LOG', { ...place, storedAtMs: last.storedAtMs - 5000 }),
    'other-history',
  )

  const texts: string[] = []
  const breaks: string[] = []
  const follow = (after: typeof place, pollIntervalMs = 50) => {
    const follower = bus.consumers.followLog({
      stream: 'LOG',
      filterSubject,
      fromSeq: after.seq + 1,
      after,
      pollIntervalMs,
      onMessage: ({ data }) => void texts.push(Buffer.from(data).toString()),
      onBreak: (how) => void breaks.push(how),
    })
    t.teardown(() => follower.stop())
    return follower
  }
  await follow({ ...place, storedAtMs: 1 }).done
  t.strictSame(breaks.splice(0), ['other-history'], 'at the start')
  const follower = follow(place)
  await put(7, 'b')
  await until('it reads', () => texts.length === 1)
  // The stream is made anew behind its back, and is soon longer than it was.
  await jsm.streams.delete('LOG')
  await bus.streams.provision({ partitions: 16, storageBytes: 1024 ** 3 })
  await put(7, 'of another log')
  await follower.done
  t.strictSame(breaks, ['other-stream'])
  t.strictSame(texts, ['b'])
})
