import t from 'tap'
import { CountedBlobs } from '../../../services/orchestrator/objects/counted-blobs.ts'
import { quietLog } from '../../support/owner-fixture.ts'

t.test(
  'what the platform stores for a task is counted with its tenant, and stored though it can not be counted',
  async (t) => {
    const ref = { blob: 'tasks/t1/a/x', size: 7, sha256: 'a'.repeat(64), contentType: 'application/json' }
    const counted: unknown[] = []
    let isAway = false
    const blobs = new CountedBlobs({
      blobs: { put: async () => ref, keep: async () => ref },
      ledger: {
        async record(object, dueMs) {
          if (isAway) throw new Error('away')
          counted.push([object, dueMs])
          return dueMs
        },
      },
      tenantOf: async () => 'acme',
      ...{ keepFinishedMs: 50, nowMs: () => 100, log: quietLog },
    })
    const about = { contentType: 'application/json' }
    t.equal(await blobs.put('tasks/t1/a', Buffer.from('x'), about), ref)
    t.equal(await blobs.keep('tasks/t1/a', Buffer.from('x'), about), ref)
    t.strictSame(counted[0], [{ key: 'tasks/t1/a/x', tenant: 'acme', size: 7 }, 150])
    isAway = true
    t.equal(await blobs.put('tasks/t1/a', Buffer.from('x'), about), ref)
    t.equal(counted.length, 2)
  },
)
