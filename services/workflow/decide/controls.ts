import type { TaskControl } from '#schemas/log-event.ts'
import type { LateReason } from './commands.ts'
import { endTask } from './task-ending.ts'
import type { TaskDraft } from './transitions.ts'

/** Does what somebody wants of a task. @returns why nothing came of it */
export function applyControl(draft: TaskDraft, body: TaskControl): LateReason | undefined {
  if (draft.state.status === 'compensating') return 'compensating'
  if (body.action === 'cancel') {
    endTask(draft, 'cancelled', { code: 'CANCELLED', message: body.reason ?? 'cancelled on request' })
    return undefined
  }
  return 'no-change'
}
