import t from 'tap'
import { startBulkInputs } from '../support/bulk-inputs.ts'

t.setTimeout(180_000)
const bulk = await startBulkInputs(t, { storageGib: 4 })

t.test('512 MB in one step, one document after the other, in the memory of a few', async (t) => {
  const { grownMb } = await bulk.read('bulk-lazy', 512)
  // Whole they take more than they have; what is between is garbage that nobody was in a hurry to collect.
  t.ok(grownMb < 400, `grown by ${grownMb} MB`)
})

t.test('the same as streams', async (t) => {
  const { grownMb } = await bulk.read('bulk-stream', 256)
  t.ok(grownMb < 160, `grown by ${grownMb} MB`)
})

t.test('100 MB at once for an agent that wants it so', async () => {
  await bulk.read('bulk-whole', 100)
})
