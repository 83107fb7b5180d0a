import fc from 'fast-check'
import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { silentLog } from '#platform/telemetry/logger.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import { LIMITS } from '#schemas/limits.ts'
import { chunkReplaySchema, type StepChunks, stepChunksSchema } from '#schemas/step-chunks.ts'
import { stepMessageExample } from '#schemas/step-message.ts'
import { ChunkEmitter, WINDOW_MS } from '../../services/sdk/chunk-emitter.ts'

const step = { ...stepMessageExample, tenant: 'north', agent: 'writer', stepId: 'write', attempt: 2 }

function openEmitter() {
  const clock = createManualClock()
  const sent: StepChunks[] = []
  const served = new Map<string, () => unknown>()
  const bus = {
    publishCore(subject: string, data: string) {
      if (subject !== `chunks.north.writer.${step.taskId}.write`) throw new Error(subject)
      if (Buffer.byteLength(data) > 1024 * 1024) throw new Error('no message takes that')
      sent.push(stepChunksSchema.parse(JSON.parse(data)))
    },
    serveSubject(subject: string, handler: () => unknown) {
      served.set(subject, handler)
      return () => void served.delete(subject)
    },
  } as unknown as Bus
  const metrics = createMetrics()
  const emitter = new ChunkEmitter(step, 3, { bus, clock, log: silentLog, metrics })
  const replay = (): StepChunks[] => {
    const handler = served.get(`chunk-replay.north.writer.${step.taskId}.write.2`)
    if (!handler) throw new Error('nobody answers')
    return chunkReplaySchema.parse(JSON.parse(new TextDecoder().decode(handler() as Uint8Array))).parts
  }
  return { emitter, clock, sent, served, replay, metrics }
}

const numbered = (messages: readonly StepChunks[]) =>
  messages.flatMap(({ from, chunks }) => chunks.map((chunk, i) => [from + i, chunk] as const))

t.test('nothing is sent or served as long as nothing is emitted', async (t) => {
  const { emitter, sent, served, clock } = openEmitter()
  emitter.end()
  t.strictSame([sent.length, served.size, clock.sleeping], [0, 0, 0])
})

t.test('the first chunk goes at once, what follows within a window together, text as one', async (t) => {
  const { emitter, sent, clock, replay } = openEmitter()
  emitter.emit('Sales')
  t.match(sent, [{ attempt: 2, delivery: 3, from: 1, chunks: ['Sales'] }])
  for (const text of [' rose', ' by', ' 4 %']) emitter.emit(text)
  emitter.emit({ page: 1 })
  emitter.emit('.')
  t.equal(sent.length, 1)
  await clock.advance(WINDOW_MS)
  t.strictSame(
    sent.slice(1).map(({ from, chunks }) => ({ from, chunks })),
    [{ from: 2, chunks: [' rose by 4 %', { page: 1 }, '.'] }],
  )
  t.strictSame(numbered(replay()), numbered(sent), 'and who comes late gets the same')
  await clock.advance(WINDOW_MS)
  t.equal(clock.sleeping, 0, 'nothing goes on by itself')
})

t.test('the end sends what waits, and nothing comes after it', async (t) => {
  const { emitter, sent, served, clock } = openEmitter()
  emitter.emit('a')
  emitter.emit('b')
  emitter.end()
  emitter.emit('c')
  emitter.end()
  await clock.advance(WINDOW_MS)
  t.strictSame(numbered(sent), [
    [1, 'a'],
    [2, 'b'],
  ])
  t.equal(served.size, 0)
})

t.test('a value is told as it was when it was emitted', async (t) => {
  const { emitter, sent } = openEmitter()
  const rows = [1]
  emitter.emit('x')
  emitter.emit(rows as never)
  rows.push(2)
  emitter.end()
  t.strictSame(numbered(sent).at(-1), [2, [1]])
})

