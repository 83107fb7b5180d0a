import { zstdCompressSync } from 'node:zlib'
import t from 'tap'
import {
  parseManifestEntry,
  readSegment,
  SegmentIndex,
} from '../../../services/orchestrator/history/segment-reader.ts'

const packed = (...lines: unknown[]) =>
  zstdCompressSync(`${lines.map((line) => JSON.stringify(line)).join('\n')}\n`)
const later = { format: 'murmuration-history', schemaVersion: 2 }

t.test('what a later version wrote is refused by its name, wherever it stands', async (t) => {
  const fault = { code: 'INTERNAL', message: /version 2 of the archive, this software reads up to 1/ }
  t.throws(() => readSegment(packed(later)), fault)
  t.throws(() => new SegmentIndex(packed(later)), fault)
  t.throws(() => parseManifestEntry(Buffer.from(JSON.stringify(later)), 'manifest/x'), fault)
})

t.test('what is none is refused with what is wrong', async (t) => {
  t.throws(() => readSegment(packed({ seq: 1 })), { code: 'INTERNAL', message: /header/ })
  t.throws(() => readSegment(Buffer.from('text')), { code: 'INTERNAL', message: /decompressed/ })
  t.throws(() => parseManifestEntry(Buffer.from('{'), 'manifest/x'), { message: /manifest\/x is no JSON/ })
  t.throws(() => parseManifestEntry(Buffer.from('{}'), 'manifest/x'), {
    message: /manifest\/x is no entry: format/,
  })
})
