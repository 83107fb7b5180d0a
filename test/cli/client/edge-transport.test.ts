import { createHash } from 'node:crypto'
import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import type { BlobReading } from '#platform/nats/blob-store.ts'
import { LIMITS } from '#schemas/limits.ts'
import { EdgeTransport, readChecked } from '../../../services/cli/client/edge-transport.ts'

const TEXT = Buffer.from('some bytes')
const REF = {
  blob: 'uploads/x',
  size: TEXT.length,
  sha256: createHash('sha256').update(TEXT).digest('hex'),
  contentType: 'text/plain',
}
const reading = (): BlobReading => ({
  ...REF,
  name: undefined,
  bytes: new Blob([TEXT.subarray(0, 4), TEXT.subarray(4)]).stream(),
})

t.test('an object is taken if it is the one that its reference means', async (t) => {
  t.ok(TEXT.equals(await readChecked(reading(), REF, 10)))
  await t.rejects(readChecked(reading(), REF, 9), {
    code: 'LIMIT_EXCEEDED',
    message: /more than the 9 bytes/,
  })
  await t.rejects(readChecked(reading(), { ...REF, sha256: '0'.repeat(64) }, 10), { code: 'BLOB_CORRUPT' })
})

t.test('what is too large is refused before it is sent', async (t) => {
  const transport = new EdgeTransport({ url: 'http://127.0.0.1:9', credential: undefined }, systemClock)
  const unread = { [Symbol.asyncIterator]: () => t.fail('it was read') as never }
  const upload = transport.upload(unread, {
    contentType: 'text/plain',
    name: 'big.txt',
    size: LIMITS.blobBytes + 1,
  })
  await t.rejects(upload, { code: 'PAYLOAD_TOO_LARGE', message: /^big\.txt has \d+ bytes/ })
  t.equal(transport.operatorCall, undefined, 'operators come over NATS')
})
