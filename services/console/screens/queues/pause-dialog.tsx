import { useState } from 'react'
import { AsCommand } from '../../components/as-command.tsx'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import type { Action } from '../../data/commands.ts'

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
      <AsCommand action={what === 'agent' ? pauseAgent(name) : pauseType(name, reason)} />
    </ConfirmDialog>
  )
}

function pauseAgent(agent: string): Action {
  const set = { paused: true }
  return {
    murmur: ['agents', 'set', agent, '--pause'],
    rest: { method: 'POST', path: `/v1/agent-policies/${agent}`, body: { set } },
    nats: { subject: 'murmur.agents.set-policy', body: { agent, set } },
  }
}

function pauseType(name: string, reason: string): Action {
  const body = { paused: true, ...(reason !== '' && { reason }) }
  return {
    murmur: ['tasks', 'pause-type', name, ...(reason === '' ? [] : ['--reason', reason])],
    rest: { method: 'POST', path: `/v1/task-types/${name}/pause`, body },
    nats: { subject: 'murmur.task-types.set-pause', body: { name, ...body } },
  }
}
