import t from 'tap'
import { isSecretName, redactText } from '#platform/telemetry/redact.ts'

t.test('names and texts that tell nothing stay as they are', async (t) => {
  for (const name of ['idempotencyKey', 'tokens', 'author', 'key', 'taskId', 'keyPhrases']) {
    t.notOk(isSecretName(name), name)
  }
  t.equal(redactText('mail a@b.c about http://host/path'), 'mail a@b.c about http://host/path')
  t.equal(redactText('basic numbers'), 'basic numbers')
})

t.test('a long text costs linear time', async (t) => {
  const text = `${'a'.repeat(200_000)}://${'b'.repeat(200_000)}`
  const startedMs = performance.now()
  redactText(text)
  t.ok(performance.now() - startedMs < 500)
})
