import t from 'tap'
import { usageExample } from '#schemas/object-usage.ts'
import { noPaint } from '../../../services/cli/output/paint.ts'
import { usageLine } from '../../../services/cli/system/render-usage.ts'

t.test('what is used, of what; without a limit only what is used', async (t) => {
  t.equal(
    usageLine(usageExample, noPaint),
    'this tenant uses  tasks 12 of 50000  cameras 3 of 32  objects 700 MiB of 1.8 GiB',
  )
  const free = { ...usageExample, tasks: { used: 3, limit: 0 }, cameras: { used: 0, limit: 32 } }
  t.match(usageLine(free, noPaint), /tasks 3 {2}objects/)
})
