import { useState } from 'react'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'

/** Asks before steps of an agent, or tasks of a type, take nothing new. */
export function PauseDialog({
  what,
  name,
  onPause,
  onClose,
}: {
  what: 'agent' | 'task type'
  name: string
  onPause: (reason: string) => Promise<void>
  onClose: () => void
}) {
  const [reason, setReason] = useState('')
  return (
    <ConfirmDialog
      title={`Pause ${name}?`}
      action="Pause"
      isDangerous
      onConfirm={() => onPause(reason)}
      onClose={onClose}
    >
      {what === 'agent' ? (
        <p>No step for this type of agent is sent any more. What runs ends; what comes waits.</p>
      ) : (
        <>
          <p>Tasks of this type take no new step. What runs ends; deadlines go on.</p>
          <label className="field">
            <span>Reason (optional)</span>
            <input maxLength={500} value={reason} onChange={({ target }) => setReason(target.value)} />
          </label>
        </>
      )}
    </ConfirmDialog>
  )
}
