import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { LOCK_STALE_MS, StoreLock } from '../../../../../services/agents/video/recordings/store/store-lock.ts'
import { temporaryFolder } from '../open-store.ts'

t.test('one at a time has a folder, until he gives it back or falls silent', async (t) => {
  const folder = await temporaryFolder(t)
  const [first, second] = [new StoreLock(folder), new StoreLock(folder)]
  t.equal(await first.take(0), true)
  t.equal(await first.renew(1000), true)
  await first.release()
  t.equal(await second.take(0), true)
  t.equal(await first.renew(2000), false, 'it is somebody else’s')
  await first.release()
  t.equal(await second.renew(3000), true, 'who has not the folder gives none back')
})

t.test(
  'an owner on another machine: watched for as long as it may be silent, by no clock of the wall',
  async (t) => {
    const folder = await temporaryFolder(t)
    await writeFile(join(folder, 'owner.json'), JSON.stringify({ token: 'x', pid: 1, host: 'another' }))
    const lock = new StoreLock(folder)
    t.equal(await lock.take(1_000_000), false, 'nothing is known of it yet')
    t.equal(await lock.take(1_000_000 + LOCK_STALE_MS), false)
    t.equal(await lock.take(1_000_001 + LOCK_STALE_MS), true)
  },
)
