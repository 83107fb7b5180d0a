import t from 'tap'
import { startBulkInputs } from '../support/bulk-inputs.ts'

t.setTimeout(180_000)
const bulk = await startBulkInputs(t, { storageGib: 4 })

t.test(
  '256 MB in one step: as streams, and one document after the other, in the memory of a few',
  async (t) => {
    const [stream, lazy] = await bulk.read(['bulk-stream', 'bulk-lazy'], 256)
    t.ok(stream!.grownMb < 220, `streams: grown by ${stream!.grownMb} MB`)
    // Whole they take more than they have; what is between is garbage that nobody was in a hurry to collect.
    t.ok(lazy!.grownMb < 220, `grown by ${lazy!.grownMb} MB`)
  },
)

t.test('100 MB at once for an agent that wants it so', async () => {
  await bulk.read(['bulk-whole'], 100)
})
