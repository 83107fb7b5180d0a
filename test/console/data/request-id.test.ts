import t from 'tap'
import { newRequestId } from '../../../services/console/data/request-id.ts'

t.test('ids of requests are not the same twice', async (t) => {
  const ids = new Set(Array.from({ length: 1000 }, newRequestId))
  t.equal(ids.size, 1000)
  for (const id of ids) t.match(id, /^console-[0-9a-z]{8,60}$/)
})
