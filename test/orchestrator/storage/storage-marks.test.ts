import t from 'tap'
import { STREAM_BOUNDS } from '../../../services/orchestrator/intake/capacity-check.ts'
import { MEMORY_BOUND } from '../../../services/orchestrator/intake/memory-check.ts'
import {
  markOf,
  RELIEF,
  STORAGE_MARKS,
  WATCHED_STREAMS,
} from '../../../services/orchestrator/storage/storage-marks.ts'
import { STREAMS } from '../../../subjects/streams.ts'

const { log, redis } = STORAGE_MARKS

t.test('up at once, down a little below, so that who goes to and fro is told once', async (t) => {
  t.equal(markOf(0.85, log), 0, 'at a mark is not above it')
  t.equal(markOf(0.851, log), 1)
  t.equal(markOf(0.93, log), 2)
  t.equal(markOf(0.99, log), 3)
  t.equal(markOf(0.84, log, 1), 1, 'it was above')
  t.equal(markOf(0.829, log, 1), 0)
  t.equal(markOf(0.96, log, 3), 3)
  t.equal(markOf(0.949, log, 3), 2)
  t.equal(markOf(0.1, log, 3), 0, 'several at once')
  t.equal(markOf(0.93, log, 1), 2)
})

t.test('marks rise; the first is where admission refuses; Redis is relieved before', async (t) => {
  for (const [name, { marks }] of Object.entries(STORAGE_MARKS))
    t.ok(marks[0] < marks[1] && marks[1] < marks[2] && marks[2] < 1, name)
  t.equal(log.marks[0], STREAM_BOUNDS.log)
  t.equal(redis.marks[0], MEMORY_BOUND)
  t.ok(RELIEF.to < RELIEF.from && RELIEF.from < redis.marks[0])
})

t.test('every stream that refuses what finds no room is watched', async (t) => {
  const refusing = Object.entries(STREAMS).filter(([, { discard }]) => discard === 'new')
  t.strictSame([...WATCHED_STREAMS].sort(), refusing.map(([name]) => name).sort())
})