t.test('what is no JSON or too large is left out, and leaves a gap in the numbers', async (t) => {
  const { emitter, sent, metrics } = openEmitter()
  const nested = JSON.parse(`${'['.repeat(17)}${']'.repeat(17)}`)
  const cycle: Record<string, unknown> = {}
  cycle.self = cycle
  emitter.emit('a')
  for (const bad of [
    1n,
    undefined,
    cycle,
    Number.NaN,
    new Map(),
    'x',
    { text: 'x'.repeat(20_000) },
    nested,
    nested[0],
  ])
    emitter.emit(bad as never)
  emitter.emit('z')
  emitter.end()
  const told = numbered(sent)
  t.strictSame(
    told.map(([, chunk]) => chunk),
    ['a', 'x', nested[0], 'z'],
  )
  t.strictSame(
    told.map(([n]) => n),
    [1, 7, 10, 11],
  )
  const text = await metrics.expose()
  t.match(text, /murmur_chunks_left_out_total\{agent="writer"\} 7/)
  t.match(text, /murmur_chunks_total\{agent="writer"\} 4/)
})

t.test('long text is cut between characters, none of it lost', async (t) => {
  const { emitter, sent, clock } = openEmitter()
  const text = '🙂\u0001é'.repeat(4000)
  emitter.emit(text)
  await clock.advance(WINDOW_MS)
  const told = numbered(sent)
  t.equal(told.map(([, chunk]) => chunk).join(''), text)
  t.ok(told.length > 1)
  for (const [, chunk] of told) t.ok(Buffer.byteLength(JSON.stringify(chunk)) <= LIMITS.chunkBytes)
})

t.test('a window holds so much; what is beyond is left out and counted', async (t) => {
  const { emitter, sent, clock } = openEmitter()
  emitter.emit('first')
  for (let i = 0; i < 20; i++) emitter.emit({ i, text: 'x'.repeat(8000) } as never)
  await clock.advance(WINDOW_MS)
  const bytes = sent.map(({ chunks }) => JSON.stringify(chunks).length)
  for (const one of bytes) t.ok(one <= LIMITS.chunkWindowBytes + 1000, `${one} bytes`)
  const before = numbered(sent).length
  t.ok(before < 21)
  emitter.emit('last')
  await clock.advance(WINDOW_MS)
  t.equal(numbered(sent).at(-1)?.[0], 22, 'the numbers say how much is missing')
})

t.test('of much the latest is kept, within its bounds', async (t) => {
  const { emitter, sent, clock, replay } = openEmitter()
  for (let i = 0; i < 100; i++) {
    emitter.emit({ i, text: 'x'.repeat(10_000) } as never)
    await clock.advance(WINDOW_MS)
  }
  const kept = numbered(replay())
  const bytes = kept.reduce((sum, [, chunk]) => sum + JSON.stringify(chunk).length, 0)
  t.ok(bytes <= LIMITS.chunkBufferBytes && bytes > LIMITS.chunkBufferBytes - 20_000, `${bytes} bytes`)
  t.strictSame(kept, numbered(sent).slice(-kept.length))
  const small = openEmitter()
  for (let i = 0; i < LIMITS.chunkBufferCount + 500; i++) {
    small.emitter.emit(i)
    if (i % 100 === 0) await small.clock.advance(WINDOW_MS)
  }
  await small.clock.advance(WINDOW_MS)
  const numbers = numbered(small.replay())
  t.equal(numbers.length, LIMITS.chunkBufferCount)
  t.equal(numbers[0]?.[0], 501)
})

t.test('whatever is emitted whenever: text comes whole and in order, numbers only grow', async () => {
  const word = fc.oneof(fc.string({ maxLength: 20 }), fc.constant(7), fc.constant(undefined))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(word, fc.boolean()), { maxLength: 60 }), async (said) => {
      const { emitter, sent, clock } = openEmitter()
      for (const [chunk, waits] of said) {
        emitter.emit(chunk as never)
        if (waits) await clock.advance(WINDOW_MS)
      }
      emitter.end()
      const told = numbered(sent)
      const text = (values: readonly unknown[]) => values.filter((value) => value !== undefined).join('')
      const grows = told.every(([n], i) => i === 0 || n > told[i - 1]![0])
      return grows && text(told.map(([, chunk]) => chunk)) === text(said.map(([chunk]) => chunk))
    }),
    { numRuns: 100 },
  )
})
