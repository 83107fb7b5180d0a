import t from 'tap'
import { readState, writeState } from '../../../services/console/data/url-state.ts'

t.test('what stands in the URL is read and changed, and the rest of it stays', async (t) => {
  const search = new URLSearchParams('status=failed&label=a:b&label=c:d&other=1')
  const state = readState(search, ['status', 'label', 'q'])
  t.equal(state.text('status'), 'failed')
  t.strictSame(state.label, ['a:b', 'c:d'])
  t.equal(state.text('q'), undefined)
  t.equal(String(writeState(search, { status: '', label: ['x:y'], q: 'a b' })), 'label=x%3Ay&other=1&q=a+b')
})
