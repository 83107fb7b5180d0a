import './snooze.css'
import { useState } from 'react'
import { AsCommand } from '../../components/as-command.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { toast } from '../../components/toasts.tsx'
import { api, ask } from '../../data/api.ts'
import { nowMs } from '../../data/clock.ts'
import { formatTime } from '../../data/format.ts'
import { type ProblemError, toProblemError } from '../../data/problem.ts'
import { SNOOZE_SPANS, type SnoozeSpan, snoozeEnd } from './snooze-spans.ts'

/** For a while nobody is told of a camera, or of one of its rules. It has an end always. */
export function SnoozeDialog({
  camera,
  rule,
  person,
  onClose,
}: {
  camera: string
  rule: string | undefined
  person: string
  onClose: () => void
}) {
  const [isOneRule, setOneRule] = useState(rule !== undefined)
  const [span, setSpan] = useState<SnoozeSpan>('1 h')
  const [until, setUntil] = useState('')
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<ProblemError>()
  const untilMs = snoozeEnd(span, until, nowMs())
  const body = {
    camera,
    ...(isOneRule && rule !== undefined && { rule }),
    ...(untilMs !== undefined && { untilMs }),
    by: person,
    ...(reason.trim() && { reason: reason.trim() }),
  }
  const snooze = async () => {
    setBusy(true)
    setProblem(undefined)
    try {
      await ask(api.POST('/v1/snoozes', { body }))
      toast({ title: `${camera} is snoozed`, detail: `until ${formatTime(untilMs!, nowMs())}` })
      onClose()
    } catch (error) {
      setProblem(toProblemError(error))
      setBusy(false)
    }
  }
  return (
    <Dialog title={`Snooze ${camera}`} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void snooze()
        }}
      >
        <p className="dim">Nobody is told meanwhile. Alerts are raised and kept, marked as snoozed.</p>
        {rule !== undefined && (
          <label className="field">
            <span>What</span>
            <select
              value={isOneRule ? 'rule' : 'camera'}
              onChange={(event) => setOneRule(event.target.value === 'rule')}
            >
              <option value="rule">The rule {rule}</option>
              <option value="camera">Everything of {camera}</option>
            </select>
          </label>
        )}
        <fieldset className="spans">
          <legend>For how long</legend>
          {SNOOZE_SPANS.map((each) => (
            <button
              key={each}
              type="button"
              className="button small"
              aria-pressed={span === each}
              onClick={() => setSpan(each)}
            >
              {each}
            </button>
          ))}
        </fieldset>
        {span === 'until…' && (
          <label className="field">
            <span>Until</span>
            <input
              type="datetime-local"
              required
              value={until}
              onChange={(event) => setUntil(event.target.value)}
            />
          </label>
        )}
        <label className="field">
          <span>Reason (optional)</span>
          <input maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
        </label>
        {untilMs !== undefined && <p>It ends {formatTime(untilMs, nowMs())}.</p>}
        {problem && <ErrorPanel problem={problem} />}
        <AsCommand
          action={{
            murmur: untilMs === undefined ? undefined : snoozeArguments(body, untilMs - nowMs()),
            rest: { method: 'POST', path: '/v1/snoozes', body },
            nats: { subject: 'murmur.snoozes.add', body },
          }}
        />
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            Back
          </button>
          <button type="submit" className="button primary" disabled={busy || untilMs === undefined}>
            Snooze
          </button>
        </div>
      </form>
    </Dialog>
  )
}

function snoozeArguments(
  { camera, rule, reason }: { camera: string; rule?: string; reason?: string },
  forMs: number,
): string[] {
  return [
    ...['snooze', 'add', camera, '--for', `${Math.max(1, Math.round(forMs / 60_000))}m`],
    ...(rule === undefined ? [] : ['--rule', rule]),
    ...(reason === undefined ? [] : ['--reason', reason]),
  ]
}
