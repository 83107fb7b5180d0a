import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { Link } from 'wouter'
import type { ApprovalField } from '#schemas/approval.ts'
import type { OpenApprovalView } from '#schemas/task-controls.ts'
import { AsCommand } from '../../components/as-command.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { Icon } from '../../components/icon.tsx'
import { JsonTree } from '../../components/json-tree.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { toast } from '../../components/toasts.tsx'
import { api, ask } from '../../data/api.ts'
import { type ProblemError, toProblemError } from '../../data/problem.ts'
import { emptyForm, readForm, readSubject } from './approval-form.ts'

/** A question of a task: what is to be approved, what is to be filled in, and the answer. */
export function ApprovalPanel({
  view,
  onDone,
  onHandOn,
}: {
  view: OpenApprovalView
  onDone: () => void
  onHandOn: () => void
}) {
  const client = useQueryClient()
  const {
    taskId,
    stepId,
    attempt,
    approval,
    subject,
    assignees,
    sinceMs,
    untilMs,
    escalations,
    handedOn = [],
  } = view
  const fields = approval.form ?? []
  const [form, setForm] = useState(() => emptyForm(fields))
  const [edited, setEdited] = useState<string>()
  const [comment, setComment] = useState('')
  const [isTried, setTried] = useState(false)
  const [busy, setBusy] = useState<'approved' | 'rejected'>()
  const [problem, setProblem] = useState<ProblemError>()
  const { values, faults } = readForm(fields, form)
  const read = edited === undefined ? undefined : readSubject(edited)
  const subjectFault = read && 'fault' in read ? read.fault : undefined
  const isFit = Object.keys(faults).length === 0 && subjectFault === undefined
  const bodyOf = (decision: 'approved' | 'rejected') => ({
    attempt,
    decision,
    ...(decision === 'approved' && fields.length > 0 && { values }),
    ...(decision === 'approved' && read && 'subject' in read && { subject: read.subject }),
    ...(comment.trim() && { comment: comment.trim() }),
  })
  const answer = async (decision: 'approved' | 'rejected') => {
    setTried(true)
    if (decision === 'approved' && !isFit) return
    setBusy(decision)
    setProblem(undefined)
    try {
      const path = { id: taskId, step: stepId }
      await ask(api.POST('/v1/tasks/{id}/approvals/{step}', { params: { path }, body: bodyOf(decision) }))
      toast({ title: decision === 'approved' ? 'Approved' : 'Pushed back', detail: approval.title })
      onDone()
      await client.invalidateQueries({ queryKey: ['inbox'] })
    } catch (error) {
      setProblem(toProblemError(error))
      setBusy(undefined)
    }
  }
  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        void answer('approved')
      }}
    >
      <header className="stack tight">
        <h2>{approval.title}</h2>
        <p className="dim row">
          <span>
            asked <RelativeTime atMs={sinceMs} />
          </span>
          {untilMs !== undefined && (
            <span>
              decided by time <RelativeTime atMs={untilMs} /> ({approval.onTimeout ?? 'fail'})
            </span>
          )}
          <Link href={`/tasks/${taskId}`}>
            {view.taskType} · {stepId}
          </Link>
        </p>
      </header>
      {approval.description && <p className="pre">{approval.description}</p>}
      <p className="row small">
        <span className="dim">For</span>
        {assignees.length === 0
          ? 'anybody'
          : assignees.map((name) => (
              <span key={name} className="chip">
                {name}
              </span>
            ))}
        {escalations > 0 && (
          <span className="dim">escalated {escalations === 1 ? 'once' : `${escalations} times`}</span>
        )}
      </p>
      <NextEscalation view={view} />
      {handedOn.length > 0 && (
        <ul className="plain small" aria-label="Handed on">
          {handedOn.map(({ to, by, reason, keep, atMs }) => (
            <li key={atMs}>
              <strong>{by}</strong> handed it on to {to.join(', ')}
              {keep && ', too'} <RelativeTime atMs={atMs} />
              {reason && `: ${reason}`}
            </li>
          ))}
        </ul>
      )}
      {subject !== undefined && (
        <section className="stack tight" aria-label="What is to be approved">
          <div className="row">
            <h3>What is to be approved</h3>
            {approval.editable && (
              <button
                type="button"
                className="button small"
                aria-pressed={edited !== undefined}
                onClick={() => setEdited(edited === undefined ? JSON.stringify(subject, null, 2) : undefined)}
              >
                <Icon name="draw" /> {edited === undefined ? 'Change it' : 'Leave it as it was'}
              </button>
            )}
          </div>
          {edited === undefined ? (
            <div className="subject">
              <JsonTree value={subject} />
            </div>
          ) : (
            <label className="field">
              <span className="sr-only">Changed, as JSON</span>
              <textarea
                rows={Math.min(16, edited.split('\n').length + 1)}
                value={edited}
                spellCheck={false}
                aria-invalid={subjectFault !== undefined}
                onChange={(event) => setEdited(event.target.value)}
              />
              {subjectFault && <span className="field-error">{subjectFault}</span>}
            </label>
          )}
        </section>
      )}
      {fields.map((field) => (
        <FormField
          key={field.name}
          field={field}
          value={form[field.name] ?? ''}
          fault={isTried ? faults[field.name] : undefined}
          onChange={(value) => setForm({ ...form, [field.name]: value })}
        />
      ))}
      <label className="field">
        <span>Comment</span>
        <textarea
          rows={2}
          maxLength={4000}
          value={comment}
          placeholder="What should be different, when it is pushed back"
          onChange={(event) => setComment(event.target.value)}
        />
      </label>
      {problem && <ErrorPanel problem={problem} />}
      <div className="actions start">
        <button type="submit" className="button primary" disabled={busy !== undefined}>
          <Icon name="check" /> {busy === 'approved' ? 'Approving…' : 'Approve'}
        </button>
        <button
          type="button"
          className="button"
          disabled={busy !== undefined}
          onClick={() => void answer('rejected')}
        >
          <Icon name="undo" /> {busy === 'rejected' ? 'Pushing back…' : 'Push back'}
        </button>
        <button type="button" className="button" disabled={busy !== undefined} onClick={onHandOn}>
          <Icon name="chevron-right" /> Hand on
        </button>
      </div>
      <AsCommand
        action={{
          murmur: ['approve', taskId, stepId],
          rest: { method: 'POST', path: `/v1/tasks/${taskId}/approvals/${stepId}`, body: bodyOf('approved') },
          nats: { subject: 'murmur.approvals.answer', body: { taskId, stepId, ...bodyOf('approved') } },
        }}
      />
    </form>
  )
}

