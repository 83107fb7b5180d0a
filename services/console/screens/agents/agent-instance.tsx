import { useState } from 'react'
import type { AgentView } from '#schemas/agent.ts'
import type { DrainedInstance } from '#schemas/agent-drain.ts'
import { AsCommand } from '../../components/as-command.tsx'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { Icon } from '../../components/icon.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Badge } from '../../components/status-badge.tsx'
import { toast, toastProblem } from '../../components/toasts.tsx'
import { formatCount } from '../../data/format.ts'
import { toProblemError } from '../../data/problem.ts'
import { Load } from './agent-columns.tsx'
import { useSetDrain } from './use-agents.ts'

const MAX_REASON = 200

/** One instance: how it does, and whether it takes steps, to be changed. */
export function Instance({
  instance: each,
  canChange,
  isLast,
}: {
  instance: AgentView
  canChange: boolean
  /** No other one of its type takes steps. */
  isLast: boolean
}) {
  return (
    <li>
      <span className="row">
        <span className="mono">{each.instance}</span>
        {each.status !== 'ready' && <Badge tone="warn">{each.status}</Badge>}
        {(each.blockedMs ?? 0) > 1000 && <Badge tone="bad">stands still</Badge>}
        <span className="spring" />
        <Load inFlight={each.inFlight} capacity={each.capacity} />
      </span>
      <span className="dim small row">
        <span>version {each.version}</span>
        <span>
          started <RelativeTime atMs={each.startedAtMs} />
        </span>
        {each.completed !== undefined && (
          <span className="number">
            {formatCount(each.completed)} done, {formatCount(each.failed ?? 0)} failed
          </span>
        )}
        {each.queue !== undefined && <span>queue {each.queue}</span>}
        {(each.capabilities ?? []).map((name) => (
          <span key={name} className="chip">
            {name}
          </span>
        ))}
      </span>
      {each.drain && (
        <p role="status" className="small">
          {each.status === 'drained'
            ? 'It has nothing in work and takes nothing: it can be stopped.'
            : `It takes no new steps; ${formatCount(each.inFlight)} still ${each.inFlight === 1 ? 'runs' : 'run'}.`}{' '}
          Drained <RelativeTime atMs={each.drain.sinceMs} />
          {each.drain.reason && `: ${each.drain.reason}`}.
        </p>
      )}
      {canChange && (
        <DrainButton agent={each.type} instance={each.instance} isDrained={!!each.drain} isLast={isLast} />
      )}
    </li>
  )
}

/** One that is drained and not heard of: were it to start again, it would take nothing. */
export function GoneInstance({ drained, canChange }: { drained: DrainedInstance; canChange: boolean }) {
  const { agent, instance, sinceMs, reason } = drained
  return (
    <li>
      <span className="row">
        <span className="mono">{instance}</span>
        <Badge tone="warn">drained</Badge>
        <span className="dim small">not heard of</span>
      </span>
      <span className="dim small">
        Drained <RelativeTime atMs={sinceMs} />
        {reason && `: ${reason}`}. Forgotten an hour after it was last heard of.
      </span>
      {canChange && <DrainButton agent={agent} instance={instance} isDrained />}
    </li>
  )
}

function DrainButton({
  agent,
  instance,
  isDrained,
  isLast = false,
}: {
  agent: string
  instance: string
  isDrained: boolean
  isLast?: boolean
}) {
  const setDrain = useSetDrain()
  const [isAsking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const undrain = () =>
    void setDrain({ agent, instance, drain: false })
      .then(() => toast({ title: `${instance} takes steps again` }))
      .catch((error: unknown) => toastProblem(toProblemError(error), `${instance} was not changed`))
  const drain = async () => {
    await setDrain({ agent, instance, drain: true, ...(reason && { reason }) })
    toast({ title: `${instance} drains` })
  }
  const body = { drain: true, ...(reason && { reason }) }
  return (
    <div className="row instance-actions">
      {isDrained ? (
        <button
          type="button"
          className="button small"
          aria-label={`Let ${instance} take steps again`}
          onClick={undrain}
        >
          <Icon name="play" /> Take steps again
        </button>
      ) : (
        <button
          type="button"
          className="button small"
          aria-label={`Drain ${instance}`}
          onClick={() => setAsking(true)}
        >
          <Icon name="pause" /> Drain
        </button>
      )}
      {isAsking && (
        <ConfirmDialog
          title={`Drain ${instance}?`}
          action="Drain"
          isDangerous
          onClose={() => setAsking(false)}
          onConfirm={drain}
        >
          <p>
            It takes no new steps and finishes what it has.{' '}
            {isLast ? (
              <>
                No other instance of <strong>{agent}</strong> takes steps: what comes waits until one does.
              </>
            ) : (
              <>
                Other instances of <strong>{agent}</strong> go on.
              </>
            )}{' '}
            It stays drained when it starts again under this name, until it is let go on or was gone for an
            hour.
          </p>
          <label className="field">
            <span>Reason (optional)</span>
            <input maxLength={MAX_REASON} value={reason} onChange={({ target }) => setReason(target.value)} />
          </label>
          <AsCommand
            action={{
              murmur: [
                'agents',
                'drain',
                instance,
                '--agent',
                agent,
                ...(reason ? ['--reason', reason] : []),
              ],
              rest: { method: 'POST', path: `/v1/agents/${agent}/instances/${instance}/drain`, body },
              nats: { subject: 'murmur.agents.set-drain', body: { agent, instance, ...body } },
            }}
          />
        </ConfirmDialog>
      )}
    </div>
  )
}
