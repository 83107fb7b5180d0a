import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { OpenApprovalView } from '#schemas/task-controls.ts'
import { AsCommand } from '../../components/as-command.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { toast } from '../../components/toasts.tsx'
import { api, ask } from '../../data/api.ts'
import { type ProblemError, toProblemError } from '../../data/problem.ts'
import { knownAssignees, readNames } from './hand-on.ts'

/** Others are to decide: who, why, and whether whom it is for now may answer, too. */
export function HandOnDialog({
  view,
  onClose,
  onDone,
}: {
  view: OpenApprovalView
  onClose: () => void
  onDone: () => void
}) {
  const client = useQueryClient()
  const { taskId, stepId, attempt, approval } = view
  const [names, setNames] = useState('')
  const [keep, setKeep] = useState(false)
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<ProblemError>()
  const to = readNames(names)
  const body = { attempt, to, ...(keep && { keep }), ...(reason.trim() && { reason: reason.trim() }) }
  const handOn = async () => {
    setBusy(true)
    setProblem(undefined)
    try {
      const path = { id: taskId, step: stepId }
      await ask(api.POST('/v1/tasks/{id}/approvals/{step}/hand-on', { params: { path }, body }))
      toast({ title: `Handed on to ${to.join(', ')}`, detail: approval.title })
      onDone()
      await client.invalidateQueries({ queryKey: ['inbox'] })
    } catch (error) {
      setProblem(toProblemError(error))
      setBusy(false)
    }
  }
  return (
    <Dialog title="Hand it on" onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void handOn()
        }}
      >
        <p className="dim">{approval.title}</p>
        <label className="field">
          <span>To</span>
          <input
            required
            list="hand-on-names"
            value={names}
            placeholder="A person or a group; several with commas"
            onChange={(event) => setNames(event.target.value)}
          />
          <datalist id="hand-on-names">
            {knownAssignees(view).map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </label>
        <label className="row check">
          <input type="checkbox" checked={keep} onChange={(event) => setKeep(event.target.checked)} />
          Whom it is for now may answer, too
        </label>
        <label className="field">
          <span>Reason</span>
          <textarea
            rows={2}
            maxLength={1000}
            value={reason}
            placeholder="What they should know"
            onChange={(event) => setReason(event.target.value)}
          />
        </label>
        {problem && <ErrorPanel problem={problem} />}
        <AsCommand
          action={{
            murmur: [
              ...['hand-on', taskId, stepId],
              ...to.flatMap((name) => ['--to', name]),
              ...(keep ? ['--keep'] : []),
              ...(reason.trim() ? ['--reason', reason.trim()] : []),
            ],
            rest: { method: 'POST', path: `/v1/tasks/${taskId}/approvals/${stepId}/hand-on`, body },
            nats: { subject: 'murmur.approvals.hand-on', body: { taskId, stepId, ...body } },
          }}
        />
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            Back
          </button>
          <button type="submit" className="button primary" disabled={busy || to.length === 0}>
            Hand on
          </button>
        </div>
      </form>
    </Dialog>
  )
}
