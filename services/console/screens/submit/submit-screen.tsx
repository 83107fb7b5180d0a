import '../task/task.css'
import '../task/parts.css'
import './submit.css'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { useLocation } from 'wouter'
import type { Plan } from '#schemas/plan.ts'
import type { PlanTemplate, TemplateSummary } from '#schemas/plan-template.ts'
import type { CheckPlanResponse, SubmissionReceipt } from '#schemas/submission.ts'
import { AsCommand } from '../../components/as-command.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { Icon } from '../../components/icon.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { toast } from '../../components/toasts.tsx'
import { api, ask } from '../../data/api.ts'
import { formatDuration } from '../../data/format.ts'
import { type ProblemError, toProblemError } from '../../data/problem.ts'
import { useUrlState } from '../../data/url-state.ts'
import { StepGraph } from '../task/step-graph.tsx'
import { formOf, formOfTemplate } from './form-schema.ts'
import { SchemaForm } from './schema-form.tsx'
import { type Draft, PLAN_EXAMPLE, submissionOf, submitCommand } from './submission-draft.ts'

const CHECK_AFTER_MS = 350

/** A task to be submitted: a form of its type's schema or a plan, checked as it is written, with its picture and its commands. */
export default function SubmitScreen() {
  const [state, set] = useUrlState(['kind'])
  const kind = state.text('kind') ?? 'report'
  const templates = useQuery({
    queryKey: ['templates'],
    queryFn: ({ signal }) => ask(api.GET('/v1/templates', { params: { query: { limit: 100 } }, signal })),
  })
  const names = ((templates.data?.templates ?? []) as TemplateSummary[]).map(({ name }) => name)
  return (
    <div className="page">
      <PageHeader title="Submit a task" meta="Checked as you write; nothing runs before you submit." />
      <label className="field kind">
        <span>What</span>
        <select value={kind} onChange={(event) => set({ kind: event.target.value })}>
          <option value="report">report: from files to a report</option>
          <option value="monitor">monitor: from a camera to alerts</option>
          <option value="plan">plan: steps of your own</option>
          {names.map((name) => (
            <option key={name} value={`template:${name}`}>
              template {name}
            </option>
          ))}
        </select>
      </label>
      <SubmitForm key={kind} kind={kind} />
    </div>
  )
}

