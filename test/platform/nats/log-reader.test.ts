import t from 'tap'
import { SUBJECTS } from '../../../subjects/subjects.ts'
import { openBus, openNats } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
await bus.provisionStreams({ partitions: 4, storageBytes: 1024 ** 3 })

let ids = 0
const put = (partition: number, text: string) =>
  bus.publisher.publish(SUBJECTS.log(partition, 'control'), text, { msgId: `log-${ids++}` })
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => String(from + i))

function read(partition: number, fromSeq = 1) {
  const texts: string[] = []
  const seqs: number[] = []
  const troubles: string[] = []
  const reader = bus.readLog({
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
  t.equal(await bus.lastLogSeq('LOG', 3), 0, 'an empty partition')
  const all = read(0)
  const tail = read(0, first.seq + 1)
  await until('all is read', () => all.texts.length === 251 && tail.texts.length === 250)
  t.strictSame(all.texts.slice(1), tail.texts)
  t.equal(await bus.lastLogSeq('LOG', 0), all.seqs.at(-1))
  t.strictSame(
    all.seqs,
    [...all.seqs].sort((a, b) => a - b),
  )
  await Promise.all([all.reader.stop(), tail.reader.stop()])
  await put(0, 'unheard')
  t.equal((await bus.lastLogSeq('LOG', 0)) > all.seqs.at(-1)!, true)
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
