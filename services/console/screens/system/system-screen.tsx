import '../../components/plain-table.css'
import './system.css'
import { useMemo } from 'react'
import { Link } from 'wouter'
import type { EpochView, PartitionsView } from '#schemas/partition-epochs.ts'
import type { Column } from '../../components/data-table.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { Loading } from '../../components/loading.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { PlainTable } from '../../components/plain-table.tsx'
import { ClockTime, RelativeTime } from '../../components/relative-time.tsx'
import { Badge, type Tone } from '../../components/status-badge.tsx'
import { formatCount } from '../../data/format.ts'
import { toProblemError } from '../../data/problem.ts'
import { useUrlState } from '../../data/url-state.ts'
import { useStatus } from '../../data/use-status.ts'
import { useAgentPolicies } from '../agents/use-agents.ts'
import { DashboardLinks, TraceCard } from './dashboards.tsx'
import { IntegrityCard } from './integrity-card.tsx'
import { ServiceLevelsCard } from './service-levels-card.tsx'
import { StorageBars } from './storage-bars.tsx'
import { type Health, type PartHealth, partsOf } from './system-health.ts'
import { useIntegrity } from './use-integrity.ts'
import { usePartitions } from './use-partitions.ts'

const SIGNS: Readonly<Record<Health, string>> = { ok: '✓', warn: '!', bad: '✕' }

export default function SystemScreen() {
  const [state] = useUrlState(['trace'])
  const trace = state.text('trace')
  const status = useStatus()
  const partitions = usePartitions()
  const policies = useAgentPolicies()
  const integrity = useIntegrity()
  const { data } = status
  const parts = useMemo(
    () =>
      data
        ? partsOf(data, {
            partitions: partitions.data,
            dispatches: policies.data,
            integrity: integrity.data,
          })
        : [],
    [data, partitions.data, policies.data, integrity.data],
  )
  const worst: Health = parts.some(({ health }) => health === 'bad')
    ? 'bad'
    : parts.some(({ health }) => health === 'warn')
      ? 'warn'
      : 'ok'
  return (
    <div className="page">
      <PageHeader
        title={
          <>
            System{' '}
            {data && (
              <Badge tone={worst} sign={SIGNS[worst]}>
                {worst === 'ok'
                  ? 'all is well'
                  : worst === 'warn'
                    ? 'something is to be seen to'
                    : 'not well'}
              </Badge>
            )}
          </>
        }
        tab="System"
        meta={
          data && (
            <span>
              as of <ClockTime atMs={data.atMs} />
            </span>
          )
        }
      >
        <DashboardLinks />
      </PageHeader>
      {trace && <TraceCard trace={trace} />}
      {status.error && <ErrorPanel problem={toProblemError(status.error)} onRetry={status.refetch} />}
      {!data && !status.error && <Loading label="Asking all parts" />}
      {data && (
        <>
          <ul className="parts" aria-label="Parts of the system">
            {parts.map((part) => (
              <Part key={part.name} part={part} />
            ))}
          </ul>
          <div className="system-columns">
            <div className="stack">
              <ServiceLevelsCard levels={data.serviceLevels} />
              {integrity.data !== undefined && <IntegrityCard view={integrity.data} />}
            </div>
            <section className="card padded stack" aria-label="Storage">
              <h2>Storage</h2>
              {data.storage ? (
                <StorageBars levels={data.storage} />
              ) : (
                <p className="dim">No orchestrator says how full it is.</p>
              )}
            </section>
          </div>
          {partitions.data ? (
            <Partitions view={partitions.data} />
          ) : (
            partitions.error && <p className="dim">Partitions need a key with the scope policies:read.</p>
          )}
          {(data.sites?.length ?? 0) > 0 && (
            <>
              <h2>Sites</h2>
              <PlainTable
                label="Sites"
                columns={SITE_COLUMNS}
                rows={data.sites!}
                keyOf={({ site }) => site}
              />
            </>
          )}
        </>
      )}
    </div>
  )
}

function Part({ part: { name, health, text, to } }: { part: PartHealth }) {
  return (
    <li className={`card part ${health}`}>
      <span className="part-sign" aria-hidden="true">
        {SIGNS[health]}
      </span>
      <span>
        <strong>{to ? <Link href={to}>{name}</Link> : name}</strong>
        <span className="sr-only"> {health === 'ok' ? 'is well' : 'is not well'}: </span>
        <span className="part-text">{text}</span>
      </span>
    </li>
  )
}

const EPOCH_TONES: Readonly<Record<EpochView['state'], Tone>> = {
  current: 'ok',
  next: 'info',
  ending: 'warn',
}
const EPOCH_COLUMNS: readonly Omit<Column<EpochView>, 'width'>[] = [
  {
    id: 'partitions',
    title: 'Partitions',
    cell: ({ first, count }) => <span className="number">{`${first} – ${first + count - 1}`}</span>,
  },
  { id: 'state', title: 'State', cell: ({ state }) => <Badge tone={EPOCH_TONES[state]}>{state}</Badge> },
  {
    id: 'from',
    title: 'New tasks since',
    cell: ({ fromMs }) => (fromMs === undefined ? 'the beginning' : <RelativeTime atMs={fromMs} />),
  },
  {
    id: 'active',
    title: 'Tasks in flight',
    align: 'end',
    cell: ({ active }) => formatCount(active),
  },
]

function Partitions({ view }: { view: PartitionsView }) {
  return (
    <>
      <h2>
        Partitions of the log <span className="dim small">new tasks are spread over {view.partitions}</span>
      </h2>
      <PlainTable
        label="Partitions of the log"
        columns={EPOCH_COLUMNS}
        rows={view.epochs}
        keyOf={({ first }) => String(first)}
      />
    </>
  )
}

type SiteRow = NonNullable<NonNullable<ReturnType<typeof useStatus>['data']>['sites']>[number]
const SITE_COLUMNS: readonly Omit<Column<SiteRow>, 'width'>[] = [
  { id: 'site', title: 'Site', cell: ({ site }) => site },
  {
    id: 'link',
    title: 'Link',
    cell: ({ link, sinceMs }) => (
      <span className="row">
        <Badge tone={link === 'up' ? 'ok' : 'bad'}>{link}</Badge>
        <span className="dim">
          since <RelativeTime atMs={sinceMs} />
        </span>
      </span>
    ),
  },
  { id: 'waiting', title: 'Events waiting', align: 'end', cell: ({ waiting }) => formatCount(waiting) },
  { id: 'lost', title: 'Lost', align: 'end', cell: ({ lost }) => formatCount(lost) },
]
