import t from 'tap'
import { cameraKey } from '#workflow/submission-keys/camera-key.ts'
import { refusalOf } from '../../../services/orchestrator/submission-keys/key-refusal.ts'

t.test('a second monitor of a camera is told which one watches it, and what to do', async (t) => {
  const refused = refusalOf({ kind: 'refused', taskId: 't1', why: 'held-by-other' }, cameraKey('yard'))
  t.match(refused, {
    code: 'SINGLETON_CONFLICT',
    message:
      /the camera "yard" is watched by the monitor "t1" already: end that one \(murmur stop t1\), or give this one a name of its own/,
    taskId: 't1',
  })
  const other = refusalOf({ kind: 'refused', taskId: 't1', why: 'held-by-other' }, 'customer-17')
  t.match(other.message, /has the singleton key "customer-17"/)
})
