import t from 'tap'
import { logName, manifestKey, segmentKey } from '../../../services/orchestrator/history/segment-format.ts'
import { assertKey } from '../../../services/platform/storage/file-store.ts'

t.test('names of files sort as what they stand for, and are keys of any store', async (t) => {
  const log = logName('2026-11-29T16:34:38.123456789Z')
  t.equal(log, '20261129T163438.123456789Z')
  const of = { log, partition: 7, partitions: 16 }
  const keys = [1, 9, 10, 99_999, 9_007_199_254_740_991].map((seq) => manifestKey(of, seq))
  t.strictSame(keys, keys.toSorted())
  t.equal(keys[0], 'manifest/20261129T163438.123456789Z/p07of16/0000000000000001.json')
  const key = segmentKey(of, { fromSeq: 1, toSeq: 4711 }, 'ab'.repeat(32))
  t.equal(key, `segments/${log}/p07of16/0000000000000001-0000000000004711-abababababab`)
  for (const name of [
    ...keys,
    key,
    manifestKey({ log: logName('0001-01-01T00:00:00Z'), partition: 0, partitions: 1 }, 1),
  ])
    t.doesNotThrow(() => assertKey(name))
})
