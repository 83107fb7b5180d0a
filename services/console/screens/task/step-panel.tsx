import { Link } from 'wouter'
import type { TaskState } from '#schemas/task.ts'
import { Icon } from '../../components/icon.tsx'
import { JsonTree } from '../../components/json-tree.tsx'
import { ClockTime, Duration, RelativeTime } from '../../components/relative-time.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import { AttemptDiff } from './attempt-diff.tsx'
import type { AttemptRecord } from './attempts.ts'
import { kindOfStep } from './step-text.ts'
import type { StreamedPart } from './streamed-parts.ts'
import { ValueView } from './value-view.tsx'
import { WhyWaiting } from './why-waiting-panel.tsx'

/** All of one step: how it is, why it waits, what went in and came out, its attempts, who had it and why. */
export function StepPanel({
  task,
  stepId,
  attempts,
  streamed,
  onRetryFrom,
}: {
  task: TaskState
  stepId: string
  attempts: ReadonlyMap<string, readonly AttemptRecord[]> | undefined
  streamed: StreamedPart | undefined
  onRetryFrom?: (() => void) | undefined
}) {
  const state = task.steps[stepId]
  const step = task.plan.steps.find(({ id }) => id === stepId)
  if (!state || !step) return null
  const records = attempts?.get(stepId) ?? []
  return (
    <section className="step-panel" aria-label={`Step ${stepId}`}>
      <header className="row">
        <h2>{stepId}</h2>
        <StatusBadge status={state.status} />
        <span className="dim">{kindOfStep(step)}</span>
        <span className="spring" />
        {onRetryFrom && (
          <button type="button" className="button small" onClick={onRetryFrom}>
            <Icon name="retry" /> Retry from here
          </button>
        )}
      </header>
      <WhyWaiting task={task} stepId={stepId} />
      <dl className="facts">
        {state.attempt > 0 && <Fact name="Attempt" value={String(state.attempt)} />}
        {state.dispatchedAtMs !== undefined && (
          <Fact name="Queued" value={<ClockTime atMs={state.dispatchedAtMs} />} />
        )}
        {state.dispatchedAtMs !== undefined && state.startedAtMs !== undefined && (
          <Fact
            name="In the queue"
            value={<Duration fromMs={state.dispatchedAtMs} toMs={state.startedAtMs} />}
          />
        )}
        {(state.startedAtMs ?? state.run?.sinceMs) !== undefined && (
          <Fact
            name="Run time"
            value={<Duration fromMs={(state.startedAtMs ?? state.run?.sinceMs)!} toMs={state.finishedAtMs} />}
          />
        )}
        {(state.instance ?? state.run?.instance) && (
          <Fact
            name="Instance"
            value={
              <Link
                href={`/agents?q=${encodeURIComponent((state.instance ?? state.run?.instance)!)}`}
                className="mono"
              >
                {state.instance ?? state.run?.instance}
              </Link>
            }
          />
        )}
        {state.wakeAtMs !== undefined && (
          <Fact name="Goes on" value={<RelativeTime atMs={state.wakeAtMs} />} />
        )}
        {state.placement && (
          <Fact name="Placed" value={`${state.placement.strategy}: ${state.placement.because}`} />
        )}
        {state.viaFallback && <Fact name="Output" value="of its fallback" />}
        {state.compensated && <Fact name="Compensation" value={state.compensated} />}
      </dl>
      {state.error && (
        <div className="step-error" role="group" aria-label="Error">
          <code className="code">{state.error.code}</code>
          <pre>{state.error.message}</pre>
        </div>
      )}
      {streamed && !state.output && (
        <details className="section" open>
          <summary>
            So far <span className="dim">streamed by attempt {streamed.attempt}</span>
          </summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long texts are scrolled with the keyboard */}
          <pre className="value-text streamed" tabIndex={0}>
            {streamed.cut > 0 && `… ${streamed.cut} characters before\n`}
            {streamed.text}
          </pre>
        </details>
      )}
      <details className="section" open={state.output !== undefined}>
        <summary>Output</summary>
        <ValueView value={state.output} name="output" />
      </details>
      <details className="section">
        <summary>
          Input <span className="dim">as the plan says it</span>
        </summary>
        <ValueView value={step.input ?? step.task?.input} name="input" />
      </details>
      {records.length > 0 && (
        <details className="section" open={records.length > 1}>
          <summary>
            Attempts <span className="dim number">{records.length}</span>
          </summary>
          <AttemptDiff records={records} />
        </details>
      )}
      {state.runs && Object.keys(state.runs).length > 0 && (
        <details className="section">
          <summary>
            Open runs <span className="dim number">{Object.keys(state.runs).length}</span>
          </summary>
          <JsonTree value={state.runs} name="runs" openDepth={1} />
        </details>
      )}
      <details className="section">
        <summary>Plan of the step</summary>
        <JsonTree value={step} name="step" />
      </details>
    </section>
  )
}

function Fact({ name, value }: { name: string; value: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}
