import t from 'tap'
import { type StorageLevel, storageLevelExample } from '#schemas/storage.ts'
import { judgeRoom } from '../../../services/cli/doctor/judge-room.ts'

const level = (about: Partial<StorageLevel>): StorageLevel => ({ ...storageLevelExample, ...about })

t.test('the worst says how bad it is; each is named with what it means', async (t) => {
  t.match(judgeRoom([level({ mark: 0, share: 0.4 })]), {
    status: 'ok',
    evidence: 'the fullest: log 40 % of 3.5 GiB',
  })
  t.match(judgeRoom([level({ mark: 0, limitBytes: 0, share: 0 })]), { status: 'ok' })
  t.match(judgeRoom([level({}), level({ resource: 'archive', refuses: false })]), {
    status: 'warn',
    evidence: 'log 86 % of 3.5 GiB: new tasks are refused; archive 86 % of 3.5 GiB: nearly full',
    fix: /MURMUR_STORAGE_GIB/,
  })
  t.match(judgeRoom([level({ resource: 'redis', mark: 3, share: 0.99 })]), {
    status: 'fail',
    evidence: /what accepted tasks need is nearly used up/,
    fix: /archive/,
  })
  t.match(judgeRoom([level({ resource: 'archive', mark: 3 })]), { evidence: /the oldest history goes/ })
  t.match(judgeRoom([level({ resource: 'templates', mark: 2 })]), {
    status: 'fail',
    fix: /MURMUR_STORAGE_GIB/,
  })
})
