import { userInfo } from 'node:os'
import t from 'tap'
import { changeAlertRequestSchema } from '#schemas/alert.ts'
import { answerApprovalRequestSchema } from '#schemas/task-controls.ts'
import { userName } from '../../services/cli/user-name.ts'

t.test('it is that of the system, and may stand where services ask for one', async (t) => {
  t.equal(userName(), userInfo().username)
  t.ok(answerApprovalRequestSchema.shape.by.safeParse(userName()).success)
  t.ok(changeAlertRequestSchema.shape.by.safeParse(userName()).success)
})