/** Whom else it will be for when nobody decides. */
function NextEscalation({ view: { approval, escalations, sinceMs } }: { view: OpenApprovalView }) {
  const next = approval.escalation?.[escalations]
  if (!next) return null
  return (
    <p className="dim small">
      Escalates to {next.assignees.join(', ')} <RelativeTime atMs={sinceMs + next.afterMs} />
    </p>
  )
}

function FormField({
  field: { name, label, type, choices, required },
  value,
  fault,
  onChange,
}: {
  field: ApprovalField
  value: string | boolean
  fault: string | undefined
  onChange: (value: string | boolean) => void
}) {
  const id = useId()
  const about = { id, 'aria-invalid': fault !== undefined, 'aria-describedby': `${id}-fault` }
  if (type === 'boolean')
    return (
      <label className="row check" htmlFor={id}>
        <input
          {...about}
          type="checkbox"
          checked={value === true}
          onChange={(event) => onChange(event.target.checked)}
        />
        {label ?? name}
      </label>
    )
  return (
    <div className="field">
      <label htmlFor={id}>
        <strong>{label ?? name}</strong> {required ? '' : <span className="dim">(optional)</span>}
      </label>
      {type === 'choice' ? (
        <select {...about} value={String(value)} onChange={(event) => onChange(event.target.value)}>
          <option value="">Choose…</option>
          {choices?.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : (
        <input
          {...about}
          inputMode={type === 'string' ? 'text' : type === 'integer' ? 'numeric' : 'decimal'}
          value={String(value)}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
      <span id={`${id}-fault`} className="field-error" role={fault ? 'alert' : undefined}>
        {fault && `${label ?? name} ${fault}`}
      </span>
    </div>
  )
}
