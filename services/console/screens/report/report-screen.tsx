import '../../components/plain-table.css'
import './report.css'
import { useState } from 'react'
import { Link } from 'wouter'
import type { ReportSource } from '#schemas/report.ts'
import { EmptyState } from '../../components/empty-state.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { Icon } from '../../components/icon.tsx'
import { Loading } from '../../components/loading.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import { toProblemError } from '../../data/problem.ts'
import { useUrlState } from '../../data/url-state.ts'
import { FindingList } from './finding-list.tsx'
import { SourceView } from './source-view.tsx'
import { objectPath, useReport, useReportTask } from './use-report.ts'

export default function ReportScreen({ params }: { params: Readonly<Record<string, string>> }) {
  const id = params.id!
  const task = useReportTask(id)
  const isReady = task.data?.status === 'completed'
  const result = useReport(id, isReady)
  const problem = task.error ?? result.error
  const back = <Link href={`/tasks/${id}`}>Task {id.slice(0, 12)}</Link>
  if (problem && !result.data)
    return (
      <div className="page">
        <PageHeader title="Report" meta={back} />
        <ErrorPanel problem={toProblemError(problem)} onRetry={task.error ? task.refetch : result.refetch} />
      </div>
    )
  if (task.data && !isReady)
    return (
      <div className="page">
        <PageHeader title="Report" meta={back} />
        <EmptyState title="There is no report yet" icon="file">
          Its task is <StatusBadge status={task.data.status} />
          {task.data.error && (
            <>
              {' '}
              <code className="code">{task.data.error.code}</code> {task.data.error.message}
            </>
          )}
        </EmptyState>
      </div>
    )
  if (!task.data || !result.data) return <Loading label="Reading the report" />
  if (!result.data.report || !result.data.html)
    return (
      <div className="page">
        <PageHeader title="Report" meta={back} />
        <EmptyState title="This task made no report" icon="file">
          Its type is {task.data.type}.
        </EmptyState>
      </div>
    )
  const sources = (task.data.input as { sources?: ReportSource[] }).sources ?? []
  return <Report key={id} id={id} result={result.data} sources={Array.isArray(sources) ? sources : []} />
}

function Report({
  id,
  result: { report, html, json },
  sources,
}: {
  id: string
  result: NonNullable<ReturnType<typeof useReport>['data']>
  sources: readonly ReportSource[]
}) {
  const [state, set] = useUrlState(['finding', 'at'])
  const [shown, setShown] = useState<'report' | 'findings'>('report')
  const finding = report.findings.find((each) => each.id === state.text('finding'))
  const at = Number(state.text('at') ?? 0)
  const provenance = finding?.provenance[at]
  // The page is one document: only where it is scrolled to changes.
  const place = finding ? `#finding-${finding.id}` : ''
  return (
    <div className="page fixed report-page" data-shown={shown}>
      <PageHeader
        title={report.title}
        meta={
          <>
            <Link href={`/tasks/${id}`}>Task {id.slice(0, 12)}</Link>
            <span>
              made <RelativeTime atMs={report.generatedAtMs} />
            </span>
            <span className="number">
              {report.findings.length} findings from {report.sources.length}{' '}
              {report.sources.length === 1 ? 'file' : 'files'}
            </span>
          </>
        }
      >
        <span className="row report-switch" role="group" aria-label="What is shown">
          {(['report', 'findings'] as const).map((each) => (
            <button
              key={each}
              type="button"
              className="button"
              aria-pressed={shown === each}
              onClick={() => setShown(each)}
            >
              {each === 'report' ? 'Report' : 'Findings'}
            </button>
          ))}
        </span>
        <a className="button" href={objectPath(json.blob)} download="report.json">
          JSON
        </a>
        <a className="button" href={objectPath(html.blob)} download="report.html">
          <Icon name="file" /> Download
        </a>
      </PageHeader>
      <div className="report-columns">
        <iframe
          className="report-frame card"
          title={`Report: ${report.title}`}
          sandbox="allow-popups allow-popups-to-escape-sandbox"
          src={`${objectPath(html.blob)}?display=inline${place}`}
        />
        <div className="report-side">
          {provenance && (
            <SourceView
              provenance={provenance}
              report={report}
              sources={sources}
              onClose={() => set({ finding: undefined, at: undefined })}
            />
          )}
          <section className="card padded stack" aria-label="Findings and where they come from">
            <h2>Where it comes from</h2>
            {report.findings.length === 0 && <p className="dim">Nothing beyond chance was found.</p>}
            <FindingList
              findings={report.findings}
              chosen={finding && { finding: finding.id, at }}
              onChoose={(chosen, place) => set({ finding: chosen, at: String(place) })}
            />
          </section>
        </div>
      </div>
    </div>
  )
}
