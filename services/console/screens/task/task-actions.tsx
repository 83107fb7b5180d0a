import { useState } from 'react'
import type { TaskState } from '#schemas/task.ts'
import { AsCommand } from '../../components/as-command.tsx'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { Icon } from '../../components/icon.tsx'
import { toast, toastProblem } from '../../components/toasts.tsx'
import { askPath } from '../../data/api.ts'
import { toProblemError } from '../../data/problem.ts'
import { actionsFor } from '../tasks/task-filter.ts'

/** What can be done with a task in its status, each also as a command. */
export function TaskActions({
  task,
  onDone,
  onRetry,
}: {
  task: TaskState
  onDone: () => void
  onRetry: () => void
}) {
  const [isCancelling, setCancelling] = useState(false)
  const [reason, setReason] = useState('')
  const possible = actionsFor(task.status)
  const post = async (verb: string, body: object = {}) => {
    await askPath(`/v1/tasks/${task.id}/${verb}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    onDone()
  }
  const now = (verb: string, done: string) =>
    void post(verb).then(
      () => toast({ title: done }),
      (error: unknown) => toastProblem(toProblemError(error), `It could not be ${done.toLowerCase()}`),
    )
  return (
    <>
      {possible.includes('pause') && (
        <button type="button" className="button" onClick={() => now('pause', 'Paused')}>
          <Icon name="pause" /> Pause
        </button>
      )}
      {possible.includes('resume') && (
        <button type="button" className="button primary" onClick={() => now('resume', 'Resumed')}>
          <Icon name="play" /> Resume
        </button>
      )}
      {possible.includes('cancel') && (
        <button type="button" className="button" onClick={() => setCancelling(true)}>
          <Icon name="stop" /> Cancel
        </button>
      )}
      {possible.includes('retry') && (
        <button type="button" className="button" onClick={onRetry}>
          <Icon name="retry" /> Retry…
        </button>
      )}
      {isCancelling && (
        <ConfirmDialog
          title="Cancel this task?"
          action="Cancel the task"
          isDangerous
          onClose={() => setCancelling(false)}
          onConfirm={async () => {
            await post('cancel', reason === '' ? {} : { reason })
            toast({ title: 'It will end' })
          }}
        >
          <p>What runs is told to stop, nothing new begins, and what has a compensation is undone.</p>
          <label className="field">
            <span>Reason (optional)</span>
            <input maxLength={1000} value={reason} onChange={(event) => setReason(event.target.value)} />
          </label>
          <AsCommand
            action={{
              murmur: ['cancel', task.id, ...(reason ? ['--reason', reason] : [])],
              rest: {
                method: 'POST',
                path: `/v1/tasks/${task.id}/cancel`,
                ...(reason && { body: { reason } }),
              },
              nats: { subject: 'murmur.tasks.cancel', body: { taskId: task.id, ...(reason && { reason }) } },
            }}
          />
        </ConfirmDialog>
      )}
    </>
  )
}

/** Pausing and resuming need no dialog; as commands they stand beside the task. */
export function PauseCommands({ task: { id, status } }: { task: TaskState }) {
  return actionsFor(status)
    .filter((action) => action === 'pause' || action === 'resume')
    .map((action) => (
      <AsCommand
        key={action}
        title={`${action === 'pause' ? 'Pause' : 'Resume'} it, as command`}
        action={{
          murmur: [action, id],
          rest: { method: 'POST', path: `/v1/tasks/${id}/${action}` },
          nats: { subject: `murmur.tasks.${action}`, body: { taskId: id } },
        }}
      />
    ))
}
