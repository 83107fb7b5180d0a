import t from 'tap'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import { LIMITS } from '#schemas/limits.ts'
import { type StepMessage, stepMessageExample } from '#schemas/step-message.ts'
import {
  inlinePayload,
  offloadedPayload,
  type StoredInput,
} from '../../../services/workflow/decide/step-payload.ts'

const MAX_PAYLOAD = 1024 ** 2
const messageOf = (input: StepMessage['input']): StepMessage => ({ ...stepMessageExample, input })
const bareBytes = Buffer.byteLength(JSON.stringify(messageOf('')))

t.test('a message travels with its input up to the limit', async (t) => {
  const full = messageOf('x'.repeat(LIMITS.inlineInputBytes - bareBytes))
  t.equal(inlinePayload(full, MAX_PAYLOAD), JSON.stringify(full))
  t.equal(inlinePayload(messageOf(`${full.input}x`), MAX_PAYLOAD), undefined, 'one byte more')
})

t.test('bytes are counted, not characters', async (t) => {
  const euros = Math.floor((LIMITS.inlineInputBytes - bareBytes) / 3)
  t.ok(inlinePayload(messageOf('€'.repeat(euros)), MAX_PAYLOAD))
  t.equal(inlinePayload(messageOf('€'.repeat(euros + 1)), MAX_PAYLOAD), undefined)
})

t.test('a server that takes less counts, with its headers', async (t) => {
  const message = messageOf('x'.repeat(1000 - bareBytes))
  t.ok(inlinePayload(message, 1000 + 2048))
  t.equal(inlinePayload(message, 999 + 2048), undefined)
})

t.test('what references have blown up is not written down', async (t) => {
  const part = 'x'.repeat(1024 ** 2)
  const bomb = messageOf(Array.from({ length: 33 }, () => ({ part })))
  t.throws(() => inlinePayload(bomb, MAX_PAYLOAD), { code: 'LIMIT_EXCEEDED', message: /step "count"/ })
  const large = messageOf(Array.from({ length: 31 }, () => ({ part })))
  t.equal(inlinePayload(large, MAX_PAYLOAD), undefined)
})

t.test('a large input is stored once, however often it is sent', async (t) => {
  const stored: string[] = []
  const ref = { blob: 'b', size: 5, sha256: 'a'.repeat(64), contentType: 'application/json' }
  const blobs: Pick<BlobStore, 'put'> = {
    async put(folder, bytes) {
      stored.push(`${folder} ${Buffer.from(bytes as Uint8Array).toString()}`)
      return ref
    },
  }
  const input: StoredInput = {}
  const { taskId, stepId } = stepMessageExample
  const first = await offloadedPayload(messageOf([1, 2]), input, blobs)
  t.strictSame(JSON.parse(first), { ...messageOf({ $json: ref }) })
  t.equal(await offloadedPayload(messageOf([1, 2]), input, blobs), first)
  t.strictSame(stored, [`tasks/${taskId}/${stepId} [1,2]`])
})
