import t from 'tap'
import {
  addChunks,
  MAX_STREAMED,
  type StreamedParts,
} from '../../../../services/console/screens/task/streamed-parts.ts'

t.test('streamed parts: texts are put together, bounded, and a later run begins anew', async (t) => {
  let parts: StreamedParts = new Map()
  const add = (chunks: unknown[], more = {}) => {
    parts = addChunks(parts, {
      stepId: 's',
      attempt: 1,
      delivery: 1,
      atMs: 1,
      from: 1,
      chunks: chunks as never,
      ...more,
    })
  }
  add(['Sales ', 'rose'])
  add([{ a: 1 }])
  t.equal(parts.get('s')?.text, 'Sales rose{"a":1}\n')
  add(['x'.repeat(MAX_STREAMED)])
  t.equal(parts.get('s')?.text.length, MAX_STREAMED)
  t.equal(parts.get('s')?.cut, 18)
  add(['again'], { restarts: true, attempt: 2, cut: 3 })
  t.match(parts.get('s'), { text: 'again', attempt: 2, cut: 0, isIncomplete: true })
  t.equal(new Map(parts).size, 1)
})
