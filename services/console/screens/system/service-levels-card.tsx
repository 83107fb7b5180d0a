import type { ServiceLevels } from '#schemas/system-status.ts'
import { formatCount, formatDuration } from '../../data/format.ts'
import { budgetUsed, TASK_OBJECTIVE } from './system-health.ts'

/** What the system gave to those who use it, and how much of what may fail has failed. */
export function ServiceLevelsCard({ levels }: { levels: ServiceLevels }) {
  const { windowS, acceptedPerSecond, endedPerSecond, completed, failed, cancelled, errorRate, latencyMs } =
    levels
  const used = budgetUsed(levels, TASK_OBJECTIVE)
  const tone = used === undefined || used < 0.5 ? 'ok' : used <= 1 ? 'warn' : 'bad'
  return (
    <section className="card padded stack" aria-label="Service levels">
      <h2>
        Service levels <span className="dim small">of the last {formatDuration(windowS * 1000)}</span>
      </h2>
      <dl className="fact-list">
        <div>
          <dt>Accepted</dt>
          <dd className="big-number">{acceptedPerSecond} / s</dd>
        </div>
        <div>
          <dt>Ended</dt>
          <dd className="big-number">{endedPerSecond} / s</dd>
        </div>
        <div>
          <dt>Half within</dt>
          <dd className="big-number">{latencyMs ? formatDuration(latencyMs.p50) : '–'}</dd>
        </div>
        <div>
          <dt>95 % within</dt>
          <dd className="big-number">{latencyMs ? formatDuration(latencyMs.p95) : '–'}</dd>
        </div>
        <div>
          <dt>99 % within</dt>
          <dd className="big-number">{latencyMs ? formatDuration(latencyMs.p99) : '–'}</dd>
        </div>
        <div>
          <dt>Failed</dt>
          <dd className="big-number">{(errorRate * 100).toFixed(2)} %</dd>
        </div>
      </dl>
      <div>
        <span className="row">
          <strong>Error budget</strong>
          <span className="dim">{TASK_OBJECTIVE * 100} % of tasks are to complete</span>
          <span className="spring" />
          <span className="number">
            {used === undefined ? 'nothing has ended' : `${Math.round(used * 100)} % used`}
          </span>
        </span>
        <div
          className={`storage-bar ${tone}`}
          role="meter"
          aria-label="Error budget used"
          aria-valuenow={Math.round(Math.min(1, used ?? 0) * 100)}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuetext={used === undefined ? 'nothing has ended' : `${Math.round(used * 100)} %`}
        >
          <span className="storage-used" style={{ width: `${Math.min(1, used ?? 0) * 100}%` }} />
        </div>
        <p className="dim small">
          {formatCount(completed)} completed, {formatCount(failed)} failed, {formatCount(cancelled)}{' '}
          cancelled, as this edge has seen it. Every failed task counts here, its own fault or ours; Grafana
          has our faults alone, over 30 days.
        </p>
      </div>
    </section>
  )
}
