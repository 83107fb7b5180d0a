import { Link } from 'wouter'
import { INTEGRITY_RULES, type IntegrityView } from '#schemas/integrity.ts'
import { PlainTable } from '../../components/plain-table.tsx'
import { ClockTime, RelativeTime } from '../../components/relative-time.tsx'
import { Badge } from '../../components/status-badge.tsx'
import { formatCount } from '../../data/format.ts'

/** What the auditor of the log has found: whether any task was lost, or anything of one happened twice. */
export function IntegrityCard({ view }: { view: IntegrityView | null }) {
  return (
    <section className="card padded stack" aria-label="Integrity of the log">
      <h2>Integrity of the log</h2>
      {view ? <Findings view={view} /> : <p className="dim">Nobody audits the log yet.</p>}
    </section>
  )
}

function Findings({ view }: { view: IntegrityView }) {
  const { lost, doubled, violations, sinceMs, events, ended, compared, late, skipped, open, behind } = view
  const isClean = violations === 0
  return (
    <>
      <p className="row">
        <Badge tone={isClean ? 'ok' : 'bad'} sign={isClean ? '✓' : '✕'}>
          {isClean ? 'no rule was broken' : `${violations} times a rule was broken`}
        </Badge>
        {view.isStale && <Badge tone="warn">nobody audits now</Badge>}
      </p>
      <p>
        <strong>
          {formatCount(lost)} lost, {formatCount(doubled)} doubled
        </strong>{' '}
        since <ClockTime atMs={sinceMs} />, by {view.instance}, <RelativeTime atMs={view.atMs} />
      </p>
      <dl className="fact-list">
        <Fact name="Events checked" value={events} />
        <Fact name="Tasks that ended" value={ended} />
        <Fact name="Compared with the store" value={compared} />
        <Fact name="Under way" value={open} />
        <Fact name="Behind the log" value={behind} />
        <Fact name="Late or twice, without effect" value={late} />
        <Fact name="Passed over" value={skipped} />
      </dl>
      {view.recent.length > 0 && (
        <PlainTable
          label="Rules that were broken"
          columns={COLUMNS}
          rows={view.recent}
          keyOf={({ rule, taskId, seq, atMs }) => `${rule} ${taskId} ${seq ?? atMs}`}
        />
      )}
    </>
  )
}

function Fact({ name, value }: { name: string; value: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="number">{formatCount(value)}</dd>
    </div>
  )
}

type Violation = IntegrityView['recent'][number]
const COLUMNS = [
  {
    id: 'task',
    title: 'Task',
    cell: ({ taskId }: Violation) => <Link href={`/tasks/${encodeURIComponent(taskId)}`}>{taskId}</Link>,
  },
  {
    id: 'rule',
    title: 'Rule',
    cell: ({ rule }: Violation) => <span title={rule}>{INTEGRITY_RULES[rule]}</span>,
  },
  { id: 'found', title: 'Found', cell: ({ message }: Violation) => message },
  { id: 'when', title: 'When', cell: ({ atMs }: Violation) => <RelativeTime atMs={atMs} /> },
]
