import t from 'tap'
import { OBJECT_PIECE_BYTES } from '../../../schemas/step-object.ts'
import { ObjectLimits } from '../../../services/orchestrator/objects/object-limits.ts'
import { StepObjectCounting } from '../../../services/orchestrator/objects/step-object-counting.ts'

const P = OBJECT_PIECE_BYTES
const ACCESS = { tenant: 'acme', taskId: 't1', folder: 'tasks/t1/a' }

t.test(
  'room is set aside before pieces are stored, for twice as many each time, and exactly where it is tight',
  async (t) => {
    const asked: number[] = []
    const limits = new ObjectLimits({ storageBytes: 0, tenantObjectBytes: 9 * P })
    const counting = new StepObjectCounting({
      ledger: {
        async reserve({ bytes, limitBytes, isNew }) {
          t.notOk(isNew)
          asked.push(bytes)
          return { outcome: bytes > limitBytes ? 'full' : 'reserved', usedBytes: 0 }
        },
        record: async () => 1,
      },
      ...{ limits, keepFinishedMs: 1, nowMs: () => 1 },
    })
    const piece = (index: number, bytes = P) =>
      counting.reserve(ACCESS, { id: 'x', upload: 'u', index, bytes })
    await piece(0, 10)
    for (let index = 1; index < 8; index++) await piece(index)
    t.strictSame(asked, [10, 2 * P, 4 * P, 8 * P])
    await piece(8)
    t.strictSame(
      asked.slice(4),
      [16 * P, 9 * P],
      'eleven ninths of the limit are enough for nine, and not for sixteen',
    )
    await piece(9)
    await piece(10)
    await t.rejects(piece(11), { code: 'QUOTA_EXCEEDED', message: /what its steps make has no room/ })
  },
)