function SubmitForm({ kind }: { kind: string }) {
  const template = kind.startsWith('template:') ? kind.slice('template:'.length) : undefined
  const given = useQuery({
    queryKey: ['template', template],
    enabled: template !== undefined,
    queryFn: ({ signal }) =>
      ask(api.GET('/v1/templates/{name}', { params: { path: { name: template! } }, signal })),
  })
  const form = useMemo(() => {
    if (kind === 'report' || kind === 'monitor') return formOf(kind)
    const parameters = (given.data as { template?: PlanTemplate } | undefined)?.template?.parameters
    return parameters && { schema: formOfTemplate(parameters), example: {} }
  }, [kind, given.data])
  const [draft, setDraft] = useState<Draft>(() => ({
    kind,
    plan: JSON.stringify(PLAN_EXAMPLE, null, 2),
    input: (kind === 'report' || kind === 'monitor' ? formOf(kind).example : {}) as Record<string, unknown>,
    labels: '',
    priority: '',
    key: '',
  }))
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }))
  const built = useMemo(() => submissionOf(draft), [draft])
  const check = useCheck(built)
  const [, navigate] = useLocation()
  const [problem, setProblem] = useState<ProblemError>()
  const [isBusy, setBusy] = useState(false)
  const [selected, setSelected] = useState<string>()

  const submit = async () => {
    if (!('submission' in built)) return
    setBusy(true)
    setProblem(undefined)
    try {
      const receipt = (await ask(
        api.POST('/v1/tasks', { body: built.submission as never }),
      )) as unknown as SubmissionReceipt
      toast({ title: receipt.duplicate ? 'It was submitted before under this key' : 'Submitted' })
      navigate(`/tasks/${receipt.taskId}`)
    } catch (error) {
      setProblem(toProblemError(error))
      setBusy(false)
    }
  }

  return (
    <div className="submit-grid">
      <form
        className="card padded stack"
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        {kind === 'plan' ? (
          <label className="field">
            <span>Plan</span>
            <textarea
              className="plan-editor"
              rows={22}
              spellCheck={false}
              aria-invalid={'fault' in built}
              value={draft.plan}
              onChange={(event) => change({ plan: event.target.value })}
              onKeyDown={indentOnTab}
            />
          </label>
        ) : form ? (
          <SchemaForm schema={form.schema} value={draft.input} onChange={(input) => change({ input })} />
        ) : (
          <p className="dim">Loading the template…</p>
        )}
        <details className="section">
          <summary>Labels, priority, key</summary>
          <div className="stack">
            <label className="field">
              <span>
                Labels <span className="dim">name=value, one a line</span>
              </span>
              <textarea
                rows={2}
                value={draft.labels}
                onChange={(event) => change({ labels: event.target.value })}
              />
            </label>
            <label className="field">
              <span>Priority</span>
              <select value={draft.priority} onChange={(event) => change({ priority: event.target.value })}>
                <option value="">normal</option>
                <option value="0">critical</option>
                <option value="1">high</option>
                <option value="3">low</option>
              </select>
            </label>
            <label className="field">
              <span>
                Idempotency key <span className="dim">the same again is the same task</span>
              </span>
              <input
                maxLength={256}
                value={draft.key}
                onChange={(event) => change({ key: event.target.value })}
              />
            </label>
          </div>
        </details>
        {'fault' in built && (
          <p className="field-error" role="alert">
            {built.fault}
          </p>
        )}
        {problem && <ErrorPanel problem={problem} title="It was not taken" />}
        <div className="actions">
          <button type="submit" className="button primary" disabled={isBusy || 'fault' in built}>
            {isBusy ? 'Submitting…' : 'Submit'}
          </button>
        </div>
      </form>
      <div className="stack">
        <section className="card padded stack" aria-label="Check">
          <h2 className="row">
            Dry run{' '}
            {check.isFetching ? (
              <span className="dim small">checking…</span>
            ) : check.data ? (
              <span className="badge ok">
                <Icon name="check" size={12} /> would be taken
              </span>
            ) : null}
          </h2>
          {check.error ? <ErrorPanel problem={toProblemError(check.error)} /> : null}
          {check.data && (
            <>
              <StepGraph
                plan={check.data.plan as Plan}
                selected={selected}
                onSelect={setSelected}
                isNarrow={false}
              />
              <p className="dim">
                {check.data.plan.steps.length} steps in {check.data.stages.length} stages; it has to end
                within {formatDuration(check.data.deadlineMs)}.
              </p>
              {(check.data.warnings ?? []).map((warning) => (
                <p key={warning} className="why">
                  <Icon name="alert" /> {warning}
                </p>
              ))}
              <ol className="does">
                {check.data.plan.steps
                  .filter(({ id }) => selected === undefined || id === selected)
                  .map(({ id }) => (
                    <li key={id}>
                      <strong>{id}</strong> <span className="dim">{check.data!.does?.[id]}</span>
                    </li>
                  ))}
              </ol>
            </>
          )}
        </section>
        {'submission' in built && (
          <section className="card padded" aria-label="As command">
            <AsCommand
              isOpen
              action={{
                ...submitCommand(built.submission),
                rest: { method: 'POST', path: '/v1/tasks', body: built.submission },
                nats: { subject: 'murmur.tasks.submit', body: built.submission },
              }}
            />
          </section>
        )}
      </div>
    </div>
  )
}

/** What the submission would do, a moment after it was written. */
function useCheck(built: ReturnType<typeof submissionOf>) {
  const text = 'submission' in built ? JSON.stringify(built.submission) : undefined
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), CHECK_AFTER_MS)
    return () => clearTimeout(timer)
  }, [text])
  return useQuery({
    queryKey: ['plan-check', settled],
    enabled: settled !== undefined,
    staleTime: 30_000,
    queryFn: async ({ signal }) =>
      (await ask(
        api.POST('/v1/plans', { body: JSON.parse(settled!) as never, signal }),
      )) as unknown as CheckPlanResponse,
  })
}

/** Tab indents within the plan; Esc and then Tab leaves it, so that the keyboard is not caught. */
function indentOnTab(event: React.KeyboardEvent<HTMLTextAreaElement>): void {
  const area = event.currentTarget
  if (event.key === 'Escape') area.dataset.leaves = 'true'
  else if (event.key === 'Tab' && !event.shiftKey && area.dataset.leaves !== 'true') {
    event.preventDefault()
    area.setRangeText('  ', area.selectionStart, area.selectionEnd, 'end')
    area.dispatchEvent(new Event('input', { bubbles: true }))
  } else delete area.dataset.leaves
}
