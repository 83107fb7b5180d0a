import t from 'tap'
import { CredentialEnd } from '../../../services/edge/access/credential-end.ts'

t.test('who asks for the signal ends in order', async (t) => {
  const end = new CredentialEnd()
  const { signal } = end
  t.notOk(signal.aborted)
  t.equal(end.tell(), true)
  t.ok(signal.aborted)
})

t.test('who does not is cut off; who asks too late is told at once', async (t) => {
  const end = new CredentialEnd()
  t.equal(end.tell(), false)
  t.ok(end.signal.aborted)
})
