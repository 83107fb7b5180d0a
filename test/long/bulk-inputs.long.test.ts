import t from 'tap'
import { startBulkInputs } from '../support/bulk-inputs.ts'

t.setTimeout(15 * 60_000)
const bulk = await startBulkInputs(t, { storageGib: 16 })

t.test('a gigabyte in one step, in the memory of a few documents', async (t) => {
  const [read] = await bulk.read(['bulk-lazy'], 1024)
  t.ok(read!.grownMb < 200, `grown by ${read!.grownMb} MB`)
})

t.test('a gigabyte as streams', async (t) => {
  const [read] = await bulk.read(['bulk-stream'], 1024)
  t.ok(read!.grownMb < 200, `grown by ${read!.grownMb} MB`)
})

t.test('a gigabyte at once, where a process has the memory', async () => {
  await bulk.read(['bulk-whole'], 1024)
})
