import fc from 'fast-check'
import t from 'tap'
import { SegmentBuilder } from '../../../services/orchestrator/history/segment-builder.ts'
import {
  isIntact,
  readFrame,
  readSegment,
  SegmentIndex,
} from '../../../services/orchestrator/history/segment-reader.ts'

const ABOUT = { log: 'l1', partition: 3, partitions: 16, fromSeq: 5, software: '0.1.0' }
const eventArbitrary = fc.record({
  taskId: fc.constantFrom('a', 'b', 'c', undefined),
  data: fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.constant(Buffer.from(`{"long":"${'x'.repeat(90_000)}"}`)),
    fc.json().map((text) => Buffer.from(text)),
  ),
})

t.test('any events: the segment has them, and each task is found by its frames alone', async (t) => {
  fc.assert(
    fc.property(fc.array(eventArbitrary, { minLength: 1, maxLength: 30 }), (drawn) => {
      const builder = new SegmentBuilder(ABOUT)
      const events = drawn.map(({ taskId, data }, i) => ({
        taskId,
        raw: { subject: 'log.3.result.x', data: Buffer.from(data), seq: 5 + 2 * i, storedAtMs: 1000 + i },
      }))
      for (const { taskId, raw } of events)
        builder.add(raw, { kind: 'result', taskId, tenant: 'north', isPlain: false })
      const { entry, data, index } = builder.seal()
      const { header, events: found } = readSegment(data)
      t.match(header, ABOUT)
      t.strictSame(
        found.map(({ seq, data: bytes }) => [seq, Buffer.from(bytes)]),
        events.map(({ raw }) => [raw.seq, raw.data]),
      )
      t.match(entry, { fromSeq: 5, toSeq: events.at(-1)!.raw.seq, events: events.length, ended: 0 })
      t.ok(isIntact(data, entry.data) && isIntact(index, entry.index))
      const read = new SegmentIndex(index)
      for (const id of ['a', 'b', 'c']) {
        const wanted = events.filter(({ taskId }) => taskId === id).map(({ raw }) => raw.seq)
        const line = read.find(id)
        t.equal(line?.events ?? 0, wanted.length)
        const parts = (line?.frames ?? []).map((place) => {
          const frame = read.frames[place]!
          return readFrame(data.subarray(frame.offset, frame.offset + frame.bytes), id, frame)
        })
        t.strictSame(
          parts.flat().map(({ seq }) => seq),
          wanted,
        )
      }
      t.equal(read.find('nobody'), undefined)
    }),
    { numRuns: 60 },
  )
})

t.test('there is no segment without an event, and what is spoilt is noticed', async (t) => {
  t.throws(() => new SegmentBuilder(ABOUT).seal())
  const builder = new SegmentBuilder(ABOUT)
  builder.add(
    { subject: 'log.3.timer', data: Buffer.from('{}'), seq: 5, storedAtMs: 1 },
    { kind: 'timer', isPlain: true },
  )
  const { entry, data } = builder.seal()
  const spoilt = Buffer.from(data)
  spoilt[data.length - 6]! ^= 1
  t.notOk(isIntact(spoilt, entry.data))
  t.throws(() => readSegment(spoilt), { code: 'INTERNAL' })
  t.throws(() => readSegment(data.subarray(0, data.length - 3)), { code: 'INTERNAL' })
})
