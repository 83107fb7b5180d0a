import t from 'tap'
import { missingPage } from '../../../services/edge/console/missing-page.ts'

t.test('the page says why and what to do, and nothing in it is code', async (t) => {
  const page = missingPage({ folder: '/x/<script>', requestId: 'r1' })
  t.notMatch(page, /<script/)
  t.match(page, /CONSOLE_NOT_BUILT[\s\S]*r1/)
  t.match(missingPage({ folder: undefined, requestId: 'r2' }), /MURMUR_EDGE_CONSOLE_DIR/)
})
