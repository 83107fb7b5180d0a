import t from 'tap'
import { targetOf } from '../../../services/cli/commands/bookmarks.ts'

t.test('what is named says what the bookmark is of', async (t) => {
  t.strictSame(targetOf('a0123456789abcdef', undefined, 0), { alert: 'a0123456789abcdef' })
  t.strictSame(targetOf('ra0123456789abcdef', undefined, 0), { review: 'ra0123456789abcdef' })
  const atMs = 1_700_000_000_000
  t.strictSame(targetOf('yard', atMs, atMs + 5), { camera: 'yard', atMs })
})
