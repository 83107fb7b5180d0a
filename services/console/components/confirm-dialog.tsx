import { type ReactNode, useState } from 'react'
import { type ProblemError, toProblemError } from '../data/problem.ts'
import { Dialog } from './dialog.tsx'
import { ErrorPanel } from './error-panel.tsx'

/** Asks before something is done that can't be undone; stays open with the reason when it fails. */
export function ConfirmDialog({
  title,
  children,
  action,
  isDangerous = false,
  onConfirm,
  onClose,
}: {
  title: string
  children: ReactNode
  /** What the button says: a verb. */
  action: string
  isDangerous?: boolean
  onConfirm: () => Promise<void>
  onClose: () => void
}) {
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<ProblemError>()
  const confirm = async () => {
    setBusy(true)
    setProblem(undefined)
    try {
      await onConfirm()
      onClose()
    } catch (error) {
      setProblem(toProblemError(error))
      setBusy(false)
    }
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="stack">
        {children}
        {problem && <ErrorPanel problem={problem} />}
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            Back
          </button>
          <button
            type="button"
            className={`button ${isDangerous ? 'danger' : 'primary'}`}
            disabled={isBusy}
            onClick={() => void confirm()}
          >
            {isBusy ? 'Working…' : action}
          </button>
        </div>
      </div>
    </Dialog>
  )
}
