import t from 'tap'
import { withoutForgotten } from '../../../../../services/agents/video/tracking/rules/known-keys.ts'

t.test('what has not been seen for some minutes is forgotten, but for what may come back', async (t) => {
  const before = { 1: { seenMs: 0 }, 2: { seenMs: 0 }, 3: { seenMs: 400_000 } }
  t.strictSame(Object.keys(withoutForgotten(before, 310_000, new Set())), ['1', '2', '3'])
  t.strictSame(Object.keys(withoutForgotten(before, 310_001, new Set([2]))), ['2', '3'])
})
